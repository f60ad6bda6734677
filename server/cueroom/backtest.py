"""The back-test: what would be cued on a recording, beside what was cued then and what people did with it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from cueroom.show.cues import Cue, Kind

TOLERANCE_MS = 90_000
"""The same advice may come so much earlier or later: within it, people would have done the same."""

Key = tuple[Kind, str | None]


class Pair(msgspec.Struct, frozen=True):
    """Advice of the same kind for the same SKU at about the same time: given then, given now, or both."""

    then: Cue | None
    now: Cue | None

    @property
    def cue(self) -> Cue:
        """The one there is; of two, that of then."""
        cue = self.then or self.now
        assert cue  # noqa: S101  # a pair has one at least
        return cue

    @property
    def match(self) -> str:
        """`both`, `only_then` or `only_now`."""
        if self.then and self.now:
            return "both"
        return "only_then" if self.then else "only_now"

    @property
    def later_ms(self) -> int | None:
        """How much later it would come now; negative: earlier."""
        return self.now.issued_at - self.then.issued_at if self.then and self.now else None


class Summary(msgspec.Struct, frozen=True):
    """How many pairs are of which kind; `agreement` is the part that was cued both times (None: no cue at all)."""

    both: int
    only_then: int
    only_now: int
    agreement: float | None


def compare(then: Iterable[Cue], now: Iterable[Cue]) -> tuple[Pair, ...]:
    """All cues of then and now, paired by kind and SKU where their times are close; the earliest first. What people
    wrote themselves is no advice of the engine's."""
    mine, theirs = _by_key(now), _by_key(then)
    pairs = [pair for key in mine.keys() | theirs.keys() for pair in _paired(theirs[key], mine[key])]
    return tuple(sorted(pairs, key=lambda pair: (pair.cue.issued_at, pair.cue.kind, pair.cue.sku or "", pair.match)))


def summary_of(pairs: Iterable[Pair]) -> Summary:
    """The pairs counted."""
    matches = [pair.match for pair in pairs]
    both, only_then, only_now = (matches.count(match) for match in ("both", "only_then", "only_now"))
    return Summary(both, only_then, only_now, round(both / len(matches), 3) if matches else None)


def line_of(pair: Pair) -> dict[str, Any]:
    """The pair as a line of NDJSON."""
    return {
        "match": pair.match,
        "kind": pair.cue.kind,
        "sku": pair.cue.sku,
        "then": _told(pair.then),
        "now": _told(pair.now),
        "later_s": None if pair.later_ms is None else round(pair.later_ms / 1000, 1),
    }


def _told(cue: Cue | None) -> dict[str, Any] | None:
    if cue is None:
        return None
    by = cue.steps[-1].by if cue.steps else None
    rule, text = cue.why.rule, cue.text
    told = {"id": cue.id, "issued_at": cue.issued_at, "text": text, "rule": rule, "state": cue.state, "by": by}
    return {**told, "effect": cue.effect}


def _by_key(cues: Iterable[Cue]) -> defaultdict[Key, list[Cue]]:
    """The engine's cues by kind and SKU, the earliest first."""
    found: defaultdict[Key, list[Cue]] = defaultdict(list)
    for cue in sorted(cues, key=lambda cue: cue.issued_at):
        if cue.kind is not Kind.MESSAGE:
            found[cue.kind, cue.sku].append(cue)
    return found


def _paired(then: list[Cue], now: list[Cue]) -> Iterable[Pair]:
    """Both lists in order of time: the heads make a pair if they are close, else the earlier stays alone."""
    theirs, mine = list(reversed(then)), list(reversed(now))
    while theirs and mine:
        ahead_ms = mine[-1].issued_at - theirs[-1].issued_at
        if abs(ahead_ms) <= TOLERANCE_MS:
            yield Pair(theirs.pop(), mine.pop())
        elif ahead_ms > 0:
            yield Pair(theirs.pop(), None)
        else:
            yield Pair(None, mine.pop())
    yield from (Pair(cue, None) for cue in reversed(theirs))
    yield from (Pair(None, cue) for cue in reversed(mine))
