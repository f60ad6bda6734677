"""Laws of `cueroom record` and `cueroom replay`."""

import json
from pathlib import Path

from commands_run import cueroom
from conftest import Server, ShowOnServer


def fed(show: ShowOnServer) -> ShowOnServer:
    """The show after some events."""
    at = 1_790_000_000_000
    events = [
        {"type": "item.presented", "sku": "V01", "time": at},
        {"type": "room.online", "n": 300, "time": at},
        {"type": "viewer.entered", "n": 40, "time": at + 500},
        {"type": "order.created", "id": "o1", "sku": "V01", "qty": 2, "amount": 19_800, "time": at + 1_000},
        {"type": "order.paid", "id": "o1", "sku": "V01", "qty": 2, "amount": 19_800, "time": at + 2_000},
    ]
    assert show.post(events).status_code == 200
    return show


def record(show: ShowOnServer, into: Path) -> list[dict[str, object]]:
    told = cueroom("record", show.id, "--data", show.server.data)
    assert (told.returncode, told.stderr) == (0, "")
    into.write_text(told.stdout)
    return [json.loads(line) for line in told.stdout.splitlines()]


def replay(log: Path, show: ShowOnServer) -> str:
    address = f"{show.server.url}/v1/shows/{show.id}"
    told = cueroom("replay", log, "--to", address, "--speed", "1000", CUEROOM_KEY=show.keys["ingest"])
    assert (told.returncode, told.stdout) == (0, "")
    return told.stderr


def test_a_recording_tells_every_order_total_and_item_in_order(server: Server, tmp_path: Path) -> None:
    lines = record(fed(server.new_show()), tmp_path / "show.ndjson")
    types = [line["type"] for line in lines]
    assert set(types) >= {"item.presented", "room.online", "viewer.entered", "order.created", "order.paid"}
    times = [line["time"] for line in lines]
    assert times == sorted(times, key=str)


def test_a_recording_sent_to_another_show_counts_the_same_and_only_once(server: Server, tmp_path: Path) -> None:
    original, copy, log = fed(server.new_show()), server.new_show("copy"), tmp_path / "show.ndjson"
    record(original, log)
    assert "0 duplicate, 0 rejected" in replay(log, copy)
    assert replay(log, copy).startswith("0 accepted")
    assert copy.state()["totals"] == original.state()["totals"] | {"unique": copy.state()["totals"]["unique"]}


def test_a_wrong_key_is_told_in_words(server: Server, tmp_path: Path) -> None:
    show, log = fed(server.new_show()), tmp_path / "show.ndjson"
    record(show, log)
    told = cueroom("replay", log, "--to", f"{server.url}/v1/shows/{show.id}", "--key", "no.key")
    assert told.returncode == 1
    assert told.stderr.startswith("Error: the server refused the feed with status 401: ")
    assert "Traceback" not in told.stderr
