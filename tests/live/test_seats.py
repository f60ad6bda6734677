"""Laws of a seat: what a screen gets that takes everything, and what one gets that does not."""

import asyncio
import json

import msgspec
import pytest

from cueroom.live import seats
from cueroom.live.moments import Moment
from cueroom.live.seats import Seat
from cueroom.show.cues import Cue
from scenes import outlook, snapshot
from seating import OpenLine, seat_at


def moment() -> Moment:
    return Moment(snapshot(), outlook(), {})


def cue(text: str) -> Cue:
    return msgspec.structs.replace(snapshot().board.cues[0], text=text)


def taken(line: OpenLine) -> list[list[str]]:
    """The frames so far."""
    return [json.loads(line.frames.get_nowait()) for _ in range(line.frames.qsize())]


def test_what_was_not_taken_is_replaced_by_the_newer_moment_with_every_changed_cue() -> None:
    async def run() -> None:
        line = OpenLine()
        seat = seat_at(line)
        seat.hand(moment(), (cue("one"),))
        line.fill()
        seat.hand(moment(), (cue("two"),))
        seat.hand(moment(), ())
        seat.hand(moment(), (cue("three"),))
        assert taken(line) == [["one"]]
        line.clear()
        assert taken(line) == [["two", "three"]]
        line.clear()
        assert taken(line) == []

    asyncio.run(run())


def test_a_screen_is_slow_when_it_has_taken_nothing_for_too_long_not_when_it_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> None:
        monkeypatch.setattr(seats, "SLOW_S", 0)
        line = OpenLine()
        seat = seat_at(line)
        line.fill()
        assert not seat.slow
        seat.hand(moment(), ())
        assert seat.slow
        line.clear()
        assert not seat.slow

    asyncio.run(run())


def test_a_delay_is_told_while_it_is_news(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Seat:
        seat = seat_at(OpenLine())
        assert seat.screen.delay_ms is None
        seat.painted(120)
        return seat

    seat = asyncio.run(run())
    assert seat.screen.delay_ms == 120
    monkeypatch.setattr(seats, "DELAY_HOLDS_S", 0)
    assert seat.screen.delay_ms is None
