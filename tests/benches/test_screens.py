"""The bench of the screens, on a small scale: it finds its demo, its screens and its figures."""

import re

import pytest
from click.testing import CliRunner

from benches import screens
from benches.screens import command
from set_up import find_browser


def test_the_bench_measures_paints_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_browser() is None:
        pytest.skip("no Chromium that starts")
    monkeypatch.setattr(screens, "CPU_S", 1)
    monkeypatch.setattr(screens, "SHOWN_WITHIN_S", 55)  # a message stays a minute, behind more urgent ones if need be
    result = CliRunner().invoke(command, ["--screens", "3", "--cues", "2", "--hours", "1", "--frames", "20"])
    assert result.exit_code == 0, result.output
    assert re.search(r"cues painted: [12] of 2", result.output)
    assert re.search(r"p50 \d+ ms, p99 \d+ ms", result.output)
    assert re.search(r"ms of CPU a frame of \d+ KB: [\d.]+ % of a core at \d+/s", result.output)
    assert re.search(r"after 1 h: heap [\d.]+ MB, \d+ nodes", result.output)
