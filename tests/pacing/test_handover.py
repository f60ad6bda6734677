"""Hand-over and wrap: the next host is told in time, the end only when nothing is left."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Cue, Kind
from cueroom.show.rundown import Item
from pacing.rehearsal import Rehearsal, fading, figure, item, rundown

GUEST = "guest"
FADING = fading("V1", 6.0, 40, base=0.2)


def played(*items: Item, seconds: int = 400, **changes: object) -> Rehearsal:
    show = Rehearsal(rundown(*items, *(item(f"V{number}") for number in range(3, 7)), **changes))
    show.present("V1")
    return show.play(seconds, FADING)


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [("lead", "lead", False), ("lead", GUEST, True), (GUEST, "lead", True), (GUEST, GUEST, False)],
)
def test_a_hand_over_is_told_where_the_next_item_is_anothers(now: str, then: str, told: bool) -> None:
    cues = played(item("V1", host=now), item("V2", host=then)).of(Kind.HANDOVER)
    assert bool(cues) is told
    assert all(cue.why.numbers["host"] == then for cue in cues)


def test_an_item_sold_out_hands_over_to_the_host_of_the_one_after() -> None:
    items = (item("V1"), item("V2", host=GUEST, stock=0))
    assert not played(*items).of(Kind.HANDOVER)


def told_of(guest_per_s: float, items: int = 2) -> Cue:
    """The hand-over to a guest who sold so many items so well, where the lead sold two, three a second at first."""
    rates = {f"G{number}": guest_per_s for number in range(items)} | {"L0": 3.0, "L1": 3.0}
    shown = [item(sku, host=GUEST if sku.startswith("G") else "lead") for sku in rates]
    show = Rehearsal(rundown(*shown, item("V8", host=GUEST), item("V9"), item("V10"), duration_min=60), tick_s=5)
    for sku, per_s in rates.items():
        show.present(sku)
        for half_minute in range(12):
            show.play(30, {sku: per_s * (0.02 + 0.6**half_minute)})
    return next(cue for cue in show.of(Kind.HANDOVER) if cue.sku == "V8")


def test_a_hand_over_says_how_the_next_host_sells_against_the_present_one_more_surely_the_more_was_shown() -> None:
    worse, better, surely_better = (
        figure(told_of(per_s, items), "yield_pct") for per_s, items in ((1.0, 2), (9.0, 1), (9.0, 3))
    )
    assert worse < 100 < better < surely_better


def test_of_a_host_who_has_shown_nothing_no_yield_is_told() -> None:
    cue = played(item("V1"), item("V2", host=GUEST)).of(Kind.HANDOVER)[0]
    assert cue.why.rule == "next_host"
    assert "yield_pct" not in cue.why.numbers


def test_nobody_hands_over_while_the_item_sells_on() -> None:
    show = Rehearsal(rundown(item("V1"), item("V2", host=GUEST), *(item(f"V{number}") for number in range(3, 7))))
    show.present("V1")
    assert not show.play(240, {"V1": 8.0}).of(Kind.HANDOVER)


@pytest.mark.parametrize("min_minutes", [0, 3])
def test_nobody_hands_over_before_the_item_may_be_left(min_minutes: float) -> None:
    reaction_s, least_s = Policy().reaction_s, max(Policy().next_least_s, 60 * min_minutes)
    cue = played(item("V1", min_minutes=min_minutes), item("V2", host=GUEST)).of(Kind.HANDOVER)[0]
    assert cue.issued_at >= rundown().starts_at + 1000 * (least_s - reaction_s)


def test_a_host_without_a_name_in_the_sheet_goes_by_the_id() -> None:
    cue = played(item("V1"), item("V2", host="stranger")).of(Kind.HANDOVER)[0]
    assert cue.why.numbers["host_name"] == "stranger"


END_S = 300


def until(second: int, *items: Item, **changes: object) -> Rehearsal:
    """A show of five minutes at that second; its first item has been on air all the time."""
    show = Rehearsal(rundown(*(items or (item("V1", encore=False),)), duration_min=END_S / 60, **changes))
    show.present("V1")
    return show.play(second, {"V1": 1.0})


def test_items_that_find_no_time_any_more_are_told_before_the_end() -> None:
    cues = until(END_S - 2, item("V1"), item("V2"), item("V3"), policy={"off": ["next"]}).of(Kind.WRAP)
    assert [cue.why.rule for cue in cues] == ["items_left"]
    assert figure(cues[0], "items") == 2


def test_no_end_is_told_while_the_last_item_still_finds_its_time() -> None:
    assert not until(END_S - 110, item("V1"), item("V2"), policy={"off": ["next"]}).of(Kind.WRAP)


def test_a_show_that_runs_over_hears_so_every_ten_minutes() -> None:
    cues = until(END_S + 1_500).of(Kind.WRAP)
    assert [cue.why.rule for cue in cues] == ["time_up", "over", "over", "over"]
    assert [round(figure(cue, "over_min")) for cue in cues[1:]] == [1, 10, 20]


def test_a_show_that_ends_in_time_hears_of_no_overtime() -> None:
    show = until(END_S + 30)
    show.apply(ev.ShowEnded())
    assert [cue.why.rule for cue in show.play(900).of(Kind.WRAP)] == ["time_up"]


def test_because_of_the_clock_nobody_is_called_too_late_to_follow_and_no_time_left_is_below_nothing() -> None:
    cues = until(END_S + 900, *(item(f"V{number}") for number in range(1, 7))).of(Kind.NEXT, Kind.WRAP)
    left_s = [END_S - (cue.issued_at - rundown().starts_at) / 1000 for cue in cues if cue.why.rule == "time_needed"]
    assert min(left_s) > Policy().reaction_s
    assert "overtime" in {cue.why.rule for cue in cues}
    told = [cue.why.numbers.get(name) for cue in cues for name in ("remaining_min", "over_min")]
    assert all(float(each) > 0 for each in told if each is not None)


@pytest.mark.parametrize(("stock", "told"), [(60, True), (100_000, False)])
def test_once_all_is_sold_the_show_may_end_early(stock: int, told: bool) -> None:
    cues = until(150, item("V1", stock=stock)).of(Kind.WRAP)
    assert [cue.why.rule for cue in cues] == ["all_sold"] * told


def test_no_end_is_told_while_what_is_left_still_sells() -> None:
    show = until(30, item("V1", stock=20_000), item("V2", stock=0))
    show.apply(ev.StockCounted(sku="V1", n=390))
    assert not show.play(80, {"V1": 2.0}).of(Kind.WRAP)
    show.apply(ev.StockCounted(sku="V1", n=0))
    assert [cue.why.rule for cue in show.play(40, {"V1": 0.2}).of(Kind.WRAP)] == ["all_sold"]
