"""Laws of the load generator's frames: what it sends is what a feed would."""

from benches.load import Frames, Load
from cueroom.show import events as ev
from cueroom.show.wire import MSGPACK, Batch

LOAD = Load(urls=[], keys=[], batch=50, orders=0.3, skus=3, run=7)


def batch_of(frames: Frames, seq: int, feed: int = 0) -> list[ev.Event]:
    batch = MSGPACK.decode_batch(frames.frame(seq, feed), LOAD.batch)
    assert isinstance(batch, Batch)
    assert batch.seq == seq
    return [event for events in batch.slices for event in events if isinstance(event, ev.Event)]


def test_a_frame_is_a_batch_of_good_events_of_which_the_share_are_orders() -> None:
    events = batch_of(Frames(LOAD), 4)
    assert len(events) == 50
    assert sum(isinstance(event, ev.OrderEvent) for event in events) == 15
    assert all(isinstance(event.time, int) and event.time > 1_700_000_000_000 for event in events)


def test_an_order_is_created_in_one_batch_and_paid_in_the_next_and_never_again() -> None:
    frames = Frames(LOAD)
    told = [
        (type(event), event.id)
        for feed in (1, 2)
        for seq in range(2, 8)
        for event in batch_of(frames, seq, feed)
        if isinstance(event, ev.OrderEvent)
    ]
    assert len(set(told)) == len(told) == 180
    assert {order for kind, order in told if kind is ev.OrderPaid} == {
        order for kind, order in told if kind is ev.OrderCreated
    }
