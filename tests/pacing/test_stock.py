"""Stock: the next batch before the shelf is empty, and a word when an item is nearly gone."""

import pytest

from cueroom.show import events as ev
from cueroom.show.cues import Audience, CueState, Kind
from pacing.rehearsal import Rehearsal, fading, figure, item, rundown

BATCHED = item("V1", stock=1_000, batches=(200, 300, 500))


def played(rate: float, seconds: int) -> Rehearsal:
    show = Rehearsal(rundown(BATCHED, item("V2")), tick_s=1)
    show.present("V1")
    return show.play(seconds, {"V1": rate})


def test_a_batch_is_asked_for_before_the_shelf_is_empty() -> None:
    show = played(2.0, 80)
    cue = show.of(Kind.RELEASE)[0]
    assert cue.why.rule == "cover_short"
    assert cue.why.numbers["units"] == 300
    assert cue.audience is Audience.PRODUCER
    assert show.ledger.snapshot(show.now).shelf("V1").on_shelf > 0


def test_of_an_item_that_is_not_on_air_yet_the_reason_tells_its_start_and_no_sales() -> None:
    show = Rehearsal(rundown(item("V1"), item("V2", stock=1_000, batches=(20, 980)), item("V3")))
    show.present("V1")
    show.play(420, fading("V1", 6.0, 40))
    assert {(cue.sku, cue.why.rule) for cue in show.of(Kind.RELEASE)} == {("V2", "cover_short_at_start")}


def test_no_release_without_a_batch_in_reserve() -> None:
    show = Rehearsal(rundown(item("V1", stock=100), item("V2")), tick_s=1)
    show.present("V1")
    assert not show.play(80, {"V1": 1.2}).of(Kind.RELEASE)


def test_no_release_while_the_shelf_lasts() -> None:
    show = Rehearsal(rundown(item("V1", stock=1_000, batches=(800, 200)), item("V2")), tick_s=1)
    show.present("V1")
    assert not show.play(120, {"V1": 0.2}).of(Kind.RELEASE)


def test_a_quiet_moment_takes_no_release_back() -> None:
    show = played(2.0, 30)
    asked = show.of(Kind.RELEASE)[-1]
    show.play(10, {"V1": 0.8})
    assert asked.id in {cue.id for cue in show.ledger.board.cues}


def test_what_was_asked_for_stays_asked_for_until_its_time_is_over_though_little_sells_any_more() -> None:
    show = played(2.0, 30)
    asked = show.of(Kind.RELEASE)[-1]
    show.play(90, {"V1": 0.2})
    [end] = [cue for cue in show.changes if cue.id == asked.id and not cue.is_open]
    assert end.state is CueState.EXPIRED


def test_no_release_is_asked_for_by_the_first_seconds_promise() -> None:
    show = Rehearsal(rundown(item("V1", stock=1_000, batches=(30, 970)), item("V2")), tick_s=1)
    show.present("V1")
    assert not show.play(4, {"V1": 0.5}).of(Kind.RELEASE)
    assert show.play(4, {"V1": 0.5}).of(Kind.RELEASE)


@pytest.mark.parametrize(("stock", "told"), [(400, True), (40_000, False)])
def test_an_item_that_sells_out_in_seconds_is_released_at_once(stock: int, told: bool) -> None:
    batched = item("V1", stock=2 * stock, batches=(stock, stock))
    show = Rehearsal(rundown(batched, item("V2"), policy={"off": ["next"]}), tick_s=1)
    show.present("V1")
    assert bool(show.play(2, {"V1": 60.0}).of(Kind.RELEASE)) is told


def test_a_few_orders_in_a_row_are_no_rush() -> None:
    batched = item("V1", stock=1_000, batches=(60, 940))
    show = Rehearsal(rundown(batched, item("V2"), goal=1_000_000, policy={"off": ["next"]}), tick_s=1)
    show.present("V1")
    show.play(200, {"V1": 0.1})
    for _ in range(4):
        show.order("V1")
        show.play(1)
    assert 0 < show.ledger.snapshot(show.now).shelf("V1").on_shelf < 40
    assert not show.of(Kind.RELEASE)


def test_a_release_refused_is_asked_for_again_soon_and_each_time_later() -> None:
    show = played(2.0, 30)
    asked = len(show.of(Kind.RELEASE))
    for number in (1, 2):
        open_cue = next(cue for cue in show.ledger.board.cues if cue.kind is Kind.RELEASE)
        show.answer(open_cue, CueState.DISMISSED)
        show.play(8 * number - 1, {"V1": 2.0})
        assert len(show.of(Kind.RELEASE)) == asked + number - 1
        show.play(2, {"V1": 2.0})
        assert len(show.of(Kind.RELEASE)) == asked + number


def test_a_first_batch_too_small_for_the_rush_is_followed_before_the_item_is_on_air() -> None:
    show = Rehearsal(rundown(item("V1", minutes=2), item("V2", stock=1_000, batches=(20, 980))), tick_s=1)
    show.present("V1")
    assert {cue.sku for cue in show.play(90, {"V1": 2.0}).of(Kind.RELEASE)} == {"V2"}


def test_the_next_items_batch_stays_asked_for_when_the_present_one_picks_up() -> None:
    items = (item("V1"), item("V2", stock=1_000, batches=(20, 980)), *(item(f"V{number}") for number in range(3, 7)))
    show = Rehearsal(rundown(*items), tick_s=1)
    show.present("V1")
    while not show.of(Kind.RELEASE):
        show.play(1, fading("V1", 6.0, 40, base=0.2))
    [asked] = show.of(Kind.RELEASE)
    show.play(20, {"V1": 12.0})
    assert asked.sku == "V2"
    assert asked.id in {cue.id for cue in show.ledger.board.cues}


def test_an_item_far_from_the_air_keeps_its_reserve() -> None:
    show = Rehearsal(rundown(item("V1"), item("V2"), item("V3", stock=1_000, batches=(20, 980))), tick_s=1)
    show.present("V1")
    assert not show.play(90, {"V1": 2.0}).of(Kind.RELEASE)


def test_an_item_that_was_never_on_air_gets_one_batch_ahead_however_long_it_waits() -> None:
    show = Rehearsal(rundown(item("V1", minutes=2), item("V2", stock=1_000, batches=(20,) * 50)), tick_s=1)
    show.present("V1")
    for _ in range(300):
        show.play(1, {"V1": 2.0})
        for cue in show.ledger.board.cues:
            if cue.kind is Kind.RELEASE:
                show.apply(ev.StockReleased(sku="V2", n=20))
    assert [cue.sku for cue in show.of(Kind.RELEASE)] == ["V2"]


def test_people_who_release_faster_than_they_change_the_item_are_asked_only_once_it_is_called_for() -> None:
    items = (item("V1"), item("V2", stock=1_000, batches=(5, 995)), *(item(f"V{number}") for number in range(3, 7)))
    show = Rehearsal(rundown(*items, policy={"release_lead_s": 10.0}), tick_s=1)
    show.present("V1")
    while not show.of(Kind.RELEASE):
        show.play(1, fading("V1", 6.0, 40, base=0.2))
    assert [cue.sku for cue in show.of(Kind.NEXT)] == ["V2"]


def test_the_batch_of_a_call_that_nobody_answered_stays_asked_for_until_it_is_called_again() -> None:
    show = Rehearsal(rundown(item("V1", stock=10_000, batches=(900, 9_100)), item("V2"), duration_min=30))
    show.present("V1")
    show.play(300, fading("V1", 8.0, 60, base=0.5))
    show.present("V2")
    show.play(600, {"V2": 0.02})
    assert len(show.of(Kind.ENCORE)) > 1
    called_at = show.of(Kind.ENCORE)[0].issued_at
    ends = [cue.state for cue in show.changes if cue.kind is Kind.RELEASE and cue.issued_at > called_at]
    assert ends
    assert CueState.WITHDRAWN not in ends


def test_the_cue_goes_when_the_batch_is_on_the_shelf() -> None:
    show = played(2.0, 80)
    show.apply(ev.StockReleased(sku="V1", n=300))
    show.play(2, {"V1": 2.0})
    assert Kind.RELEASE not in {cue.kind for cue in show.ledger.board.cues}


@pytest.mark.parametrize(("released", "batch"), [(0, 300), (300, 500), (400, 400), (800, 0)])
def test_the_next_batch_is_the_sheets_whatever_was_released(released: int, batch: int) -> None:
    show = Rehearsal(rundown(BATCHED))
    if released:
        show.apply(ev.StockReleased(sku="V1", n=released))
    assert BATCHED.next_batch(show.ledger.snapshot(show.now).shelf("V1").reserve) == batch


def test_an_item_nearly_gone_is_told_with_its_cover() -> None:
    show = Rehearsal(rundown(item("V1", stock=260), item("V2")), tick_s=1)
    show.present("V1")
    show.play(60, {"V1": 2.0})
    cue = show.of(Kind.STOCK)[0]
    assert figure(cue, "cover_min") == pytest.approx(figure(cue, "left") / figure(cue, "units_per_min"), abs=0.11)


def test_what_is_nearly_gone_stays_so_for_a_few_orders_less() -> None:
    show = Rehearsal(rundown(item("V1", stock=320), item("V2"), policy={"off": ["next"]}), tick_s=1)
    show.present("V1")
    while not show.of(Kind.STOCK):
        show.play(1, {"V1": 2.0})
    show.play(20, {"V1": 1.0})
    assert Kind.STOCK in {cue.kind for cue in show.ledger.board.cues}


def test_a_batch_asked_for_stays_asked_for_when_the_orders_fall_silent() -> None:
    show = played(2.0, 30)
    [asked] = [cue for cue in show.ledger.board.cues if cue.kind is Kind.RELEASE]
    while not show.of(Kind.BLIND):
        show.play(1)
    assert asked.id in {cue.id for cue in show.ledger.board.cues}
    assert len(show.of(Kind.RELEASE)) == len(show.play(60).of(Kind.RELEASE))
