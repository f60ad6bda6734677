"""A recording sent again: the same batches in every run, its events happening now."""

import asyncio
import json
import socket
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from cueroom import feed
from cueroom.errors import CueroomError
from cueroom.replay import BATCH_EVENTS, Destination, batches, destination, rebased, replay
from waiting import PATIENCE_S

START = 1_700_000_000_000
NOW = 1_800_000_000_000
Event = dict[str, Any]


def recording(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def entered(at_ms: int, n: int = 1) -> Event:
    return {"type": "viewer.entered", "time": START + at_ms, "n": n}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [entered(200 * number, n=number + 1) for number in range(20)]
    return recording(tmp_path / "show.ndjson", lines)


def test_lines_that_are_no_feeds_events_are_left_out(tmp_path: Path) -> None:
    cue = {"type": "cue", "time": START, "cue": {"id": "c-1"}}
    command = {"type": "command", "time": START, "command": {"command": "next"}}
    log = recording(tmp_path / "log", [cue, entered(0), command, {"tick": START}, entered(10)])
    assert [batch.events for batch in batches(log)] == [[entered(0), entered(10)]]


def test_a_batch_spans_half_a_second_and_numbers_grow_without_gaps(log: Path) -> None:
    made = list(batches(log))
    assert [batch.seq for batch in made] == list(range(1, len(made) + 1))
    assert all(batch.until_ms - batch.at_ms < 500 for batch in made)
    assert [event["n"] for batch in made for event in batch.events] == list(range(1, 21))
    assert made[-1].end == log.stat().st_size


def test_nobody_waits_for_a_recording_whose_first_events_have_no_time(tmp_path: Path) -> None:
    timeless = {"type": "viewer.liked"}
    made = list(batches(recording(tmp_path / "log", [timeless, timeless, entered(0), timeless, entered(600)])))
    assert [(batch.at_ms, batch.until_ms) for batch in made] == [(START, START), (START + 600, START + 600)]
    assert [len(batch.events) for batch in made] == [4, 1]


@given(st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), max_size=60))
def test_every_event_is_in_one_batch_whatever_the_order(moments: list[tuple[int, bool]]) -> None:
    lines = [{**entered(at), "n": n} if timed else {"type": "viewer.liked"} for n, (at, timed) in enumerate(moments, 1)]
    with tempfile.TemporaryDirectory() as directory:
        log = recording(Path(directory) / "log", lines)
        made = list(batches(log))
    assert [event.get("n") for batch in made for event in batch.events] == [line.get("n") for line in lines]
    assert all(0 < len(batch.events) <= BATCH_EVENTS for batch in made)
    assert all(a.until_ms <= b.until_ms for a, b in pairwise(made))


def test_the_first_event_happens_now_and_the_others_closer_by_the_speed() -> None:
    event = rebased({**entered(30_000), "id": "x"}, START, NOW, 10)
    assert event == {"type": "viewer.entered", "time": NOW + 3_000, "n": 1, "id": "x"}


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"type": "viewer.liked"}\n{"type": \n')
    with pytest.raises(CueroomError, match="line 2"):
        list(batches(log))


@pytest.mark.parametrize(
    ("to", "url"),
    [
        ("http://127.0.0.1:8080/v1/shows/launch", "ws://127.0.0.1:8080/v1/shows/launch/ingest"),
        ("https://room.example/cue/v1/shows/launch/", "wss://room.example/cue/v1/shows/launch/ingest"),
        ("ws://a.b@127.0.0.1:8080/v1/shows/launch/ingest", "ws://127.0.0.1:8080/v1/shows/launch/ingest"),
    ],
)
def test_a_shows_address_leads_to_its_ingest_socket(to: str, url: str) -> None:
    assert destination(to, "a.b") == Destination(url, "a.b")


def test_the_key_may_stand_in_the_address() -> None:
    assert destination("http://id.secret@h/v1/shows/launch", None).key == "id.secret"


@pytest.mark.parametrize("to", ["launch", "http://127.0.0.1:8080", "http://127.0.0.1/v1/shows/", "ftp://h/v1/shows/x"])
def test_an_address_that_leads_nowhere_is_refused_in_words(to: str) -> None:
    with pytest.raises(CueroomError, match="should look like"):
        destination(to, "k")


def test_without_a_key_it_says_where_to_get_one() -> None:
    with pytest.raises(CueroomError, match="cueroom keys"):
        destination("http://h/v1/shows/launch", None)


class Gateway:
    """Keeps what it was sent; goes away for good after `dies_after` batches."""

    def __init__(self) -> None:
        self.durable: list[list[Event]] = []
        self.producers: set[str] = set()
        self.dies_after = 10**9

    async def handle(self, socket: ServerConnection) -> None:
        self.producers.add(msgpack.unpackb(await socket.recv())["hello"]["producer"])
        limits = {"window": 4, "max_events": 10_000, "max_bytes": 1_000_000, "time": NOW}
        await socket.send(msgpack.packb({"welcome": {"resume": len(self.durable), **limits}}))
        async for frame in socket:
            if len(self.durable) == self.dies_after:
                await socket.close(4409)
                return
            batch = msgpack.unpackb(frame)
            assert batch["seq"] == len(self.durable) + 1
            self.durable.append(batch["events"])
            ack = {"ack": batch["seq"], "accepted": len(batch["events"]), "duplicate": 0, "rejected": []}
            await socket.send(msgpack.packb(ack))


def send(log: Path, gateway: Gateway, speed: float = 10_000) -> int:
    async def run() -> int:
        async with serve(gateway.handle, "127.0.0.1", 0, subprotocols=[feed.SUBPROTOCOL]) as server:
            port = server.sockets[0].getsockname()[1]
            done = await replay(log, Destination(f"ws://127.0.0.1:{port}/", "k"), speed, lambda _: None)
            return done.accepted

    return asyncio.run(asyncio.wait_for(run(), PATIENCE_S))


def test_a_replay_sends_everything_once_from_the_servers_now_on(log: Path) -> None:
    gateway = Gateway()
    assert send(log, gateway, speed=100) == 20
    events = [event for batch in gateway.durable for event in batch]
    assert [event["n"] for event in events] == list(range(1, 21))
    assert (events[0]["time"], events[-1]["time"]) == (NOW, NOW + 38)


def test_a_replay_that_was_stopped_goes_on_where_it_was(log: Path) -> None:
    gateway = Gateway()
    gateway.dies_after = 3
    with pytest.raises(feed.FeedError):
        send(log, gateway)
    gateway.dies_after = 10**9
    send(log, gateway)
    assert [event["n"] for batch in gateway.durable for event in batch] == list(range(1, 21))
    assert len(gateway.producers) == 1


def test_a_server_that_does_not_answer_is_told(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cueroom.replay.PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CueroomError, match="has not answered"):
        asyncio.run(replay(log, Destination(f"ws://127.0.0.1:{silent.getsockname()[1]}/", "k"), 1, lambda _: None))


def test_another_recording_is_another_producer(log: Path, tmp_path: Path) -> None:
    gateway, other = Gateway(), recording(tmp_path / "other", [entered(0)])
    send(log, gateway)
    gateway.durable.clear()
    send(other, gateway)
    assert len(gateway.producers) == 2
