"""Laws of the advice: every cue once, and what was ignored costs only what can be told."""

from typing import Any

import msgspec
import pytest

from cueroom.recap.advice import ignored_of, kinds_of
from cueroom.recap.record import Record
from cueroom.recap.shortages import Shortage
from cueroom.show.cues import Cue, CueState, Effect, EffectOutcome, Kind
from recap.shows_told import play, record
from scenes import START, rundown
from scenes import cue as cue_of

DISMISSED = CueState.DISMISSED


def cue(number: int, kind: Kind, at_s: int, state: CueState = DISMISSED, **numbers: Any) -> Cue:
    made = cue_of(number, kind, "rule", numbers, now=START + 1000 * at_s + 6_000, state=state)
    return msgspec.structs.replace(made, issued_at=START + 1000 * at_s)


def ignored(told: Record, *cues: Cue, shortages: tuple[Shortage, ...] = ()) -> list[tuple[str, int | None]]:
    return [(one.reason, one.cost) for one in ignored_of(told, cues, shortages)]


def selling(per_s: int, until_s: int) -> dict[int, dict[str, int]]:
    return {second: {"gmv|V01": per_s, "gmv": per_s} for second in range(until_s)}


def test_staying_costs_what_was_promised_elsewhere_less_what_it_brought() -> None:
    told = record(play("V01", 0, 280), play("V02", 280, 400), seconds=selling(10, 400))
    following = cue(1, Kind.NEXT, 100, sku="V02", minute_price=1_800)
    (one,) = ignored_of(told, [following], ())
    assert (one.reason, one.cost) == ("gain", 1_800 * 2 - 10 * 120)
    assert one.numbers == {"stayed_s": 120, "brought": 1_200, "elsewhere": 3_600}
    assert ignored(told, cue(1, Kind.NEXT, 100, sku="V02", minute_price=60)) == [("no_gain", 0)]


def test_a_cue_answers_for_five_minutes_at_most() -> None:
    told = record(play("V01", 0, 3_000), seconds=selling(0, 3_000))
    assert ignored(told, cue(1, Kind.ENCORE, 0, sku="V02", expected_per_min=100)) == [("gain", 500)]


def test_what_was_done_within_a_minute_was_done() -> None:
    told = record(play("V01", 0, 130), play("V02", 130, 400))
    assert ignored(told, cue(1, Kind.NEXT, 100, sku="V02", minute_price=1_800)) == [("went", 0)]


def test_a_release_costs_the_empty_shelf_that_followed() -> None:
    item = rundown().items[0]
    empty = Shortage(
        item=item, since=START + 160_000, until=START + 200_000, held_back=900, units_per_min=30, before_s=60
    )
    asked = cue(1, Kind.RELEASE, 120, CueState.EXPIRED, sku=item.sku)
    told = record(play(item.sku, 0, 400))
    assert ignored(told, asked, shortages=(empty,)) == [("empty", 20 * item.price)]
    later = msgspec.structs.replace(empty, since=START + 900_000)
    sold_out = msgspec.structs.replace(empty, held_back=0)
    assert ignored(told, asked, shortages=(later, sold_out)) == [("not_empty", 0)]


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.BENEFIT, Kind.ENGAGE, Kind.HANDOVER, Kind.HOLD])
def test_where_nothing_shows_what_would_have_been_nobody_can_tell(kind: Kind) -> None:
    assert ignored(record(play("V01", 0, 300)), cue(1, kind, 10)) == [("cannot_tell", None)]


def test_only_what_asked_for_something_and_was_left_is_ignored() -> None:
    told = record(play("V01", 0, 300))
    kept = [cue(1, Kind.PAYMENT, 0, CueState.ACCEPTED), cue(2, Kind.STOCK, 0, CueState.WITHDRAWN)]
    told_only = [cue(3, Kind.MESSAGE, 0, CueState.EXPIRED), cue(4, Kind.BEHIND, 0, CueState.EXPIRED)]
    assert ignored(told, *kept, *told_only) == []


def test_a_kinds_record_counts_ends_paint_and_measured_gain() -> None:
    effect = Effect(outcome=EffectOutcome.BETTER, since=0, until=1, gmv=500, gmv_expected=300, orders=1, sample=20)
    unclear = msgspec.structs.replace(effect, outcome=EffectOutcome.CANNOT_TELL)
    cues = [
        msgspec.structs.replace(cue(1, Kind.NEXT, 0, CueState.ACCEPTED), effect=effect),
        msgspec.structs.replace(cue(2, Kind.NEXT, 9, CueState.ACCEPTED), effect=unclear),
        cue(3, Kind.NEXT, 19, DISMISSED),
        cue(4, Kind.HOLD, 19, CueState.ISSUED),
    ]
    following, hold = kinds_of(cues)
    assert (following.kind, following.issued, following.accepted, following.dismissed) == (Kind.NEXT, 3, 2, 1)
    assert (following.measured, following.gain) == (1, 200)
    assert following.painted_ms == pytest.approx(84)
    assert (hold.issued, hold.painted_ms, hold.gain) == (1, None, None)
