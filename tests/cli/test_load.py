"""Laws of `cueroom load`: a show that was recorded is restored to the last unit, where it is not there."""

import json
import re
import time
from pathlib import Path

import httpx2
import pytest

from commands_run import cueroom
from conftest import Server, ShowOnServer
from cueroom.recording import KEPT, kept_of
from cueroom.show.state import MINUTE_MS
from cueroom.storage.backup import FORM, Kept, packed
from feeding import PlainFeed, order
from steady_feed import SteadyFeed, truth
from waiting import PATIENCE_S

NOW = time.time_ns() // 1_000_000


def lived(show: ShowOnServer) -> ShowOnServer:
    """The show after a little of everything: late, twice, in the wrong order, estimated, and what people did."""
    with show.connect_ingest() as socket:
        PlainFeed(socket).push(
            [
                {"type": "item.presented", "sku": "V01", "time": NOW - 9 * MINUTE_MS},
                {"type": "room.online", "n": 700, "time": NOW - 9 * MINUTE_MS + 17},
                {"type": "room.online", "n": 300, "time": NOW - 9 * MINUTE_MS + 18},
                *({"type": "viewer.entered", "viewer": f"v{number}", "n": 1} for number in range(500)),
                {"type": "product.clicked", "sku": "V01", "n": 3, "time": NOW - 7 * MINUTE_MS},
                {"type": "viewer.gifted", "amount": 500},
                order("1", "created", qty=2),
                order("1", "paid", qty=2),
                order("2", "paid", sku="V02", amount=4_000, time=NOW - 5 * MINUTE_MS),
                {"type": "stock.counted", "sku": "V01", "n": 31, "time": NOW - 4 * MINUTE_MS + 250},
                order("3", "created", time=NOW - 4 * MINUTE_MS + 100),
                order("2", "created", sku="V02", amount=4_000, time=NOW - 6 * MINUTE_MS),
                order("4", "created", sku="V02"),
                order("4", "cancelled", sku="V02"),
                order("1", "refunded", qty=2, amount=9_000),
                {"type": "parcel.shipped", "id": "1"},
                {"type": "service.opened", "id": "2", "kind": "quality"},
            ]
        )
    assert show.post([{"type": "viewer.liked", "id": "like-1", "n": 4}, order("5", sku="V03")]).status_code == 200
    assert show.command("release", sku="V01", units=20).status_code == 200
    assert show.command("message", text="补货了").status_code == 200
    (cue,) = [cue["id"] for cue in show.state()["cues"] if cue["kind"] == "message"]
    assert show.command("accept", cue=cue).status_code == 200
    assert show.command("present", sku="V02").status_code == 200
    return show


def recorded(show: ShowOnServer, into: Path) -> Path:
    told = cueroom("record", show.id, "--data", show.server.data)
    assert (told.returncode, told.stderr) == (0, "")
    into.write_text(told.stdout)
    return into


def load(log: Path, data: Path) -> str:
    told = cueroom("load", log, "--data", data)
    assert told.stdout == ""
    assert "Traceback" not in told.stderr
    return told.stderr if told.returncode else ""


def kept(log: Path) -> tuple[str, list[Kept]]:
    with log.open("rb") as lines:
        return kept_of(lines)


@pytest.fixture(scope="module")
def recording(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[ShowOnServer, Path]:
    """A show that has lived, and its recording."""
    show = lived(server.new_show("backup"))
    return show, recorded(show, tmp_path_factory.mktemp("recording") / "show.ndjson")


def test_a_restored_show_is_the_show_to_the_last_unit(recording: tuple[ShowOnServer, Path], tmp_path: Path) -> None:
    show, log = recording
    assert load(log, tmp_path / "data") == ""
    told = cueroom("record", show.id, "--data", tmp_path / "data")
    (tmp_path / "again.ndjson").write_text(told.stdout)
    assert kept(tmp_path / "again.ndjson") == kept(log)


def test_a_restored_show_goes_on_where_it_was(recording: tuple[ShowOnServer, Path], tmp_path: Path) -> None:
    show, log = recording
    server = Server(tmp_path / "data")
    try:
        assert load(log, server.data) == ""
        assert (
            httpx2.get(
                f"{server.url}/v1/shows/{show.id}", headers=show.headers("viewer"), timeout=PATIENCE_S
            ).status_code
            == 401
        )
        again = ShowOnServer(server, show.rundown)
        before, after = show.state(), again.state()
        assert after["totals"] == before["totals"]
        assert after["totals"]["unique"] == 500
        assert after["items"].keys() == before["items"].keys()
        assert (after["live"], after["next"], after["order"]) == (before["live"], before["next"], before["order"])
        with again.connect_ingest() as socket:
            feed = PlainFeed(socket)
            assert feed.welcome["resume"] == 1
            assert feed.push([order("1", "paid", qty=2), order("6", sku="V03")])["duplicate"] == 1
        assert again.post({"type": "viewer.liked", "id": "like-1", "n": 4}).json()["duplicate"] == 1
    finally:
        assert server.stop() == 0


def test_a_backup_beside_a_busy_server_is_of_one_moment(server: Server, tmp_path: Path) -> None:
    show = server.new_show("busy")
    feed = SteadyFeed(show)
    feed.await_progress()
    log = recorded(show, tmp_path / "busy.ndjson")
    feed.finish()
    restored = Server(tmp_path / "data")
    try:
        assert load(log, restored.data) == ""
        state = ShowOnServer(restored, show.rundown).state()
        assert truth(state["feeds"][0]["last_seq"]).items() <= state["totals"].items()
    finally:
        assert restored.stop() == 0


def test_a_backup_overwrites_nothing(recording: tuple[ShowOnServer, Path]) -> None:
    show, log = recording
    assert f"there is a show '{show.id}' already" in load(log, show.server.data)


def test_half_a_recording_restores_nothing(recording: tuple[ShowOnServer, Path], tmp_path: Path) -> None:
    _, log = recording
    lines = log.read_text().splitlines(keepends=True)
    half = tmp_path / "half.ndjson"
    half.write_text("".join(lines[:-1]))
    assert "is not whole" in load(half, tmp_path / "data")
    half.write_text("".join(lines)[:-20])
    assert f"line {len(lines)} of the recording is broken" in load(half, tmp_path / "data")
    half.write_text("".join(line for line in lines if json.loads(line)["type"] != KEPT))
    assert "events only" in load(half, tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_what_the_store_cannot_hold_restores_nothing(recording: tuple[ShowOnServer, Path], tmp_path: Path) -> None:
    _, log = recording
    for broken in (
        re.sub('"value":"[^"]*"', '"value":"AAAA"', log.read_text()),
        log.read_text().replace("hash", "set"),
    ):
        (tmp_path / "broken.ndjson").write_text(broken)
        assert "of the recording is broken" in load(tmp_path / "broken.ndjson", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_recording_of_another_version_is_told(recording: tuple[ShowOnServer, Path], tmp_path: Path) -> None:
    _, log = recording
    other = tmp_path / "other.ndjson"
    other.write_text(log.read_text().replace(f'"form":{FORM}', f'"form":{FORM + 1}'))
    assert "of another version" in load(other, tmp_path / "data")


def test_a_show_that_ended_long_ago_stays_for_as_long_as_one_that_ends_now() -> None:
    counters = Kept("n", "hash", packed({b"expire_at": b"1000", b"gmv": b"7"}), 1_000)
    assert counters.lasting(5_000) == Kept("n", "hash", packed({b"expire_at": b"5000", b"gmv": b"7"}), 5_000)
    assert Kept("ids:4711", "set", packed({b"a"}), 1_000).lasting(5_000).ends_at == 1_000
    assert Kept("board", "hash", packed({}), None).lasting(5_000).ends_at is None
