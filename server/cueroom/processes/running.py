"""What a running server tells the other commands that use its data directory: its address and its clock."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cueroom.clock import Clock
from cueroom.settings import Settings

FILE = "running.json"


class Running(msgspec.Struct, frozen=True):
    """Where links lead, and the clock by which keys and shows end."""

    url: str
    clock: Clock


@contextlib.contextmanager
def told_to_others(settings: Settings, running: Running) -> Iterator[None]:
    """As long as the context is open, commands on the same directory can find this server."""
    file = Path(settings.data) / FILE
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(running))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running_of(settings: Settings) -> Running | None:
    """The server that runs on this directory, or the last one that was killed there."""
    try:
        return msgspec.json.decode((Path(settings.data) / FILE).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None
