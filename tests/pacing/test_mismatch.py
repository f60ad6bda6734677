"""Mismatch: how many orders for another item make the sheet doubtful."""

import pytest

from cueroom.pacing.mismatch import MISLED
from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import CueState, Kind
from pacing.rehearsal import Rehearsal, figure, rundown

POLICY = Policy()
SHARE, WINDOW_S = POLICY.mismatch_share, POLICY.mismatch_window_s


def selling(share: float, per_s: float = 2.0, seconds: int = 3 * WINDOW_S) -> Rehearsal:
    """V1 is on air by the sheet, and this part of the orders is for V3."""
    show = Rehearsal(rundown())
    show.present("V1")
    return show.play(seconds, {"V1": per_s * (1 - share), "V3": per_s * share})


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, False), (SHARE / 2, False), (SHARE - 0.1, False), (SHARE + 0.1, True), (1.0, True)]
)
def test_the_part_of_the_orders_decides(share: float, told: bool) -> None:
    cues = selling(share).of(Kind.MISMATCH)
    assert bool(cues) is told
    assert all(abs(figure(cue, "share_pct") - 100 * share) <= 5 for cue in cues)


@pytest.mark.parametrize("per_s", [0.02, 0.1])
def test_a_few_orders_prove_nothing(per_s: float) -> None:
    assert not selling(1.0, per_s).of(Kind.MISMATCH)


def test_the_orders_of_the_item_before_are_no_mismatch() -> None:
    show = selling(0.0)
    show.present("V2")
    show.play(WINDOW_S, {"V1": 2.0})
    assert not show.of(Kind.MISMATCH)


def test_the_cue_goes_when_the_right_item_is_presented() -> None:
    show = selling(1.0, seconds=WINDOW_S + 30)
    assert Kind.MISMATCH in {cue.kind for cue in show.ledger.board.cues}
    show.present("V3")
    show.play(4, {"V3": 2.0})
    assert Kind.MISMATCH not in {cue.kind for cue in show.ledger.board.cues}


def test_late_payments_for_what_is_sold_out_are_no_mismatch() -> None:
    show = selling(0.0, seconds=WINDOW_S + 30)
    show.apply(ev.StockCounted(sku="V3", n=0))
    assert not show.play(2 * WINDOW_S, {"V1": 0.1, "V3": 2.0}).of(Kind.MISMATCH)


@pytest.mark.parametrize(("sku", "told"), [("V2", False), ("V3", True)])
def test_once_the_present_item_is_sold_out_only_orders_for_what_was_not_shown_yet_are_a_mismatch(
    sku: str, told: bool
) -> None:
    show = Rehearsal(rundown(policy={"off": ["next"]}))
    show.present("V2")
    show.play(60, {"V2": 2.0})
    show.present("V1")
    show.play(WINDOW_S + 30, {"V1": 2.0})
    show.apply(ev.StockCounted(sku="V1", n=0))
    assert bool(show.play(2 * WINDOW_S, {sku: 1.0}).of(Kind.MISMATCH)) is told


def test_where_few_buy_it_takes_longer_to_know() -> None:
    show = selling(0.0, 0.12, 60)
    show.play(300, {"V3": 0.12})
    cue = show.of(Kind.MISMATCH)[0]
    assert cue.sku == "V3"
    assert figure(cue, "window_s") > WINDOW_S


def test_where_few_buy_what_comes_late_for_an_item_shown_before_is_no_mismatch() -> None:
    show = selling(0.0)
    show.present("V2")
    assert not show.play(400, {"V1": 0.12, "V2": 0.02}).of(Kind.MISMATCH)


def test_orders_while_nothing_is_on_air_are_asked_about_and_no_item_is_called_instead() -> None:
    show = Rehearsal(rundown())
    show.apply(ev.ShowStarted())
    show.play(200, {"V3": 1.0})
    assert {(cue.sku, cue.why.rule) for cue in show.of(Kind.MISMATCH)} == {("V3", "nothing_on_air")}
    mismatch_at = show.of(Kind.MISMATCH)[0].issued_at
    assert not [cue for cue in show.of(Kind.NEXT) if cue.issued_at > mismatch_at]


def test_nothing_is_said_of_the_item_on_the_sheet_while_the_orders_are_for_another() -> None:
    show = selling(0.0, seconds=90)
    show.play(400, {"V3": 2.0})
    assert show.of(Kind.MISMATCH)
    assert not show.of(*MISLED)


def doubted(seconds: int, v3_per_s: float, v1_per_s: float = 0.0, **policy: object) -> Rehearsal:
    """V1 is on air by the sheet and sold well until V3 did; people say of every doubt that the sheet is right."""
    show = Rehearsal(rundown(policy=policy))
    show.present("V1")
    show.play(120, {"V1": 3.0})
    for _ in range(seconds):
        show.play(1, {"V1": v1_per_s, "V3": v3_per_s})
        for cue in [cue for cue in show.ledger.board.cues if cue.kind is Kind.MISMATCH]:
            show.answer(cue, CueState.DISMISSED)
    return show


def test_the_part_that_is_told_is_one_of_all_orders_those_for_what_is_sold_out_included() -> None:
    show = selling(0.0, seconds=90)
    show.apply(ev.StockCounted(sku="V2", n=0))
    while not show.of(Kind.MISMATCH):
        show.play(1, {"V1": 0.2, "V2": 0.5, "V3": 1.3})
    [cue] = show.of(Kind.MISMATCH)
    window_s = round(figure(cue, "window_s"))
    rows = [show.ledger.snapshot(show.now).seconds[show.now // 1000 - ago] for ago in range(1, window_s + 1)]
    orders, for_v3 = (sum(row.get(name, 0) for row in rows) for name in ("orders_created", "orders_created|V3"))
    assert figure(cue, "orders") == orders
    assert figure(cue, "share_pct") == round(100 * for_v3 / orders)


def test_once_people_said_that_the_sheet_is_right_the_next_item_is_called() -> None:
    show = doubted(300, 0.5)
    asked_at = show.of(Kind.MISMATCH)[0].issued_at
    assert [cue for cue in show.of(Kind.NEXT) if cue.issued_at > asked_at]


def test_a_doubt_that_nobody_is_asked_about_keeps_no_call_back() -> None:
    some = doubted(300, 0.11, 0.08)
    assert not some.of(Kind.MISMATCH)
    unwanted = doubted(300, 0.5, off=["mismatch"])
    for show in (some, unwanted):
        assert len(show.of(Kind.NEXT)) > 1
