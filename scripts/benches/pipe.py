"""`cueroom pace` in a process of its own: events in, cues out."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cueroom.show.rundown import Rundown
from cueroom.showfile.writing import to_toml

Cue = dict[str, Any]
Event = dict[str, Any]


class Pipe:
    """The engine as others use it; `directory` takes the show file."""

    def __init__(self, rundown: Rundown, directory: Path) -> None:
        file = directory / "show.toml"
        file.write_text(to_toml(rundown))
        self._pace = subprocess.Popen(
            [sys.executable, "-m", "cueroom.cli", "pace", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def tick(self, events: list[Event], now: int) -> list[Cue]:
        """Tell the events and the time (ms); the cues that were issued or changed."""
        self._write([*events, {"type": "tick", "time": now}])
        cues = []
        while "tick" not in (answer := self._read()):
            if "error" in answer:
                raise RuntimeError(f"cueroom pace refused a line: {answer['error']}")
            cues.append(answer["cue"])
        return cues

    def answered(self, cue: str, accepted: bool) -> None:
        """What people did with a cue."""
        self._write([{"type": "cue.accepted" if accepted else "cue.dismissed", "cue": cue}])

    def close(self) -> None:
        assert self._pace.stdin is not None  # noqa: S101  # it is a pipe
        self._pace.stdin.close()
        self._pace.wait()

    def _write(self, lines: list[Event]) -> None:
        assert self._pace.stdin is not None  # noqa: S101  # it is a pipe
        self._pace.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        self._pace.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._pace.stdout is not None  # noqa: S101  # it is a pipe
        line = self._pace.stdout.readline()
        if not line:
            raise RuntimeError(f"cueroom pace ended with status {self._pace.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
