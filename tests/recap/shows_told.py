"""A short show told second by second, for the recap's tests."""

from collections.abc import Mapping
from typing import Any

import msgspec

from cueroom.recap import Record
from cueroom.show.board import Board, Phase, Play
from cueroom.show.state import Counts, Snapshot
from scenes import START, rundown

SECOND = START // 1000


def play(sku: str, since_s: int, until_s: int, host: str = "lead") -> Play:
    """A spell on air, in seconds of the show."""
    return Play(sku, START + 1000 * since_s, START + 1000 * until_s, host)


def record(
    *plays: Play, seconds: Mapping[int, Mapping[str, int]] | None = None, totals: Counts | None = None, **fields: Any
) -> Record:
    """An ended show with these spells; `seconds` count from its start."""
    until = max((one.until for one in plays), default=START)
    board = Board(phase=Phase.ENDED, started_at=START, ended_at=until, plays=plays)
    counted = Counts(gmv=sum(told.get("gmv", 0) for told in (seconds or {}).values())) if totals is None else totals
    snapshot = Snapshot(rundown=rundown(), board=board, totals=counted, items={}, shelves={}, now=until)
    told = {SECOND + second: dict(fields) for second, fields in (seconds or {}).items()}
    return msgspec.structs.replace(Record(snapshot=snapshot, seconds=told), **fields)


def released(sku: str, at_s: int, units: int) -> dict[str, Any]:
    """The log's entry of a release."""
    return {"type": "stock.released", "time": START + 1000 * at_s, "sku": sku, "n": units}
