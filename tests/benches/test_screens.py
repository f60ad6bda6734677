"""The bench of the screens, on a small scale: it finds its shows, its screens and its figures."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benches import results, screens
from benches.screens import command
from set_up import find_browser


def test_the_bench_measures_paints_and_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if find_browser() is None:
        pytest.skip("no Chromium that starts")
    monkeypatch.setattr(screens, "CPU_S", 1)
    monkeypatch.setattr(screens, "STARTS_S", 0.0)
    monkeypatch.setattr(screens, "SHOWN_WITHIN_S", 55)  # a message stays a minute, behind more urgent ones if need be
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    done = CliRunner().invoke(command, ["--screens", "3", "--cues", "2", "--hours", "1", "--frames", "20"])
    assert done.exit_code == 0, done.output
    found = results.load("screens")
    assert found
    called, painted, receipts = found.tables[0].rows
    assert called[1] == 2
    assert painted[1] == receipts[1] in (1, 2)
    assert [row[0] for row in found.tables[1].rows] == ["at first", "after 1 h"]
    assert len(found.promises) == 1
