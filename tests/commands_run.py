"""Running `cueroom` as people do: as a program of its own."""

import os
import subprocess
import sys
from pathlib import Path

from waiting import PATIENCE_S

SHOWFILE = """
[show]
id = "launch-0630"
title = "宠粉首播"
starts_at = 2026-11-22T20:00:00+08:00
duration_min = 30
currency = "CNY"
goal = 1_000_000
hosts = [{ id = "lead", name = "主播" }]

[[items]]
sku = "V01"
name = "无线吸尘器"
role = "hot"
price = 9900
stock = 100
minutes = 10
host = "lead"
"""


def cueroom(*arguments: str | Path, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command printed, and its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "cueroom.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        env=os.environ | variables,
    )


def write_show(directory: Path, text: str = SHOWFILE, name: str = "show.toml") -> Path:
    """A show file in that directory."""
    file = directory / name
    file.write_text(text)
    return file
