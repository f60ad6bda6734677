"""Laws of the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands_run import SHOWFILE, cueroom, write_show
from cueroom.cli import COMMANDS, main


def test_it_tells_its_version_and_its_commands() -> None:
    assert cueroom("--version").stdout.startswith("cueroom 0.")
    told = cueroom("--help").stdout
    assert all(f"  {command} " in told for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    told = CliRunner().invoke(main, [command, "--help"])
    assert told.exit_code == 0
    assert f"Usage: main {command} " in told.stdout


def test_settings_that_cannot_be_are_all_told_at_once() -> None:
    told = cueroom("serve", "--port", "eighty", CUEROOM_WORKERS="0")
    assert told.returncode == 2
    assert "--port is 'eighty'; right would be a whole number from 0 to 65535." in told.stderr
    assert "CUEROOM_WORKERS is '0'; right would be a whole number from 1 to 256." in told.stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("pace", "SHOW", "--tick-s", "nan"), "'nan' is no finite number"),
        (("replay", "SHOW", "--to", "http://h/v1/shows/x", "--speed", "nan"), "'nan' is no finite number"),
        (("replay", "SHOW", "--to", "http://h/v1/shows/x", "--speed", "inf"), "'inf' is no finite number"),
        (("demo", "--speed", "nan"), "'nan' is no finite number"),
        (("keys", "x", "--role", "host", "--ttl-h", "nan"), "'nan' is no finite number"),
        (("keys", "+house", "--role", "ingest"), "there is no show '+house'"),
        (("replay", "SHOW", "--to", "http://[::1/v1/shows/x", "--key", "a.b"), "no show's address (Invalid IPv6 URL)"),
        (("replay", "SHOW", "--to", "http://h:99999/v1/shows/x", "--key", "a.b"), "Port out of range"),
        (("replay", "SHOW", "--to", "http://h/v1/shows/x", "--key", "secret"), "that is no key"),
        (("replay", "DEEP", "--to", "http://h/v1/shows/x", "--key", "a.b"), "line 1: maximum recursion depth"),
        (("serve", "--port", "0", "--data", "DATA", "--redis", "redis://h:99999"), "Port out of range"),
        (("serve", "--port", "0", "--data", "DATA", "--redis", "redis://h/0?no_such=1"), "'no_such'"),
        (("record", "x", "--data", "SHOW"), "cannot be used: File exists"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(tmp_path: Path, command: tuple[str, ...], told: str) -> None:
    deep = tmp_path / "deep.ndjson"
    deep.write_text("[" * 100_000)
    paths = {"SHOW": write_show(tmp_path), "DEEP": deep, "DATA": tmp_path / "data"}
    ended = cueroom(*(paths.get(word, word) for word in command))
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
    assert told in ended.stderr.splitlines()[-1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cueroom.cli", "pace", str(write_show(tmp_path))]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as usual
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command,
            input='{"type": "tick", "time": 0}\n',
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=buffered,
        )
    assert (ended.returncode, ended.stderr) == (1, "Error: [Errno 28] No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_standard_stream_is_as_good_as_an_empty_one(tmp_path: Path, closed: str) -> None:
    command = [sys.executable, "-m", "cueroom.cli", "pace", str(write_show(tmp_path))]

    done = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *command], input=b"", capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_terminal_without_chinese_characters_is_told_as_much_as_it_can_show(tmp_path: Path) -> None:
    done = cueroom("check", write_show(tmp_path), PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("show.toml: ????, 1 item, no errors\n")


def test_check_is_content_with_a_right_show_file(tmp_path: Path) -> None:
    told = cueroom("check", write_show(tmp_path))
    assert (told.returncode, told.stderr) == (0, "")
    assert "宠粉首播, 1 item, no errors" in told.stdout


def test_check_tells_every_error_with_its_place(tmp_path: Path) -> None:
    file = write_show(tmp_path, SHOWFILE.replace('"hot"', '"hit"').replace("stock = 100", "stock = -1"))
    told = cueroom("check", file)
    assert told.returncode == 1
    places = [line.removeprefix(f"{file}: ").partition(":")[0] for line in told.stdout.splitlines()]
    assert places == ["items[1].role, line 14", "items[1].stock, line 16"]


def test_pace_answers_ticks_on_a_pipe(tmp_path: Path) -> None:
    lines = [
        {"type": "item.presented", "sku": "V01", "time": 1_795_348_800_000},
        {"type": "tick", "time": 1_795_348_801_000},
        {"type": "nonsense"},
        {"type": "tick", "time": 1_795_348_802_000},
    ]
    told = cueroom("pace", write_show(tmp_path), "--state", stdin="".join(json.dumps(line) + "\n" for line in lines))
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0
    assert [answer["tick"] for answer in answers if "tick" in answer] == [1_795_348_801_000, 1_795_348_802_000]
    assert [answer["error"]["line"] for answer in answers if "error" in answer] == [3]
    assert all(answer["state"]["live"]["sku"] == "V01" for answer in answers if "tick" in answer)


def test_pace_with_a_wrong_show_file_tells_why_and_paces_nothing(tmp_path: Path) -> None:
    told = cueroom("pace", write_show(tmp_path, "no = toml ="), stdin="")
    assert (told.returncode, told.stdout) == (1, "")
    assert "show.toml: " in told.stderr
