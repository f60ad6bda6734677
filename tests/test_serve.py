"""Laws of the server as a program."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from commands_run import SHOWFILE, cueroom, write_show
from conftest import Server
from cueroom.processes.embedded import embedded_redis, url_of
from cueroom.serve import ServeError, bind, without_password
from cueroom.settings import Settings
from cueroom.storage.backup import FORM
from cueroom.storage.store import prefix_of
from waiting import PATIENCE_S


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may end as it likes."""
    server = Server(tmp_path / "data")
    yield server
    server.process.kill()
    server.process.wait()


def test_asked_to_stop_it_acknowledges_what_it_accepted_says_it_restarts_and_exits_with_0(own: Server) -> None:
    show = own.new_show()
    with show.connect_ingest() as feed:
        feed.send(json.dumps({"hello": {"producer": "douyin-1"}}))
        feed.recv()
        feed.send(json.dumps({"seq": 1, "events": [{"type": "viewer.liked", "n": 5}]}))
        own.process.send_signal(signal.SIGTERM)
        assert json.loads(feed.recv(timeout=PATIENCE_S))["ack"] == 1
        with pytest.raises(ConnectionClosed):
            feed.recv(timeout=PATIENCE_S)
        assert feed.close_code == 1012
    assert own.process.wait(PATIENCE_S) == 0
    own.start()
    assert show_again(own, show.id, show.keys["viewer"])["totals"]["liked"] == 5


def test_killed_and_started_again_it_goes_on_where_it_was(own: Server) -> None:
    show = own.new_show()
    assert show.post({"type": "order.paid", "id": "o1", "sku": "V01", "qty": 1, "amount": 9900}).status_code == 200
    own.kill()
    own.start()
    assert show_again(own, show.id, show.keys["viewer"])["totals"]["gmv"] == 9900


def show_again(server: Server, show: str, key: str) -> dict[str, dict[str, Any]]:
    answer = httpx2.get(f"{server.url}/v1/shows/{show}", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)
    state: dict[str, dict[str, Any]] = answer.json()
    return state


def test_standard_output_is_one_line(own: Server) -> None:
    own.process.send_signal(signal.SIGINT)
    rest, _ = own.process.communicate(timeout=PATIENCE_S)
    assert rest == ""
    assert own.process.returncode == 0


def test_a_port_in_use_is_told_in_one_sentence(server: Server, tmp_path: Path) -> None:
    told = cueroom("serve", "--data", tmp_path, "--port", str(server.port))
    assert told.returncode == 1
    assert told.stderr == (
        f"Error: Cannot listen on 127.0.0.1:{server.port}: Address already in use. "
        "Stop the program that has it, or choose another with --port (0 takes a free one).\n"
    )


def test_an_unknown_host_is_told_in_words() -> None:
    with pytest.raises(ServeError, match="no such host"):
        bind(Settings(host="no-such-host.invalid"))


def test_all_problems_of_all_show_files_are_told_before_anything_starts(tmp_path: Path) -> None:
    one = write_show(tmp_path, SHOWFILE.replace('"hot"', '"hit"'), "one.toml")
    other = write_show(tmp_path, SHOWFILE.replace("30", "-30"), "other.toml")
    told = cueroom("serve", write_show(tmp_path), one, other, "--data", tmp_path / "data")
    assert told.returncode == 1
    assert told.stdout == ""
    assert {line.partition(":")[0] for line in told.stderr.splitlines()} == {str(one), str(other)}
    assert not (tmp_path / "data").exists()


def test_two_files_of_one_show_are_told(tmp_path: Path) -> None:
    one, other = write_show(tmp_path), write_show(tmp_path, SHOWFILE.replace("宠粉首播", "宠粉次播"), "other.toml")
    told = cueroom("serve", one, other, "--data", tmp_path / "data")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"{one}: has the show.id of {other}; each show has one of its own\n"
    assert not (tmp_path / "data").exists()


def test_a_show_loaded_again_keeps_what_was_counted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = Server(data, str(write_show(tmp_path)))
    key = cueroom("keys", "launch-0630", "--role", "ingest", "--data", data).stdout.strip()
    events = {"type": "order.paid", "id": "o1", "sku": "V01", "qty": 1, "amount": 9900}
    posted = httpx2.post(
        f"{server.url}/v1/shows/launch-0630/events",
        json=events,
        headers={"Authorization": f"Bearer {key}"},
        timeout=PATIENCE_S,
    )
    assert posted.status_code == 200
    assert server.stop() == 0

    write_show(tmp_path, SHOWFILE.replace("宠粉首播", "宠粉次播"))
    server.start()
    state = show_again(server, "launch-0630", key)
    assert (state["show"]["title"], state["totals"]["gmv"]) == ("宠粉次播", 9900)
    assert server.stop() == 0


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("record", "launch-0630"), ("keys", "launch-0630", "--list")]
)
def test_a_store_that_another_version_wrote_is_told_with_the_way_out(tmp_path: Path, command: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    server = Server(data, str(write_show(tmp_path)))
    show = prefix_of("launch-0630") + "show"
    server.with_store(lambda store: store._call("launch-0630", lambda redis: redis.hset(show, "form", FORM - 1)))
    assert server.stop() == 0
    told = cueroom(*command, "--data", data)
    assert (told.returncode, told.stdout) == (1, "")
    assert "Traceback" not in told.stderr
    assert "that version's `cueroom record launch-0630`" in told.stderr.splitlines()[-1]


def test_it_waits_for_a_redis_that_is_not_there_yet(tmp_path: Path) -> None:
    async def scene() -> None:
        data = tmp_path / "redis"
        server = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "cueroom.cli", "serve", str(write_show(tmp_path)), "--port", "0"],
            *["--redis", url_of(data / "redis.sock"), "--data", str(tmp_path / "data")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert server.stdout
        assert server.stderr
        async with asyncio.timeout(PATIENCE_S):
            while b"waiting for redis" not in await server.stderr.readline():
                pass
        async with (
            embedded_redis(data, "always"),
            httpx2.AsyncClient(timeout=PATIENCE_S) as http,
            asyncio.timeout(PATIENCE_S),
        ):
            url = (await server.stdout.readline()).decode().split()[1]
            assert (await http.get(f"{url}/readyz")).status_code == 200
            assert "cueroom_store_away 0.0" in (await http.get(f"{url}/metrics")).text
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as http:
            assert (await http.get(f"{url}/readyz")).status_code == 503
            assert (await http.get(f"{url}/healthz")).status_code == 200
            async with asyncio.timeout(PATIENCE_S):
                while "cueroom_store_away 1.0" not in (await http.get(f"{url}/metrics")).text:  # noqa: ASYNC110 - asked
                    await asyncio.sleep(0.05)
        server.terminate()
        await server.communicate()
        assert server.returncode == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("url", "logged"),
    [
        ("redis://lin:secret@db:6379/0", "redis://db:6379/0"),
        ("rediss://:secret@db/0", "rediss://db/0"),
        ("redis://db/0", "redis://db/0"),
        ("redis+cluster://lin:secret@a,b,[::1]:7002", "redis+cluster://a,b,[::1]:7002"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_no_password_reaches_the_log(url: str, logged: str) -> None:
    assert without_password(url) == logged
