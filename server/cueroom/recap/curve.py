"""The curve: the plan and what came of it, over the clock of the show."""

from itertools import accumulate

import msgspec

from cueroom.pacing.plan import planned_curve
from cueroom.recap.advice import IGNORED, cues_of
from cueroom.recap.record import Record
from cueroom.show.board import Play
from cueroom.show.state import MINUTE_MS

Points = tuple[tuple[int, int], ...]
"""Instants (ms) and GMV in minor units by then."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """The show from `since` until `until` (ms): planned and paid GMV so far, the spells on air, and the instants of
    accepted and of ignored cues."""

    since: int
    until: int
    planned: Points
    paid: Points
    plays: tuple[Play, ...]
    accepted: tuple[int, ...]
    ignored: tuple[int, ...]

    @property
    def top(self) -> int:
        """The highest value there is, in minor units."""
        return max(1, *(gmv for points in (self.planned, self.paid) for _, gmv in points))


def curve_of(record: Record) -> Curve:
    """From the start (the planned one, before there is another) to the end, the planned or the real, whichever is
    later. What was paid after the end stands at its end."""
    rundown, board = record.snapshot.rundown, record.snapshot.board
    since = rundown.starts_at if board.started_at is None else board.started_at
    planned = tuple((since + round(1000 * at_s), round(gmv)) for at_s, gmv in planned_curve(rundown))
    until = max(planned[-1][0], record.until if board.started_at is not None else since)
    cues = cues_of(record.entries)
    return Curve(
        since=since,
        until=until,
        planned=planned,
        paid=_paid(record, since, until),
        plays=record.plays,
        accepted=tuple(cue.accepted_at for cue in cues if cue.accepted_at is not None),
        ignored=tuple(cue.issued_at for cue in cues if cue.state in IGNORED),
    )


def _paid(record: Record, since: int, until: int) -> Points:
    """GMV by the end of each minute that had any."""
    minutes = [minute for minute in sorted(record.minutes) if record.minutes[minute].get("gmv")]
    so_far = accumulate(record.minutes[minute]["gmv"] for minute in minutes)
    ends = (min(max((minute + 1) * MINUTE_MS, since), until) for minute in minutes)
    return ((since, 0), *zip(ends, so_far, strict=True)) if minutes else ()
