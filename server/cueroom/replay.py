"""A recording sent again through the ingest socket, its events as far apart as they were, or closer."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from cueroom.errors import CueroomError
from cueroom.feed import Event, Feed, ingest_url
from cueroom.show.access import read_key
from cueroom.show.events import TYPES

BATCH_MS = 500
BATCH_EVENTS = 500
BATCH_BYTES = 256 * 1024
"""A batch ends at the first of these. They depend on the recording alone: so a batch number means the same events in
every run, and the server's answer to hello says where to go on."""

PATIENCE_S = 30.0
"""A server that does not answer for so long at first is told; once it has, it is waited for."""

Progress = Callable[[int], None]
"""Is told how many bytes of the recording are done."""


class Batch(msgspec.Struct, frozen=True):
    """The `seq`-th batch of a recording: its events as recorded, from when until when they happened (ms), and where in
    the file the batch ends."""

    seq: int
    events: list[Event]
    at_ms: int
    until_ms: int
    end: int


class Destination(msgspec.Struct, frozen=True):
    """An ingest socket and the key that opens it."""

    url: str
    key: str


def destination(to: str, key: str | None) -> Destination:
    """Where `--to` leads: a show's address (`http://HOST/v1/shows/SHOW`, with or without `/ingest`); the key may stand
    before the host, as `http://KEY@HOST/…`. Raises CueroomError."""
    right = "it should look like http://127.0.0.1:8080/v1/shows/SHOW"
    try:
        parts = urlsplit(to)
        _ = parts.port
    except ValueError as error:
        raise CueroomError(f"{to} is no show's address ({error}); {right}") from error
    base, _, rest = parts.path.partition("/v1/shows/")
    show = rest.removesuffix("/").removesuffix("/ingest")
    if parts.scheme not in {"http", "https", "ws", "wss"} or not show or "/" in show:
        raise CueroomError(f"{to} is no show's address; {right}")
    host = parts.netloc.rpartition("@")[2]
    key = key or parts.username
    if not key:
        raise CueroomError("the ingest socket wants a key: `cueroom keys SHOW --role ingest` prints one")
    if read_key(key) is None:
        raise CueroomError("that is no key: one looks like ID.SECRET, as `cueroom keys` prints it")
    return Destination(ingest_url(urlunsplit((parts.scheme, host, base, "", "")), show), key)


async def replay(log: Path, to: Destination, speed: float, progress: Progress) -> Feed:
    """Send the recording; returns the feed with its counts once everything is durable.

    Stopped and started again, it goes on with the first batch that is not durable. Raises CueroomError, OSError."""
    producer = producer_of(log)
    try:
        async with asyncio.timeout(PATIENCE_S) as patience, Feed(to.url, to.key, producer) as feed:
            patience.reschedule(None)
            await _send_all(log, feed, speed, progress)
    except TimeoutError as error:
        raise CueroomError(f"{to.url} has not answered for {PATIENCE_S:.0f} s; does the server run there?") from error
    return feed


def producer_of(log: Path) -> str:
    """The producer's name for a recording: the same for the same events, whatever else was recorded with them."""
    digest = hashlib.sha256()
    for event, _ in _events(log):
        digest.update(json.dumps(event, sort_keys=True).encode())
    return f"replay-{digest.hexdigest()[:16]}"


async def _send_all(log: Path, feed: Feed, speed: float, progress: Progress) -> None:
    began_s = time.monotonic()
    first_ms = None
    for batch in batches(log):
        if batch.seq > feed.resume:
            first_ms = batch.at_ms if first_ms is None else first_ms
            await asyncio.sleep(began_s + (batch.until_ms - first_ms) / 1000 / speed - time.monotonic())
            await feed.send([rebased(event, first_ms, feed.opened_at_ms, speed) for event in batch.events])
        progress(batch.end)


def rebased(event: Event, from_ms: int, to_ms: int, speed: float) -> Event:
    """The event at its new time: what happened at `from_ms` now happens at `to_ms`, the rest closer by `speed`."""
    return {**event, "time": max(0, to_ms + round((event["time"] - from_ms) / speed))}


def batches(log: Path) -> Iterator[Batch]:
    """The recording's events in batches. Lines that are no feed's events (commands, cues) are left out; an event
    without a time happened when the one before it did, and where that has none either, when the first that has one
    did."""
    seq = size = done = 0
    at_ms = until_ms = next((event["time"] for event, _ in _events(log) if "time" in event), 0)
    events: list[Event] = []
    for event, length in _events(log):
        happened = event.setdefault("time", until_ms)
        full = happened - at_ms >= BATCH_MS or len(events) == BATCH_EVENTS or size + length > BATCH_BYTES
        if events and full:
            seq += 1
            yield Batch(seq, events, at_ms, until_ms, done)
            events, size = [], 0
        at_ms = at_ms if events else max(until_ms, happened)
        until_ms = max(until_ms, happened)
        events.append(event)
        size += length
        done += length
    if events:
        yield Batch(seq + 1, events, at_ms, until_ms, log.stat().st_size)


def _events(log: Path) -> Iterator[tuple[Event, int]]:
    """The feed events of a recording, each with the bytes read since the last. Raises CueroomError at a broken line."""
    read = 0
    with log.open("rb") as file:
        for number, line in enumerate(file, start=1):
            read += len(line)
            if not line.strip():
                continue
            try:
                event = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise CueroomError(f"{log}, line {number}: {error}") from error
            if isinstance(event, dict) and event.get("type") in TYPES:
                if not isinstance(event.get("time"), int):
                    event.pop("time", None)
                yield event, read
                read = 0
