"""Laws of the logs."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cueroom.logs import set_up_logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logs are set up for the whole process; the tests that come after these get them as they were."""
    root, uvicorn, errors = (logging.getLogger(name) for name in (None, "uvicorn", "uvicorn.error"))
    known, levels = structlog.get_config(), (root.level, uvicorn.level)
    handlers, filters = root.handlers[:], errors.filters[:]
    yield
    structlog.configure(**known)
    root.setLevel(levels[0])
    uvicorn.setLevel(levels[1])
    root.handlers[:], errors.filters[:] = handlers, filters


def test_a_line_for_machines_is_json_on_standard_error_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    structlog.get_logger("cueroom.director").info("cue issued", show="launch-0630", kind="next", text="上下一款")
    out, err = capsys.readouterr()
    line = json.loads(err)
    assert out == ""
    assert (line["event"], line["show"], line["kind"], line["level"]) == ("cue issued", "launch-0630", "next", "info")
    assert "上下一款" in err


def test_libraries_speak_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    logging.getLogger("somelib").warning("slow by %d ms", 5)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("slow by 5 ms", "warning", "somelib")


def test_less_severe_lines_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("warning", "console")
    structlog.get_logger("cueroom").info("screen connected")
    logging.getLogger("uvicorn.error").info("connection open")
    assert capsys.readouterr().err == ""


def test_an_error_brings_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    try:
        raise LookupError("no such item")
    except LookupError:
        structlog.get_logger("cueroom").exception("a side error")
    assert "LookupError: no such item" in json.loads(capsys.readouterr().err)["exception"]
