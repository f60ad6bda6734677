"""Laws of whole shows, on shows of chance: whatever happens in them, the engine stays patient, blind and steady."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Audience, Kind
from cueroom.show.rundown import Rundown
from pacing.rehearsal import Rehearsal, item, rundown

LENGTH_S = 360
TICK_S = 3

Script = list[list[ev.Event]]
"""What happens in every second of a show."""

a_few = settings(max_examples=6, deadline=None)


def a_sheet(**policy: object) -> Rundown:
    items = [item(f"V{number}", minutes=2, stock=400, batches=(60, 100, 240)) for number in range(1, 9)]
    return rundown(*items, duration_min=16, policy=policy)


def a_show_of_chance(dice: Random) -> Script:
    """Items that fade at their own pace, crowds, the unpaid, releases, comments that stop and start again."""
    sku, since, until, first = "V1", 0, 0, 0.0
    script: Script = []
    for second in range(LENGTH_S):
        now: list[ev.Event] = [ev.ViewerEntered(n=dice.randint(1, 60)), ev.RoomOnline(n=dice.randint(900, 1_100))]
        if second == until:
            sku, since, until = f"V{dice.randint(1, 8)}", second, second + dice.randint(40, 200)
            first = dice.uniform(0.5, 6)
            now.append(ev.ItemPresented(sku=sku))
        for number in range(round(dice.random() * 2 * first * 0.98 ** (second - since))):
            order, qty = f"o{second}-{number}", dice.choice((1, 1, 2))
            now.append(ev.OrderCreated(id=order, sku=sku, qty=qty))
            now += [ev.OrderPaid(id=order, sku=sku, qty=qty)] if dice.random() < 0.6 else []
        now += [ev.ViewerCommented(n=dice.randint(1, 9))] if second % 200 < 120 else []
        now += [ev.StockReleased(sku=sku, n=100)] if dice.random() < 0.01 else []
        script.append(now)
    return script


scripts = st.randoms(use_true_random=True).map(a_show_of_chance)


def played(script: Script, show: Rundown, each_tick: Callable[[Rehearsal], None] = lambda _: None) -> Rehearsal:
    """The script in a show, with something done after each tick."""
    rehearsal = Rehearsal(show, tick_s=TICK_S)
    for events in script:
        for event in events:
            rehearsal.apply(event)
        rehearsal.second += 1
        if rehearsal.second % TICK_S == 0:
            rehearsal.decide()
            each_tick(rehearsal)
    return rehearsal


@a_few
@given(script=scripts, dice=st.randoms(use_true_random=True))
def test_events_of_one_tick_in_any_order_give_the_same_cues(script: Script, dice: Random) -> None:
    shuffled = [dice.sample(events, len(events)) for events in script]
    assert played(script, a_sheet()).changes == played(shuffled, a_sheet()).changes


@a_few
@given(script=scripts, stop_every=st.integers(1, 40))
def test_stopped_saved_loaded_and_gone_on_is_never_stopped(script: Script, stop_every: int) -> None:
    def take_over(show: Rehearsal) -> None:
        if show.second // TICK_S % stop_every == 0:
            show.memory = msgspec.msgpack.decode(msgspec.msgpack.encode(show.memory), type=Memory)
            show.memory = msgspec.json.decode(msgspec.json.encode(show.memory), type=Memory)

    whole, halted = played(script, a_sheet()), played(script, a_sheet(), take_over)
    assert whole.changes == halted.changes
    assert whole.memory == halted.memory


@a_few
@given(script=scripts, stops_at=st.integers(30, LENGTH_S - 40), for_s=st.integers(4, 40))
def test_no_cue_is_issued_on_stale_data_and_none_stays(script: Script, stops_at: int, for_s: int) -> None:
    """A cue that is open already stays until the silence is too long for chance."""
    silenced: Script = [*script[:stops_at], *[[]] * for_s, *script[stops_at + for_s :]]
    stale_ms, blind_ms = 1000 * Policy().stale_s, 1000 * Policy().blind_after_s

    def nothing_but_blind(show: Rehearsal) -> None:
        age_ms = show.ledger.snapshot(show.now).age_ms
        if age_ms is None or age_ms > blind_ms:
            assert {cue.kind for cue in show.ledger.board.cues} <= {Kind.BLIND}

    show = played(silenced, a_sheet(), nothing_but_blind)
    assert all((cue.why.age_ms or 0) <= stale_ms for cue in show.cues if cue.kind is not Kind.BLIND)


@a_few
@given(script=scripts, at=st.integers(240, LENGTH_S - 90), for_s=st.integers(5, 90), bots=st.integers(100, 5_000))
def test_bots_that_enter_and_go_move_nothing(script: Script, at: int, for_s: int, bots: int) -> None:
    """Once the room is known, and in one that is steady but for them: chance itself would move as much."""

    def in_a_steady_room(second: int, events: list[ev.Event], with_bots: bool) -> list[ev.Event]:
        more = bots if with_bots and at <= second < at + for_s else 0
        told = [event for event in events if not isinstance(event, ev.ViewerEntered | ev.RoomOnline)]
        return [*told, ev.ViewerEntered(n=20 + more), ev.ViewerLeft(n=20 + more), ev.RoomOnline(n=1_000 + 2 * more)]

    def cued(with_bots: bool) -> list[tuple[int, str, str | None]]:
        steady = [in_a_steady_room(second, events, with_bots) for second, events in enumerate(script)]
        return [(cue.issued_at, cue.kind, cue.sku) for cue in played(steady, a_sheet()).cues]

    assert cued(True) == cued(False)


@a_few
@given(script=scripts, gap_s=st.integers(0, 90))
def test_two_cues_never_reach_the_host_within_the_least_gap(script: Script, gap_s: int) -> None:
    show = played(script, a_sheet(host_gap_s=gap_s))
    at = [cue.issued_at for cue in show.cues if cue.audience is not Audience.PRODUCER]
    assert all(later - sooner >= max(1, 1000 * gap_s) for sooner, later in pairwise(at))


@a_few
@given(script=scripts)
def test_the_host_never_has_two_open_cues(script: Script) -> None:
    def at_most_one(show: Rehearsal) -> None:
        assert sum(cue.audience is not Audience.PRODUCER for cue in show.ledger.board.cues) <= 1

    played(script, a_sheet(), at_most_one)


@a_few
@given(script=scripts)
def test_no_cue_asks_for_what_cannot_be_done(script: Script) -> None:
    def can_be_done(show: Rehearsal) -> None:
        snapshot = show.ledger.snapshot(show.now)
        for cue in show.ledger.board.cues:
            if cue.kind is Kind.RELEASE:
                assert snapshot.shelf(cue.sku or "").reserve > 0
            if cue.kind in {Kind.NEXT, Kind.ENCORE}:
                assert snapshot.shelf(cue.sku or "").left > 0
                assert show.ledger.board.live is not None
                assert cue.sku != show.ledger.board.live.sku

    played(script, a_sheet(), can_be_done)


@a_few
@given(script=scripts, factor=st.sampled_from([2, 7, 10, 100]))
def test_another_price_unit_changes_no_decision(script: Script, factor: int) -> None:
    def decided(prices: int) -> list[tuple[int, str, str | None, str, str]]:
        sheet = a_sheet()
        items = tuple(msgspec.structs.replace(each, price=each.price * prices) for each in sheet.items)
        show = played(script, rundown(*items, duration_min=16, goal=sheet.goal * prices))
        return [
            (cue.steps[-1].at if cue.steps else cue.issued_at, cue.kind, cue.sku, cue.why.rule, cue.state)
            for cue in show.changes
        ]

    assert decided(1) == decided(factor)


@a_few
@given(script=scripts, seconds=st.integers(-30_000_000, 30_000_000))
def test_the_same_show_at_another_time_has_the_same_cues(script: Script, seconds: int) -> None:
    def decided(shift_ms: int) -> list[tuple[int, str, str | None, dict[str, int | float | str | None]]]:
        sheet = a_sheet()
        moved = msgspec.structs.replace(sheet, starts_at=sheet.starts_at + shift_ms)
        show = played(script, moved)
        return [(cue.issued_at - moved.starts_at, cue.kind, cue.sku, cue.why.numbers) for cue in show.cues]

    assert decided(0) == decided(1_000 * seconds)


@a_few
@given(rate=st.floats(0.3, 6), spare=st.integers(1, 600), more=st.integers(1, 600))
def test_more_stock_never_makes_a_stock_cue_earlier(rate: float, spare: int, more: int) -> None:
    """Of items that last for a minute: what is gone before that is not worth a word. `next` would speak first."""

    def first_at(stock: int) -> float:
        sheet = rundown(item("V1", stock=stock), item("V2"), item("V3"), policy={"off": ["next"]})
        show = Rehearsal(sheet, tick_s=TICK_S)
        show.present("V1")
        show.play(180, {"V1": rate})
        return min((cue.issued_at for cue in show.of(Kind.STOCK)), default=float("inf"))

    stock = round(60 * rate) + spare
    assert first_at(stock) <= first_at(stock + more)


@pytest.mark.parametrize(("rate", "sells_s"), [(1, 90), (1, 240), (2, 120)])
def test_an_item_that_no_longer_sells_is_left_and_expected_to_bring_less_and_less(rate: int, sells_s: int) -> None:
    """In a steady room, while the other items promise more and orders of before are still being paid."""
    show = Rehearsal(rundown(), TICK_S)
    show.present("V1")
    for _ in range(30):
        show.order("V1", paid=False)
    show.play(sells_s, {"V1": rate})
    outlooks = []
    for number in range(30):
        show.apply(ev.OrderPaid(id=f"o{number + 1}", sku="V1", qty=1))
        show.play(2 * TICK_S)
        assert show.decision is not None
        outlooks.append(show.decision.outlook)
    promises = [outlook.items["V1"].promise_per_min or 0 for outlook in outlooks]
    assert all(later <= 1.001 * sooner for sooner, later in pairwise(promises))
    assert promises[-1] < promises[0] / 5
    assert (outlooks[-1].plan.forecast or 0) < (outlooks[0].plan.forecast or 0)
    assert "rate_below_next" in {cue.why.rule for cue in show.of(Kind.NEXT)}


@a_few
@given(script=scripts, lost_at=st.integers(60, LENGTH_S - 60), for_s=st.integers(9, 300))
def test_a_feed_that_comes_back_is_heard_before_an_item_is_left_for_what_it_sells(
    script: Script, lost_at: int, for_s: int
) -> None:
    broken: Script = [*script[:lost_at], *[[]] * for_s, *script[lost_at:]]
    back_at = a_sheet().starts_at + 1000 * (lost_at + for_s)
    show = played(broken, a_sheet())
    cues = [cue for cue in show.of(Kind.NEXT) if cue.why.rule == "rate_below_next"]
    assert not [cue for cue in cues if back_at <= cue.issued_at < back_at + 30_000]
