"""The bench of the fan-out, on a small scale: every server sends, every screen sees, and nobody waits for another."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from benches import fanout, results


def test_the_bench_puts_every_server_beside_raw_sockets(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("found") / "bench-results"
    monkeypatch.setattr(results, "FOLDER", folder)
    monkeypatch.setattr(shutil, "which", lambda _: None)  # npm would want a registry
    result = CliRunner().invoke(fanout.command, ["--screens", "10", "--bursts", "3", "--laps", "1"])
    assert result.exit_code == 0, result.output
    assert "socket.io is left out" in result.output
    assert re.search(r"fan-out to 10 screens: \d+\.\d\d", result.output)
    laps = {lap["name"]: lap for lap in json.loads((folder / "fanout.json").read_text())["figures"]["laps"]}
    assert set(laps) == {"raw sockets", "Cueroom", "websockets.broadcast"}
    assert all(lap["bursts"] >= 3 and 0 < lap["p50_ms"] <= lap["p99_ms"] for lap in laps.values())
