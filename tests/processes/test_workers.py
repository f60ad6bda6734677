"""Laws of the workers."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from conftest import Server
from cueroom.processes.workers import LONGEST_DELAY_S, WorkerError, crew_of, delay_after
from cueroom.settings import Settings
from cueroom.worker import attend
from waiting import PATIENCE_S, until


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", "--workers", "2")
    yield server
    server.process.kill()
    server.process.wait()


def accepted_likes(server: Server) -> float:
    text = httpx2.get(f"{server.url}/metrics", timeout=PATIENCE_S).text
    found = re.search(r'cueroom_events_total\{outcome="accepted",type="viewer.liked"\} (\S+)', text)
    return float(found[1]) if found else 0.0


def test_every_worker_tells_the_figures_of_all_even_of_those_that_died(crew: Server) -> None:
    show = crew.new_show()
    for _ in range(10):
        with httpx2.Client(timeout=PATIENCE_S) as fresh:
            sent = fresh.post(
                f"{crew.url}/v1/shows/{show.id}/events", json={"type": "viewer.liked"}, headers=show.headers("ingest")
            )
            assert sent.status_code == 200
    assert {accepted_likes(crew) for _ in range(5)} == {10.0}

    before = crew.workers()
    assert len(before) == 2
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(crew.workers()) == 2 and victim not in crew.workers(), "another takes its place")
    until(lambda: accepted_likes(crew) == 10.0, "its likes are told")
    died = 'cueroom_worker_starts_total{reason="died"} 1.0'
    until(lambda: died in httpx2.get(f"{crew.url}/metrics", timeout=PATIENCE_S).text, "its death is told")
    assert show.state()["totals"]["liked"] == 10
    assert crew.stop() == 0


def test_asked_to_stop_every_worker_acknowledges_what_it_accepted_and_says_it_restarts(crew: Server) -> None:
    show = crew.new_show()
    with ExitStack() as stack:
        feeds = [stack.enter_context(show.connect_ingest()) for _ in range(4)]
        for number, feed in enumerate(feeds):
            feed.send(json.dumps({"hello": {"producer": f"douyin-{number}"}}))
            feed.recv()
            feed.send(json.dumps({"seq": 1, "events": [{"type": "viewer.liked"}]}))
        crew.process.send_signal(signal.SIGTERM)
        for feed in feeds:
            assert json.loads(feed.recv(timeout=PATIENCE_S))["ack"] == 1
            with pytest.raises(ConnectionClosed):
                feed.recv(timeout=PATIENCE_S)
            assert feed.close_code == 1012
    assert crew.process.wait(PATIENCE_S) == 0


def test_one_worker_is_the_server_s_own_process_until_it_is_relieved(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    try:
        assert not server.workers()
        server.reload()
        assert len(server.workers()) == 1
        assert httpx2.get(f"{server.url}/healthz", timeout=PATIENCE_S).status_code == 200
    finally:
        server.kill()


def test_workers_do_not_outlive_a_killed_supervisor(crew: Server) -> None:
    workers = crew.workers()
    crew.process.kill()
    until(lambda: not any(runs(pid) for pid in workers), "all have ended")


def runs(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.startswith("Z")


def test_a_worker_that_cannot_start_ends_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def scene() -> None:
        settings = Settings(workers=2, data=str(tmp_path))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with crew_of(settings, listener, partial(attend, settings)):
                pass

    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkerError, match="status 1 before it was ready"):
        asyncio.run(scene())


def test_where_a_fresh_worker_does_not_start_the_old_one_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def scene() -> None:
        settings = Settings(data=str(tmp_path), redis=f"unix://{tmp_path}/none.sock")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with (
                crew_of(settings, listener, partial(attend, settings)) as crew,
                httpx2.AsyncClient(timeout=PATIENCE_S) as http,
            ):
                monkeypatch.setattr(sys, "executable", "/bin/false")
                with pytest.raises(WorkerError, match="status 1; the old ones stay"):
                    await crew.relieve()
                address = "http://127.0.0.1:{1}/healthz".format(*listener.getsockname())
                assert (await http.get(address)).status_code == 200

    asyncio.run(scene())


def test_a_worker_that_dies_again_and_again_is_given_time() -> None:
    delays = [delay_after(failures) for failures in range(12)]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S
