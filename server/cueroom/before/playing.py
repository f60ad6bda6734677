"""The process that plays a rehearsal: a rundown on standard input, a simulated show a line on standard output."""

import contextlib
import os
import sys

import msgspec

from cueroom.rehearsal import rehearse
from cueroom.show.rundown import Rundown

SEEDS = (1, 2, 3, 4, 5)
COMMAND = [sys.executable, "-m", "cueroom.before.playing"]
NICE = 10
"""Shows that are on air come first."""


def main() -> None:
    """Plays every seed, each told as soon as it is played."""
    os.nice(NICE)
    rundown = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Rundown)
    with contextlib.suppress(BrokenPipeError):  # nobody listens any more
        for seed in SEEDS:
            sys.stdout.buffer.write(msgspec.json.encode(rehearse(rundown, seed)) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
