"""What became of the advice: every cue's life, each kind's record, and what was ignored and may have cost."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

import msgspec

from cueroom.recap.record import Record
from cueroom.recap.shortages import Shortage
from cueroom.show.board import cue_number
from cueroom.show.cues import ASKING, CALLS, Cue, CueState, EffectOutcome, Kind
from cueroom.show.state import MINUTE_MS

REACTION_MS = MINUTE_MS
"""What was done within a minute of its cue was done, whatever became of the cue."""
STAYED_MS = 5 * MINUTE_MS
"""An ignored cue is held to account for so long at most: later ones have had their own say."""
RELEASE_MS = 10 * MINUTE_MS

REASONS = ("went", "gain", "no_gain", "empty", "not_empty", "cannot_tell")

IGNORED = frozenset({CueState.DISMISSED, CueState.EXPIRED})
"""The states in which a cue has ended that nobody followed."""


class KindRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All cues of a kind: how many came to which end, the median time until they were painted, and what the measured
    ones brought above what was expected without them."""

    kind: Kind
    issued: int
    accepted: int
    dismissed: int
    expired: int
    withdrawn: int
    painted_ms: float | None
    measured: int
    gain: int | None


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """A cue that nobody followed and what that probably cost, in minor units (None: nobody can tell): an estimate out
    of `numbers`, told by `reason`, one of REASONS."""

    cue: Cue
    cost: int | None
    reason: str
    numbers: dict[str, int | float | None] = {}


def cues_of(entries: Iterable[Mapping[str, Any]]) -> tuple[Cue, ...]:
    """Every cue as the log told it last, with all its steps; the oldest first."""
    told = {entry["cue"]["id"]: entry["cue"] for entry in entries if entry["type"] == "cue"}
    return tuple(sorted(msgspec.convert(list(told.values()), list[Cue]), key=cue_number))


def painted_ms(cue: Cue) -> int | None:
    """How long it took until a screen had painted the cue; None where none did."""
    step = next((step for step in cue.steps if step.state is CueState.SHOWN), None)
    return step.at - cue.issued_at if step else None


def kinds_of(cues: Iterable[Cue]) -> tuple[KindRecord, ...]:
    """The kinds that were cued, the most frequent first."""
    by_kind: dict[Kind, list[Cue]] = {}
    for cue in cues:
        by_kind.setdefault(cue.kind, []).append(cue)
    return tuple(sorted((_kind(kind, told) for kind, told in by_kind.items()), key=lambda told: -told.issued))


def _kind(kind: Kind, cues: list[Cue]) -> KindRecord:
    states = [cue.state for cue in cues]
    painted = [ms for cue in cues if (ms := painted_ms(cue)) is not None]
    gains = [
        cue.effect.gmv - cue.effect.gmv_expected
        for cue in cues
        if cue.effect and cue.effect.outcome is not EffectOutcome.CANNOT_TELL and cue.effect.gmv_expected is not None
    ]
    return KindRecord(
        kind=kind,
        issued=len(cues),
        accepted=states.count(CueState.ACCEPTED),
        dismissed=states.count(CueState.DISMISSED),
        expired=states.count(CueState.EXPIRED),
        withdrawn=states.count(CueState.WITHDRAWN) + states.count(CueState.SUPERSEDED),
        painted_ms=median(painted) if painted else None,
        measured=len(gains),
        gain=sum(gains) if gains else None,
    )


def ignored_of(record: Record, cues: Iterable[Cue], shortages: Iterable[Shortage]) -> tuple[Ignored, ...]:
    """The cues that asked for something and were dismissed or ran out, in order."""
    empty = tuple(shortages)
    return tuple(_ignored(record, cue, empty) for cue in cues if cue.state in IGNORED and cue.kind in ASKING)


def _ignored(record: Record, cue: Cue, shortages: tuple[Shortage, ...]) -> Ignored:
    if cue.kind in CALLS:
        return _stayed(record, cue)
    if cue.kind is Kind.RELEASE:
        return _not_released(cue, shortages)
    return Ignored(cue=cue, cost=None, reason="cannot_tell")


def _stayed(record: Record, cue: Cue) -> Ignored:
    """The item on air stayed: what it brought after the people could have reacted, against what the engine then
    promised elsewhere."""
    promised = cue.why.numbers.get("minute_price" if cue.kind is Kind.NEXT else "expected_per_min")
    on_air = record.on_air(cue.issued_at)
    if on_air is None or not isinstance(promised, int | float):
        return Ignored(cue=cue, cost=None, reason="cannot_tell")
    since = cue.issued_at + REACTION_MS
    until = min(on_air.until, since + STAYED_MS)
    if until <= since:
        return Ignored(cue=cue, cost=0, reason="went")
    brought = record.sum(f"gmv|{on_air.sku}", since, until)
    elsewhere = round(promised * (until - since) / MINUTE_MS)
    return Ignored(
        cue=cue,
        cost=max(0, elsewhere - brought),
        reason="gain" if elsewhere > brought else "no_gain",
        numbers={"stayed_s": (until - since) // 1000, "brought": brought, "elsewhere": elsewhere},
    )


def _not_released(cue: Cue, shortages: tuple[Shortage, ...]) -> Ignored:
    """The shelf ran empty after it, or it did not."""
    after = range(cue.issued_at - REACTION_MS, cue.issued_at + RELEASE_MS)
    caused = [one for one in shortages if one.item.sku == cue.sku and one.held_back and one.since in after]
    if not caused:
        return Ignored(cue=cue, cost=0, reason="not_empty")
    return Ignored(
        cue=cue,
        cost=sum(one.lost for one in caused),
        reason="empty",
        numbers={"empty_s": sum(one.empty_s for one in caused), "units": sum(one.lost_units for one in caused)},
    )
