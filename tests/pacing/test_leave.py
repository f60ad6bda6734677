"""Leave or stay: what must be so before `next` or `hold` is said."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Cue, CueState, Kind
from cueroom.show.rundown import Item
from pacing.rehearsal import START, Rates, Rehearsal, fading, figure, item, rundown

POLICY = Policy()
FADING = fading("V1", 6.0, 40, base=0.2)
OTHERS = tuple(item(f"V{number}") for number in range(2, 7))


def cued(kind: Kind, rates: Rates, *items: Item, seconds: int = 400, **changes: object) -> list[Cue]:
    show = Rehearsal(rundown(*(items or (item("V1"), *OTHERS)), **changes), tick_s=2)
    show.present("V1")
    return show.play(seconds, rates).of(kind)


def second_of(cue: Cue) -> float:
    return (cue.issued_at - START) / 1000


@pytest.mark.parametrize("least_s", [POLICY.next_least_s, 150, 240])
def test_no_item_is_judged_by_its_rate_before_its_introduction(least_s: float) -> None:
    cues = cued(Kind.NEXT, FADING, policy={"next_least_s": least_s})
    assert cues
    assert all(second_of(cue) >= least_s + POLICY.next_after_s for cue in cues)


@pytest.mark.parametrize("stock", [100, 100_000])
def test_the_agreed_least_time_holds_even_when_all_is_sold(stock: int) -> None:
    cues = cued(Kind.NEXT, FADING, item("V1", stock=stock, min_minutes=4), *OTHERS)
    assert cues
    assert all(second_of(cue) >= 240 for cue in cues)


@pytest.mark.parametrize(
    ("others", "sku"),
    [
        (OTHERS, "V2"),
        ((item("V2", stock=0), *OTHERS[1:]), "V3"),
        ((item("V2", stock=0), item("V3", stock=0), *OTHERS[2:]), "V4"),
    ],
)
def test_next_is_the_first_of_the_order_that_can_be_sold(others: tuple[Item, ...], sku: str) -> None:
    assert cued(Kind.NEXT, FADING, item("V1"), *others)[0].sku == sku


@pytest.mark.parametrize("others", [(), (item("V2", stock=0),)])
def test_without_an_item_to_come_there_is_no_next(others: tuple[Item, ...]) -> None:
    assert not cued(Kind.NEXT, FADING, item("V1"), *others)


def test_the_surer_one_must_be_the_later_one_leaves() -> None:
    bold, careful = (
        second_of(cued(Kind.NEXT, FADING, policy={"next_confidence": confidence})[0]) for confidence in (0.5, 0.9)
    )
    assert bold <= careful


def test_the_more_of_a_show_is_to_come_the_surer_one_must_be_to_leave() -> None:
    bold, careful = (second_of(cued(Kind.NEXT, FADING, policy={"next_caution": caution})[0]) for caution in (0.0, 0.4))
    assert bold < careful


@pytest.mark.parametrize("least_minutes", [0.0, 6.0])
def test_a_hold_is_said_only_once_the_planned_minutes_are_over(least_minutes: float) -> None:
    items = (item("V1", minutes=4, min_minutes=least_minutes), item("V2", minutes=4), item("V3", minutes=4))
    cues = cued(Kind.HOLD, {"V1": 8.0}, *items)
    assert cues
    assert all(second_of(cue) >= 240 * POLICY.hold_after_share for cue in cues)


def test_nobody_is_told_to_hold_what_is_about_to_be_gone() -> None:
    items = (item("V1", minutes=1, stock=800), item("V2"), item("V3"))
    for cue in cued(Kind.HOLD, {"V1": 8.0}, *items):
        assert 8 * (100 - second_of(cue)) > 8 * POLICY.reaction_s


def test_hold_and_next_are_never_open_together() -> None:
    show = Rehearsal(rundown(*(item(f"V{number}", minutes=2) for number in range(1, 6))))
    show.present("V1")
    for _ in range(240):
        show.play(2, lambda second: {"V1": 6.0 if second < 240 else 6.0 * 0.97 ** (second - 240)})
        kinds = [cue.kind for cue in show.ledger.board.cues]
        assert not {Kind.HOLD, Kind.NEXT} <= set(kinds)
    assert show.of(Kind.NEXT)


def test_the_promise_told_is_that_of_the_item_to_come() -> None:
    cue = cued(Kind.NEXT, FADING, item("V1"), item("V2", price=40_000), *OTHERS[1:])[0]
    plain = cued(Kind.NEXT, FADING)[0]
    assert figure(cue, "expected_next") > 0
    assert figure(cue, "expected_next") != figure(plain, "expected_next")


def test_an_item_of_few_minutes_is_judged_sooner() -> None:
    short = (item("V1", minutes=1), *(item(sku, minutes=1) for sku in ("V2", "V3")))
    cues = cued(Kind.NEXT, fading("V1", 6.0, 8), *short, seconds=120, duration_min=3)
    assert 30 <= second_of(cues[0]) < POLICY.next_least_s


def test_the_sample_is_orders_and_not_their_units() -> None:
    show = Rehearsal(rundown(item("V1"), *OTHERS))
    show.present("V1")
    orders = [second for second in range(400) if second < 30 or second % 6 == 0]
    for second in range(400):
        for kind in (ev.OrderCreated, ev.OrderPaid) if second in orders else ():
            show.apply(kind(id=f"o{second}", sku="V1", qty=3))
        show.play(1)
    cue = show.of(Kind.NEXT)[0]
    so_far = sum(second < second_of(cue) for second in orders)
    assert cue.why.numbers["sample"] == cue.why.sample == pytest.approx(so_far, abs=1)


def sold_out_after(answer: CueState) -> Rehearsal:
    """The minute after V1 is sold out, where people have just answered the call for the next item so."""
    show = Rehearsal(rundown(item("V1"), *OTHERS))
    show.present("V1")
    while not show.of(Kind.NEXT):
        show.play(2, FADING)
    show.answer(show.cues[-1], answer)
    show.apply(ev.StockCounted(sku="V1", n=0))
    return show.play(60, {"V1": 0.1})


def test_who_refused_to_go_on_hears_that_the_item_is_sold_out_meanwhile() -> None:
    assert [cue.why.rule for cue in sold_out_after(CueState.DISMISSED).of(Kind.NEXT)] == ["rate_below_next", "sold_out"]


def test_who_is_going_on_already_is_not_called_again() -> None:
    assert [cue.why.rule for cue in sold_out_after(CueState.ACCEPTED).of(Kind.NEXT)] == ["rate_below_next"]


def test_who_stays_with_a_sold_out_item_and_says_so_is_left_in_peace_for_some_minutes() -> None:
    show = Rehearsal(rundown(item("V1", stock=100), *OTHERS))
    show.present("V1")
    for _ in range(240):
        show.play(1, {"V1": 2.0})
        for cue in [cue for cue in show.ledger.board.cues if cue.kind is Kind.NEXT]:
            show.answer(cue, CueState.DISMISSED)
    assert [cue.why.rule for cue in show.of(Kind.NEXT)].count("sold_out") == 1
