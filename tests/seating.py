"""A screen's place in a show, for tests: a line that keeps what it is given, and a seat at it."""

import asyncio
from collections.abc import Callable

import msgspec

from cueroom.edge.closing import Close
from cueroom.edge.lines import Writer
from cueroom.live.moments import Moment
from cueroom.live.seats import FrameOf, Seat
from cueroom.show.access import Role, new_key
from cueroom.show.cues import Cue
from cueroom.show.state import Screen

NEVER_MS = 2**53


class OpenLine:
    """A line whose frames can be read, and which is full when a test says so."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._writer: Writer

    def use(self, writer: Writer) -> Callable[[bytes], None]:
        self._writer = writer
        return self.frames.put_nowait

    def hang_up(self, _: Close) -> None:
        self._writer.pause()

    def fill(self) -> None:
        """Nothing more is taken."""
        self._writer.pause()

    def clear(self) -> None:
        """Everything was taken."""
        self._writer.go_on()


def texts_of(_: Moment, cues: tuple[Cue, ...], __: Moment | None) -> bytes:
    return msgspec.json.encode([cue.text for cue in cues])


def seat_at(line: OpenLine, frame_of: FrameOf = texts_of) -> Seat:
    """A seat whose frames, unless told otherwise, are the texts of the cues that changed, as JSON."""
    key, _ = new_key(Role.PRODUCER, NEVER_MS, 0)
    screen = Screen(id="0123456789abcdef", screen="feed", host=None, role="producer", since=0)
    return Seat(line, screen, key, frame_of)
