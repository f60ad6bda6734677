"""Laws of the README: what it tells a newcomer is so."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import Server, ShowOnServer
from cueroom import showfile
from cueroom.cli import COMMANDS
from cueroom.settings import Setting, table
from cueroom.show.cues import Kind
from cueroom.show.events import TYPES
from cueroom.show.rundown import Rundown

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def block(language: str) -> str:
    """The first code block in that language."""
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else ""
    meaning = f"{setting.meaning}, in {setting.unit}" if setting.unit else setting.meaning
    return f"| `{setting.variable}` | `{setting.option}` | {default} | {meaning} |"


def test_the_settings_table_is_that_of_the_program() -> None:
    told = [line for line in README.splitlines() if line.startswith("| `CUEROOM_")]
    assert told == [row(setting) for setting in table()]


@pytest.fixture(scope="module")
def show(server: Server) -> ShowOnServer:
    """The show of the README's show file, served."""
    rundown = showfile.parse(block("toml").encode())
    assert isinstance(rundown, Rundown), rundown
    return ShowOnServer(server, rundown)


def test_the_feed_in_python_feeds_the_show(show: ShowOnServer) -> None:
    feed_two_batches(show, [sys.executable, "-u", "-c", block("python")])


def node() -> str:
    """A Node whose WebSocket needs no package: the 22nd or newer."""
    path = shutil.which("node") or pytest.skip("no node")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip("v\n").split(".")[0]) < 22:
        pytest.skip(f"node {version.strip()} has no WebSocket of its own")
    return path


def test_the_feed_in_node_feeds_the_show(show: ShowOnServer) -> None:
    feed_two_batches(show, [node(), "--input-type=module", "-e", block("js")])


def test_what_it_says_with_curl_is_understood(show: ShowOnServer) -> None:
    words = {"$KEY": show.keys["ingest"], "$PRODUCER_KEY": show.keys["producer"], "$(uuidgen)": "once"}
    told = re.findall(r"^(curl -H .*?)\n```", README, re.MULTILINE | re.DOTALL)
    assert [said_with_curl(show, command, words) for command in told] == [
        200,
        412,
    ]  # the show has not seen that revision


def said_with_curl(show: ShowOnServer, command: str, words: dict[str, str]) -> int:
    """Posts what the command would, as curl would say it; the answer's status."""
    for name, word in words.items():
        command = command.replace(name, word)
    arguments = shlex.split(command)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl says of -d by itself
    for flag, value in pairwise(arguments):
        headers |= dict([value.split(": ", 1)]) if flag == "-H" else {}
    body = arguments[arguments.index("-d") + 1]
    return show.http.post(urlsplit(arguments[-1]).path, content=body, headers=headers).status_code


def feed_two_batches(show: ShowOnServer, command: list[str]) -> None:
    """Runs a feed until its second batch is acknowledged, and looks for what it sent."""
    before = show.state()["totals"]
    environment = {**os.environ, "CUEROOM": show.server.ws_url, "KEY": show.keys["ingest"]}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as feed:
        try:
            acks = (json.loads(line) for line in feed.stdout or () if "ack" in line)
            assert next(ack for ack in acks if ack["ack"] >= 2)["rejected"] == []
        finally:
            feed.kill()
    after = show.state()["totals"]
    assert after["entered"] - before["entered"] >= 24
    assert after["gmv"] - before["gmv"] >= 2 * 9900


def test_every_kind_of_cue_and_every_type_of_event_is_told() -> None:
    tables = "".join(line for line in README.splitlines() if line.startswith("| `"))
    missing = [name for name in (*Kind, *TYPES) if f"`{name}`" not in tables]
    assert not missing


def test_every_command_is_told_and_none_that_is_not_there() -> None:
    told = re.findall(r"^\| `cueroom (\w+)", README, re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)


def test_every_way_within_it_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    places = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    ways = re.findall(r"\]\(#([^)]+)\)", README)
    assert ways
    assert set(ways) <= places
