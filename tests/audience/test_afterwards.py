"""After the simulated sale: what was paid leaves once, and a complaint goes its way to the end."""

from typing import Any

import msgspec

from cueroom.audience.afterwards import PACKED_PER_S, Afterwards
from cueroom.show.events import AnyEvent

Event = dict[str, Any]
START = 1_800_000_000_000


def _play(orders: int, seconds: int, *, refunded: int = 0) -> list[Event]:
    desk = Afterwards(7)
    told: list[Event] = []
    paid = [{"type": "order.paid", "id": str(number)} for number in range(orders)]
    back = [{"type": "order.refunded", "id": str(number)} for number in range(refunded)]
    for second in range(seconds):
        told += desk.step(paid + paid[::7] + back if second == 0 else [], START + second * 1000)
    return told


def _ids(told: list[Event], what: str) -> list[str]:
    return [event["id"] for event in told if event["type"] == what]


def test_every_paid_order_leaves_once_and_no_faster_than_it_can_be_packed() -> None:
    shipped = _ids(_play(1_000, 60), "parcel.shipped")
    assert len(shipped) == len(set(shipped)) == 60 * PACKED_PER_S
    assert sorted(_ids(_play(300, 60), "parcel.shipped"), key=int) == [str(number) for number in range(300)]


def test_what_was_refunded_before_it_was_packed_stays() -> None:
    assert set(_ids(_play(100, 60, refunded=40), "parcel.shipped")) == {str(number) for number in range(40, 100)}


def test_a_complaint_is_opened_answered_and_closed_in_that_order() -> None:
    told = _play(4_000, 2_000)
    opened = _ids(told, "service.opened")
    assert opened
    for order in opened:
        times = {event["type"]: event["time"] for event in told if event["id"] == order}
        assert times["service.opened"] <= times["service.answered"] <= times["service.closed"]


def test_all_of_it_is_of_the_contract() -> None:
    told = _play(4_000, 2_000)
    assert len(msgspec.convert(told, list[AnyEvent])) == len(told)
    assert {event["type"] for event in told} == {
        "parcel.shipped",
        "service.opened",
        "service.answered",
        "service.closed",
    }


def test_the_same_seed_tells_the_same() -> None:
    assert _play(500, 200) == _play(500, 200)
