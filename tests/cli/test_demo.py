"""Laws of `cueroom demo`."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from cueroom.processes.embedded import is_abandoned
from cueroom.show.access import read_token
from waiting import PATIENCE_S, until

LINES = 12


def start(tmp_path: Path) -> subprocess.Popen[str]:
    """The demonstration, its temporary files kept where the test can look."""
    with (tmp_path / "demo.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "cueroom.cli", "demo", "--port", "0", "--speed", "60", "--shape", "small"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(tmp_path)
    yield process
    process.kill()
    process.wait()


def told(process: subprocess.Popen[str]) -> dict[str, str]:
    """Screen → link, as the demonstration prints them."""
    assert process.stdout
    text = "".join(process.stdout.readline() for _ in range(LINES))
    assert text.startswith("ready http://127.0.0.1:")
    return dict(re.findall(r"^  (\w+) +(http\S+)$", text, re.MULTILINE))


def test_one_command_shows_a_show_that_sells_and_leaves_nothing_behind(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    links = told(demo)
    assert set(links) == {"console", "prompter", "overlay", "shows", "metrics"}
    base, _, token = links["console"].partition("/join/")
    read = read_token(token)
    assert read
    show, key = read

    def orders() -> int:
        state = httpx2.get(
            f"{base}/v1/shows/{show}", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S
        ).json()
        return int(state["totals"]["orders_created"])

    until(orders, "somebody buys")
    assert httpx2.get(links["metrics"], timeout=PATIENCE_S).status_code == 200

    demo.send_signal(signal.SIGINT)
    assert demo.wait(PATIENCE_S) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["demo.log"]


def test_what_a_killed_demonstration_left_goes_with_the_next(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    told(demo)
    demo.kill()
    (left,) = tmp_path.glob("cueroom-demo-*")
    until(lambda: is_abandoned(left), "its store has ended")
    with start(tmp_path) as following:
        told(following)
        assert not left.exists()
        following.send_signal(signal.SIGINT)
