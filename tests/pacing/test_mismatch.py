"""Mismatch: how many orders for another item make the sheet doubtful."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Kind
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
