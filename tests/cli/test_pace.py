"""Laws of `cueroom pace` with a recording: it paces itself, and is compared with what was cued then."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands_run import cueroom, write_show

START = 1_795_348_800_000
Line = dict[str, Any]


def events(seconds: int = 150) -> list[Line]:
    """V01 on air, one of its 100 units ordered every second."""
    orders = [
        {"type": "order.paid", "id": f"o{n}", "sku": "V01", "qty": 1, "time": START + 1000 * n} for n in range(seconds)
    ]
    return [{"type": "item.presented", "sku": "V01", "time": START}, *orders]


def ndjson(lines: list[Line]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def told(stdout: str) -> list[Line]:
    return [json.loads(line) for line in stdout.splitlines()]


@pytest.fixture
def showfile(tmp_path: Path) -> Path:
    return write_show(tmp_path)


@pytest.fixture
def given_then(showfile: Path) -> list[Line]:
    """The cues that this engine gives on the events."""
    paced = cueroom("pace", showfile, "--tick-s", "1", stdin=ndjson(events()))
    assert (paced.returncode, paced.stderr) == (0, "")
    return [answer["cue"] for answer in told(paced.stdout) if "cue" in answer]


def recording(showfile: Path, cues: list[Line]) -> Path:
    """The log of a show with these events and cues, each told when it was last moved."""
    lines = [
        {"type": "cue", "time": (cue["steps"] or [{"at": cue["issued_at"]}])[-1]["at"], "cue": cue} for cue in cues
    ]
    log = showfile.with_name("log.ndjson")
    log.write_text(ndjson(sorted([*events(), *lines], key=lambda line: line["time"])))
    return log


def test_the_same_engine_agrees_with_itself(showfile: Path, given_then: list[Line]) -> None:
    compared = cueroom("pace", showfile, "--compare", recording(showfile, given_then))
    assert (compared.returncode, compared.stderr) == (0, "")
    *pairs, last = told(compared.stdout)
    count = len({cue["id"] for cue in given_then})
    assert count > 0
    assert [(pair["match"], pair["later_s"]) for pair in pairs] == [("both", 0.0)] * count
    assert last == {"summary": {"both": count, "only_then": 0, "only_now": 0, "agreement": 1.0}}


def test_what_people_did_then_stands_beside_what_would_be_cued_now(showfile: Path, given_then: list[Line]) -> None:
    first = next(cue for cue in given_then if cue["state"] == "issued")
    at = first["issued_at"] + 4_000
    refused = {**first, "state": "dismissed", "steps": [{"state": "dismissed", "at": at, "by": "producer ab12"}]}
    unlike = {**first, "id": "c-900", "kind": "handover", "sku": None}
    compared = cueroom("pace", showfile, "--compare", recording(showfile, [first, refused, unlike]))
    *pairs, last = told(compared.stdout)
    both = next(pair for pair in pairs if pair["match"] == "both")
    assert (both["then"]["state"], both["then"]["by"]) == ("dismissed", "producer ab12")
    assert (both["now"]["state"], both["now"]["effect"]) == ("dismissed", None)
    assert [pair["then"]["id"] for pair in pairs if pair["match"] == "only_then"] == ["c-900"]
    assert last["summary"]["only_then"] == 1


def test_what_restores_the_show_is_passed_over(showfile: Path) -> None:
    kept = {"type": "kept", "time": START + 1, "show": "s", "of": 1, "name": "n", "kind": "hash", "value": "kA=="}
    paced = cueroom("pace", showfile, "--tick-s", "1", stdin=ndjson([*events(5), kept]))
    assert "error" not in paced.stdout


def test_a_line_that_cannot_be_read_is_told_and_the_rest_compared(showfile: Path, given_then: list[Line]) -> None:
    log = recording(showfile, given_then)
    log.write_text(log.read_text() + '{"type": "cue", "time": 1, "cue": {"id": "c-1"}}\nnonsense\n')
    compared = cueroom("pace", showfile, "--compare", log)
    assert compared.returncode == 0
    number = len(log.read_text().splitlines())
    assert f"line {number - 1}: " in compared.stderr
    assert f"line {number}: " in compared.stderr
    assert told(compared.stdout)[-1]["summary"]["agreement"] == 1.0


def test_the_state_belongs_to_the_pipe(showfile: Path) -> None:
    refused = cueroom("pace", showfile, "--state", "--compare", showfile)
    assert refused.returncode == 2
    assert "--compare" in refused.stderr
