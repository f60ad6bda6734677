"""The bench itself: same trials, same figures."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from benches import pacing, trial
from benches.kinds import KINDS, Kind
from benches.pacing import command, summarise
from benches.trial import Outcome, run_trial
from cueroom.audience import Params
from cueroom.show.rundown import Rundown


def outcome(policy: str, seed: int, gmv: int) -> Outcome:
    return Outcome(kind="small", seed=seed, policy=policy, gmv=gmv, hours=3, cues=6, kept=3, released=4)


def test_policies_are_compared_show_by_show() -> None:
    gmv = {"sheet": (100, 200), "thumb+": (110, 210), "engine": (120, 200), "all-knowing": (150, 250)}
    results = {
        ("small", policy): {seed: outcome(policy, seed, value) for seed, value in enumerate(values)}
        for policy, values in gmv.items()
    }
    lines = {line.policy: line for line in summarise(results)}
    assert lines["engine"].to_sheet == (1.2 + 1.0) / 2
    assert lines["engine"].to_top == (0.8 + 0.8) / 2
    assert lines["engine"].beats_thumb == 0.5
    assert lines["engine"].cues_h == 2
    assert lines["engine"].kept == 0.75


def test_leaves_too_early_and_too_late_do_not_cancel_in_the_delay_but_in_how_late_they_were() -> None:
    results = {
        ("small", policy): {1: msgspec.structs.replace(outcome(policy, 1, 100), delays_s=[-60.0, 20.0, 90.0])}
        for policy in ("sheet", "thumb+", "engine", "all-knowing")
    }
    line = next(line for line in summarise(results) if line.policy == "engine")
    assert (line.delay_s, line.late_s) == (60, 20)


def test_a_trial_gives_the_same_outcome_again() -> None:
    job = ("dull", 2, "sheet+")
    assert run_trial(job) == run_trial(job)


def brief(seed: int) -> tuple[Rundown, Params]:
    """A dull show cut down to its first eight minutes, two of them for each item."""
    rundown, params = next(kind for kind in KINDS if kind.name == "dull").make(seed)
    items = tuple(msgspec.structs.replace(item, minutes=2, min_minutes=0) for item in rundown.items[:4])
    return msgspec.structs.replace(rundown, duration_min=8, items=items), params


def test_the_engine_is_measured_through_its_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pacing, trial):
        monkeypatch.setattr(module, "KINDS", (Kind("dull", "eight minutes", brief),))
    file = tmp_path / "figures.json"
    asked = ["--shows", "1", "--kind", "dull", "--policy", "engine", "--jobs", "2", "--json", str(file)]
    done = CliRunner().invoke(command, asked)
    assert done.exit_code == 0, done.output
    assert "simulated shows" in done.output.lower()
    figures = {line["policy"]: line for line in json.loads(file.read_text())}
    assert set(figures) == {"sheet", "thumb+", "engine", "all-knowing"}
    assert figures["engine"]["cues_h"] > 0
