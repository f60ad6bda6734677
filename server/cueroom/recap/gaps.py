"""Gaps: when a running show told nothing at all."""

import msgspec

from cueroom.pacing.policy import policy_of
from cueroom.recap.record import Record

LEAST_S = 10
"""Shorter silences are breaths of a quiet room."""


class Gap(msgspec.Struct, frozen=True):
    """No event happened from `since` until `until` (ms) that any feed told, then or later; `sku` was on air."""

    since: int
    until: int
    sku: str | None

    @property
    def length_ms(self) -> int:
        return self.until - self.since


def gaps_of(record: Record) -> tuple[Gap, ...]:
    """Every silence of the show that was longer than the engine would have decided through."""
    board = record.snapshot.board
    if board.started_at is None:
        return ()
    least_s = max(LEAST_S, policy_of(board.governed(record.snapshot.rundown)).blind_after_s)
    first, last = board.started_at // 1000, record.until // 1000
    told = sorted(second for second in record.seconds if first <= second < last)
    edges = zip([first - 1, *told], [*told, last], strict=True)
    return tuple(
        _gap(record, (before + 1) * 1000, after * 1000) for before, after in edges if after - before - 1 >= least_s
    )


def _gap(record: Record, since: int, until: int) -> Gap:
    play = record.on_air(since)
    return Gap(since, until, play.sku if play else None)
