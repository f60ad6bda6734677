"""Laws of the command line."""

import json
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


def test_check_is_content_with_a_right_show_file(tmp_path: Path) -> None:
    told = cueroom("check", write_show(tmp_path))
    assert (told.returncode, told.stderr) == (0, "")
    assert "宠粉首播, 1 items, no errors" in told.stdout


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
