"""What the engine makes of a rundown that people change while the show runs."""

import msgspec
import pytest

from cueroom.pacing.plan import planned_curve, planned_shares
from cueroom.pacing.price import to_play
from cueroom.show.board import OnAir, put_on, taken_back
from cueroom.show.cues import Kind
from pacing.rehearsal import Rehearsal, fading, item, rundown


def test_a_move_that_was_taken_back_leaves_no_trace_in_what_was_learned() -> None:
    orders = fading("V1", 4.0, 300, base=0.5)
    straight, detour = Rehearsal(rundown()), Rehearsal(rundown())
    for show in (straight, detour):
        show.present("V1")
        show.play(240, orders)
    detour.ledger.board = put_on(detour.ledger.board, OnAir("V2", detour.now, "lead"), 10_000)
    for show in (straight, detour):
        show.play(6, orders)
    undo = detour.ledger.board.undo
    assert undo
    assert detour.memory.spell
    assert detour.memory.spell.sku == "V2"
    detour.ledger.board = taken_back(detour.ledger.board, undo)
    for show in (straight, detour):
        show.play(30, orders)
    assert set(detour.memory.known) == {"V1"}
    assert detour.memory.spell == straight.memory.spell
    assert detour.memory.known["V1"].appeal == pytest.approx(straight.memory.known["V1"].appeal, abs=0.01)


def test_the_engine_goes_by_the_running_order_of_the_people() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    order = ("V1", "V5", "V4", "V3", "V2", "V6")
    show.ledger.board = msgspec.structs.replace(show.ledger.board, order=order, skipped=("V5",))
    assert [coming.sku for coming in to_play(show.ledger.snapshot(show.now))] == ["V4", "V3", "V2", "V6"]


def test_more_minutes_put_off_the_word_that_the_item_stays_beyond_them() -> None:
    def holds(minutes: float) -> list[int]:
        show = Rehearsal(rundown())
        show.present("V1")
        show.ledger.board = msgspec.structs.replace(show.ledger.board, minutes={"V1": minutes})
        show.play(20 * 60, {"V1": 30.0})
        return [cue.issued_at for cue in show.of(Kind.HOLD)]

    assert min(holds(4)) < min(holds(10), default=10**18)


def test_an_inserted_item_does_not_move_the_plan() -> None:
    sheet = rundown()
    extra = item("X1", inserted=True, share=0.1)
    grown = msgspec.structs.replace(sheet, items=(*sheet.items, extra))
    assert planned_curve(grown) == planned_curve(sheet)
    assert planned_shares(grown) == {**planned_shares(sheet), "X1": 0.0}
