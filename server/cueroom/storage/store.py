"""The store: everything about a show that must survive, and the keys in Redis that hold it.

Keys. One show lives under one hash tag, so in one slot: `P` = `cueroom:{SHOW}:`. Money in minor units, times in ms.

| key | type | holds |
|---|---|---|
| `cueroom:shows` | set | ids of the shows that are kept; who finds that one is not any more strikes it off |
| `P show` | hash | `version`, `doc`: the rundown (msgpack); `form`: what all its keys are written in |
| `P n` | hash | totals by field (`gmv`, …), those of an item all in `item|SKU` (msgpack, see `flush.lua`); `known`, |
| | | from which order records count their times; `minutes_from`, the start first planned, with which |
| | | the minutes of `P unpaid` begin, however it is moved; `rev`, |
| | | `person_rev`, `newest`, `arrived`, `unique`, `online`, `online_at`, `peak_online`, `expire_at`, |
| | | `sent_early` (parcels shipped before their payment was told) |
| `P shelf` | hash | `on|SKU` units on sale, `out|SKU` units released from batches, `at|SKU` time of the last count |
| `P s:MINUTE` | hash | per-second totals of that minute: `SECOND|field`, `SECOND|item|SKU`; a gauge's last value, |
| | | and a stock count's millisecond as well (`counted_ms`) |
| `P m` | hash | per-minute totals: `MINUTE|field`, `MINUTE|item|SKU` |
| `P o:SHARD` | hash | order id → its record (see `flush.lua`), about 100 to a shard at 1.6 million orders |
| `P unpaid` | hash | `MINUTE|SKU` → orders and amount (msgpack values) created then and still unpaid; its minutes |
| | | count from `minutes_from` on, those of the other keys from the epoch |
| `P unshipped` | hash | `MINUTE|SKU` → orders and units (msgpack values) paid then and still without a parcel |
| `P sent:SHARD` | hash | order id → when its parcel was shipped, as order records count it; shards as those of orders |
| `P service:SHARD` | hash | order id → its service's record (see `flush.lua`); 1,024 shards |
| `P serving` | hash | kind of complaint → how many are open |
| `P uv` | HyperLogLog | distinct viewers (standard error 0.81 %) |
| `P viewers` | set | their ids, as long as they are fewer than 2,000 |
| `P ids:HOUR` | set | ids of events that came over HTTP in that hour of Redis's clock; 7 hours |
| `P feeds` | hash | producer → `epoch|last batch|received at` |
| `P inbox` | list | a feed's board events (JSON), on their way to the board |
| `P board` | hash | `version`, `doc`: the board (msgpack) |
| `P director` | hash | `memory` and `outlook` of the engine (msgpack), `token` (last fencing token) |
| `P lease` | string | the leader's token; 2 s |
| `P log` | stream | commands, cues, presented items, releases and overrides, in order (msgpack maps) |
| `P idem:KEY` | string | the first answer to a command; 24 h |
| `P screens` | hash | process → when it last told (s, by Redis's clock) `|` its screens (msgpack); 15 s |
| `P keys` | hash | key id → role, hash and expiry (msgpack) |
| `P waited` | string | the write behind which WAIT waits for replicas; 1 min |

No key is called `P` itself, although every script names it: a cluster that hands a slot over key by key sends whoever
asks for a missing key away, so no script ever runs on half a show.

What belongs to no show is in the table of `house`.

Channel: `P notices`, sharded, of `changed|` rev, before it `turned|` rev where the board changed and `cued|` rev where
a cue did, `kick|` producer|epoch and `revoked|` key id.
Memory is bounded by SKUs, seconds of show, orders and what became of them, never by viewer events. `keep_days` after
a show's end all its keys expire.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any, cast

import msgpack
import msgspec

from cueroom.errors import CannotChange, NotLeading, OtherForm, StoreUnavailable, UnknownShow
from cueroom.show.access import HOUSE, KeyRecord
from cueroom.show.aftersales import AfterSales, Service, Unshipped
from cueroom.show.board import Board, reloaded
from cueroom.show.events import AnyEvent, BoardEvent, ItemPresented
from cueroom.show.papers import Override
from cueroom.show.rundown import Rundown, unchangeable
from cueroom.show.state import MINUTE_MS, SCREENS_TOLD, Screen, Snapshot, minutes_from
from cueroom.show.tally import SERVICE_SHARDS, Flush
from cueroom.storage.backup import FORM, Kept, read_kept, write_kept
from cueroom.storage.calls import (
    Change,
    Changed,
    Flushed,
    Part,
    Sender,
    change_body,
    part_body,
    repeated,
    repeats_of,
)
from cueroom.storage.dossiers import uncleared_items
from cueroom.storage.house import House
from cueroom.storage.notices import Notices
from cueroom.storage.redis_link import FAILURES, Link, Script, script_of
from cueroom.storage.stored import (
    Minute,
    Order,
    Saved,
    board_of,
    decode_board,
    minutes_of,
    order_of,
    owed_of,
    saved_of,
    seconds_of,
    service_of,
    snapshot_of,
)

NAMESPACE = "cueroom:"
SHOWS = f"{NAMESPACE}shows"
LEASE_MS = 2_000
"""How long a leader that is gone keeps its lead; with the time between two looks of the others, under 3 s."""
PING_S = 1.0
IDEM_S = 86_400
"""How long the first answer to a command is kept; `board.lua` says the same."""
LOG_PAGE = 1_000
"""Entries of the log that are read at once."""
SEEN_S = 15
"""The screens of a process that told of none for so long are gone, whatever became of it."""


class Store:
    """A show's counters, board, keys and log in Redis. Every method raises StoreUnavailable when Redis does not
    answer or cannot take more."""

    def __init__(self, url: str, keep_days: int, replicas: int = 0) -> None:
        self._link = Link(url, replicas)
        self._keep_ms = keep_days * 86_400_000
        self._rundowns: dict[str, tuple[int, Rundown]] = {}
        self._flush = _script("flush")
        self._hello = _script("hello")
        self._change = _script("board")
        self._lease = _script("lease")
        self._read_script = _script("read")
        self._roll = _script("roll")
        self.notices = Notices(self._link, prefix_of)
        self.house = House(self._link, prefix_of(HOUSE))

    async def open(self) -> None:
        """Starts listening for notices; Redis need not be there yet."""
        self.notices.start(FAILURES)

    async def close(self) -> None:
        await self.notices.stop()
        await self._link.close()

    async def ping(self) -> None:
        """Asks whether Redis answers; within a second, since whoever asks wants to know now."""
        try:
            async with asyncio.timeout(PING_S):
                await self._link.ping()
        except TimeoutError as error:
            raise StoreUnavailable("the store does not answer in time") from error

    async def _call(self, show: str, act: Callable[[Any], Awaitable[Any]]) -> Any:
        return await self._link.call(prefix_of(show), act)

    # Shows

    async def put_show(self, rundown: Rundown, now: int) -> None:
        """Loads a show; loaded again, updates what may still change (items, prices, order, plan) and keeps what
        was counted, and what people changed or inserted during the show. Raises CannotChange for the rest."""
        show, prefix = rundown.id, prefix_of(rundown.id)
        await self._stored_rundown(show)  # one in another form is not written to

        async def begin(redis: Any) -> None:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.hset(f"{prefix}show", "form", FORM)
                pipe.hsetnx(f"{prefix}n", "known", now)
                pipe.hsetnx(f"{prefix}n", "minutes_from", minutes_from(rundown))
                pipe.hsetnx(f"{prefix}board", "version", 0)
                pipe.hsetnx(f"{prefix}board", "doc", msgspec.msgpack.encode(Board()))
                await pipe.execute()

        await self._call(show, begin)
        await self._link.call(SHOWS, lambda redis: redis.sadd(SHOWS, show))
        while True:
            board, stored = await self.board(show), await self._stored_rundown(show)
            merged = _with_inserted(rundown, stored)
            if stored:
                await self._check_may_change(stored, merged, now)
            after = reloaded(board, stored, merged)
            change = Change(before=board, after=after, rundown=merged, replaced=stored)
            if merged == stored or (await self.change(show, change)).status == "ok":
                return

    async def _check_may_change(self, stored: Rundown, wanted: Rundown, now: int) -> None:
        """Raises CannotChange where orders were counted in what would no longer be there."""
        snapshot, _ = await self.read(stored.id, now)
        used = {sku for sku, counts in snapshot.items.items() if counts.orders_created}
        used |= {play.sku for play in snapshot.board.plays}
        used |= {snapshot.board.live.sku} if snapshot.board.live else set()
        reasons = unchangeable(stored, wanted, used)
        if reasons:
            told = "; ".join(reason.message for reason in reasons)
            raise CannotChange(f"{stored.id} is loaded already, and {told}", reasons)

    async def _stored_rundown(self, show: str) -> Rundown | None:
        loaded = await self._call(show, lambda redis: redis.hexists(f"{prefix_of(show)}show", "doc"))
        return await self.rundown(show) if loaded else None

    async def shows(self) -> list[str]:
        """The ids of the shows that are there, sorted."""
        members = await self._link.call(SHOWS, lambda redis: redis.smembers(SHOWS))
        return sorted(member.decode() for member in members)

    async def strike(self, show: str) -> None:
        """Takes a show that is no longer kept off the list. One that is loaded meanwhile stays on it."""
        await self._link.call(SHOWS, lambda redis: redis.srem(SHOWS, show))
        if await self._call(show, lambda redis: redis.hexists(f"{prefix_of(show)}n", "known")):
            await self._link.call(SHOWS, lambda redis: redis.sadd(SHOWS, show))

    async def rundown(self, show: str) -> Rundown:
        """The show's rundown. Raises UnknownShow, OtherForm."""
        version = await self._call(show, lambda redis: redis.hget(f"{prefix_of(show)}show", "version"))
        if version is None:
            raise UnknownShow(show)
        return await self._rundown_at(show, int(version))

    async def _rundown_at(self, show: str, version: int) -> Rundown:
        cached = self._rundowns.get(show)
        if cached and cached[0] == version:
            return cached[1]
        doc, form = await self._call(show, lambda redis: redis.hmget(f"{prefix_of(show)}show", ["doc", "form"]))
        if form is None or int(form) != FORM:
            raise OtherForm(show)
        rundown = msgspec.msgpack.decode(doc, type=Rundown)
        self._rundowns[show] = (version, rundown)
        return rundown

    # Backup

    async def kept(self, show: str) -> list[Kept]:
        """All there is of a show but its links, of one moment. Raises UnknownShow."""
        await self.rundown(show)
        kept: list[Kept] = await self._call(
            show, lambda redis: read_kept(redis, prefix_of(show), lambda: self._keys(show))
        )
        return kept

    async def restore(self, show: str, kept: Sequence[Kept], now: int) -> None:
        """Puts a show back as it was kept; one that has ended stays for `keep_days` from now on. Raises CannotChange
        where there is a show of that id."""
        if await self._call(show, lambda redis: redis.exists(f"{prefix_of(show)}show")):
            raise CannotChange(f"there is a show {show!r} already; a backup goes where there is none")
        until = now + self._keep_ms
        await self._call(show, lambda redis: write_kept(redis, prefix_of(show), [key.lasting(until) for key in kept]))
        await self._link.call(SHOWS, lambda redis: redis.sadd(SHOWS, show))

    # Feeds

    async def hello(self, show: str, producer: str, now: int) -> tuple[int, int]:
        """Takes over a producer's name: (epoch, last durable batch). Raises UnknownShow."""
        answer = await self._link.run(prefix_of(show), self._hello, producer, now, safely=True)
        if answer is None:
            raise UnknownShow(show)
        return int(answer[0]), int(answer[1])

    async def flush(self, show: str, flush: Flush, now: int, sender: Sender | None = None) -> Flushed:
        """Applies the flush of one sender; see `flush_together`."""
        (flushed,) = await self.flush_together(show, [Part(flush, sender)], now)
        return flushed

    async def flush_together(self, show: str, parts: Sequence[Part], now: int) -> list[Flushed]:
        """Applies each part whole, once, and durably, or not at all, whatever becomes of the others; and their board
        events to the board. Raises UnknownShow."""
        packed = msgspec.msgpack.encode({"now": now, "parts": [part_body(part) for part in parts]})
        answer = await self._link.run(prefix_of(show), self._flush, packed, safely=True)
        if answer is None:
            raise UnknownShow(show)
        rev, version, *told = answer
        if any(part.flush.has_board_events for part in parts):
            await self.settle(show)
        rundown = await self._rundown_at(show, int(version))
        return [
            Flushed(status.decode(), int(rev), rundown, repeats_of(repeats))
            for status, repeats in zip(told[::2], told[1::2], strict=True)
        ]

    async def settle(self, show: str) -> None:
        """Applies the feeds' waiting board events to the board; any process may."""
        while True:
            waiting = await self._call(show, lambda redis: redis.lrange(f"{prefix_of(show)}inbox", 0, 99))
            if not waiting:
                return
            board, rundown = await self.board(show), await self.rundown(show)
            events = [msgspec.json.decode(raw, type=AnyEvent) for raw in waiting]
            after, put_on = board, []
            for event in events:
                before, after = after, after.told(cast(BoardEvent, event), rundown, event.time or 0)
                if isinstance(event, ItemPresented) and _sku_on_air(after) != _sku_on_air(before):
                    put_on.append(event)
            overrides = await self._overrides(rundown, put_on)
            entries = [msgspec.to_builtins(entry) for entry in (*events, *overrides)]
            await self.change(show, Change(before=board, after=after, log=entries, inbox=len(waiting), person=True))

    async def _overrides(self, rundown: Rundown, put_on: Sequence[ItemPresented]) -> list[Override]:
        """Those of the items a feed put on air that lack papers: it tells a fact, which nobody can refuse."""
        skus = {event.sku for event in put_on}
        try:
            lacking = await uncleared_items(self.house, rundown, skus)
        except StoreUnavailable:  # the house is at home elsewhere; nothing is known of papers, and the show goes on
            lacking = dict.fromkeys(skus, ())
        return [
            Override(
                time=event.time or 0,
                by=event.source or "feed",
                act="item.presented",
                sku=event.sku,
                lacks=lacking[event.sku],
            )
            for event in put_on
            if event.sku in lacking
        ]

    # Reading

    async def board(self, show: str) -> Board:
        """The board now. Raises UnknownShow."""
        raw = await self._call(show, lambda redis: redis.hmget(f"{prefix_of(show)}board", ["version", "doc"]))
        if raw[0] is None:
            raise UnknownShow(show)
        return board_of(raw)

    async def read(self, show: str, now: int, minutes: int = 2) -> tuple[Snapshot, Saved]:
        """The show at `now`, all of one moment, with the series of the last `minutes` minutes, and what the
        director saved. Raises UnknownShow."""
        while True:
            read = await self._read(show, now, minutes)
            if read:
                return read
            await self.settle(show)

    async def _read(self, show: str, now: int, minutes: int) -> tuple[Snapshot, Saved] | None:
        """The same; nothing where counters are there but the board events that came with them are not yet."""
        last = now // MINUTE_MS
        series = range(last - minutes + 1, last + 1)
        answer = await self._link.run(prefix_of(show), self._read_script, SEEN_S, *series)
        version, waiting = answer[:2]
        if version is None:
            raise UnknownShow(show)
        if waiting:
            return None
        rundown = await self._rundown_at(show, int(version))
        return snapshot_of(answer, series, rundown, now), saved_of(answer)

    async def minutes(self, show: str) -> list[Minute]:
        """The show's series by minute, in order."""
        raw = await self._call(show, _whole_hash(f"{prefix_of(show)}m"))
        return minutes_of(raw)

    # The board

    async def change(self, show: str, change: Change) -> Changed:
        """Makes one transition of the board. Raises UnknownShow, and NotLeading for a director that was replaced."""
        body = change_body(change, self._keep_ms)
        packed = msgpack.packb(body, use_bin_type=False)
        status, rev, text = await self._link.run(prefix_of(show), self._change, packed, safely=True)
        status = status.decode()
        if status == "gone":
            raise UnknownShow(show)
        if status == "fenced":
            raise NotLeading(f"another director leads {show}")
        if status == "ok" and "expire_at" in body:
            await self._expire(show, body["expire_at"])
        if status == "repeated":
            return repeated(text)
        return Changed(status, int(rev), decode_board(text) if text else None)

    async def remember(self, show: str, idem: str, rev: int, answer: str) -> None:
        """Keeps the first answer to a command that changed nothing."""
        key = f"{prefix_of(show)}idem:{idem}"
        await self._call(show, lambda redis: redis.set(key, f"{rev}|{answer}", nx=True, ex=IDEM_S))

    async def _expire(self, show: str, at: int) -> None:
        for key in await self._keys(show):
            await self._call(show, _expiry(key, at))

    async def _keys(self, show: str, kind: str = "") -> list[bytes]:
        """All keys of a show, or those of one kind."""

        async def scan(redis: Any) -> list[bytes]:
            await redis.exists(f"{prefix_of(show)}n")  # SCAN itself would not say that the show has moved
            return [key async for key in redis.scan_iter(match=f"{_literal(prefix_of(show))}{kind}*", count=1000)]

        keys: list[bytes] = await self._call(show, scan)
        return keys

    # The lead

    async def lead(self, show: str, token: str | None) -> str | None:
        """Takes or keeps the lead of a show: the token to write with, or None where another leads. Raises
        UnknownShow."""
        answer = await self._link.run(prefix_of(show), self._lease, token or "", LEASE_MS)
        if answer == b"":
            raise UnknownShow(show)
        return answer.decode() if answer else None

    async def yield_lead(self, show: str, token: str) -> None:
        """Gives the lead back, so that another need not wait for the lease to run out."""
        key = f"{prefix_of(show)}lease"
        if await self._call(show, lambda redis: redis.get(key)) == token.encode():
            await self._call(show, lambda redis: redis.delete(key))

    # Keys

    async def put_key(self, show: str, record: KeyRecord) -> None:
        kept = msgspec.msgpack.encode(record)
        await self._call(show, lambda redis: redis.hset(f"{prefix_of(show)}keys", record.id, kept))

    async def get_key(self, show: str, key_id: str) -> KeyRecord | None:
        raw = await self._call(show, lambda redis: redis.hget(f"{prefix_of(show)}keys", key_id))
        return msgspec.msgpack.decode(raw, type=KeyRecord) if raw else None

    async def list_keys(self, show: str) -> list[KeyRecord]:
        raw = await self._call(show, _whole_hash(f"{prefix_of(show)}keys"))
        return [msgspec.msgpack.decode(value, type=KeyRecord) for value in raw.values()]

    async def revoke_key(self, show: str, key_id: str) -> bool:
        """Forgets a key; sockets opened with it are closed. False where there was none."""
        prefix = prefix_of(show)

        async def revoke(redis: Any) -> int:
            async with redis.pipeline() as pipe:
                pipe.hdel(f"{prefix}keys", key_id)
                pipe.execute_command("SPUBLISH", f"{prefix}notices", f"revoked|{key_id}")
                removed, _ = await pipe.execute()
            return int(removed)

        return bool(await self._call(show, revoke))

    # Screens

    async def see_screens(self, show: str, process: str, screens: Sequence[Screen]) -> None:
        """These screens, the longest there first, are all that a process serves now."""
        told = msgspec.msgpack.encode(screens[:SCREENS_TOLD]) if screens else b""
        await self._link.run(prefix_of(show), self._roll, process, told, SEEN_S)

    # The log

    async def log_entries(self, show: str) -> AsyncIterator[dict[str, Any]]:
        """Commands, cues, presented items, releases and overrides, in the order they were written."""
        start = "-"
        while True:
            page = await self._call(show, _log_page(f"{prefix_of(show)}log", start))
            for entry_id, fields in page:
                start = f"({entry_id.decode()}"
                yield msgpack.unpackb(fields[b"e"])
            if len(page) < LOG_PAGE:  # the last one
                return

    async def orders(self, show: str) -> AsyncIterator[tuple[str, Order]]:
        """Every order's id and what is known of it, in no order; times are relative to `order_base`."""
        for key in await self._keys(show, "o:"):
            for order_id, record in (await self._call(show, _whole_hash(key))).items():
                yield order_id.decode(), order_of(record)

    async def parcels(self, show: str) -> AsyncIterator[tuple[str, int]]:
        """Every order whose parcel was shipped, and when (ms), in no order."""
        base = await self.order_base(show)
        for key in await self._keys(show, "sent:"):
            for order_id, sent in (await self._call(show, _whole_hash(key))).items():
                yield order_id.decode(), base + int(sent)

    async def services(self, show: str) -> list[Service]:
        """What became of every order that a buyer complained about or rated, in no order."""
        base = await self.order_base(show)

        async def read(redis: Any) -> list[dict[bytes, bytes]]:
            async with redis.pipeline(transaction=False) as pipe:
                for shard in range(SERVICE_SHARDS):
                    pipe.hgetall(f"{prefix_of(show)}service:{shard}")
                shards: list[dict[bytes, bytes]] = await pipe.execute()
            return shards

        shards = await self._call(show, read)
        return [service_of(order_id, record, base) for shard in shards for order_id, record in shard.items()]

    async def unshipped(self, show: str) -> Unshipped:
        """The paid orders that wait for their parcel."""
        return owed_of(await self._call(show, _whole_hash(f"{prefix_of(show)}unshipped")))

    async def serving(self, show: str) -> dict[str, int]:
        """Kind of complaint → how many are open, where there are any."""
        raw = await self._call(show, _whole_hash(f"{prefix_of(show)}serving"))
        return {kind.decode(): int(n) for kind, n in raw.items()}

    async def after_sales(self, show: str) -> AfterSales:
        """Everything told after the sale."""
        return AfterSales(await self.unshipped(show), tuple(await self.services(show)))

    async def order_base(self, show: str) -> int:
        """The instant (ms) that order records count from."""
        return int(await self._call(show, lambda redis: redis.hget(f"{prefix_of(show)}n", "known")))

    async def peak_online(self, show: str) -> int:
        """The most viewers who were there at once; 0 where none were told."""
        return int(await self._call(show, lambda redis: redis.hget(f"{prefix_of(show)}n", "peak_online")) or 0)

    async def second_totals(self, show: str) -> AsyncIterator[tuple[int, dict[str, int]]]:
        """Every second that has totals, in order: second since the epoch and its fields."""
        for minute in [minute.at for minute in await self.minutes(show)]:
            raw = await self._call(show, _whole_hash(f"{prefix_of(show)}s:{minute}"))
            seconds = seconds_of([(minute, raw)])
            for second in sorted(seconds):
                yield second, seconds[second]


def prefix_of(show: str) -> str:
    """What all keys of a show start with; the braces put them in one slot of a cluster."""
    return f"{NAMESPACE}{{{show}}}:"


def _sku_on_air(board: Board) -> str | None:
    return board.live.sku if board.live else None


def _script(name: str) -> Script:
    return script_of(files("cueroom.storage").joinpath("lua", f"{name}.lua").read_text())


def _whole_hash(key: str | bytes) -> Callable[[Any], Awaitable[Any]]:
    return lambda redis: redis.hgetall(key)


def _expiry(key: bytes, at: int) -> Callable[[Any], Awaitable[Any]]:
    return lambda redis: redis.pexpireat(key, at)


def _log_page(key: str, start: str) -> Callable[[Any], Awaitable[Any]]:
    return lambda redis: redis.xrange(key, min=start, count=LOG_PAGE)


def _literal(pattern: str) -> str:
    """Text as a glob that matches only itself."""
    return "".join(f"\\{char}" if char in "*?[]\\" else char for char in pattern)


def _with_inserted(rundown: Rundown, stored: Rundown | None) -> Rundown:
    """The show file's rundown with what was inserted during the show, unless the file has it by now."""
    inserted = tuple(item for item in (stored.items if stored else ()) if item.inserted and not rundown.item(item.sku))
    return msgspec.structs.replace(rundown, items=(*rundown.items, *inserted))
