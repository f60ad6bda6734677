"""Backup: all of a show's keys as values, and back into Redis: whatever they hold, of one moment, to the last unit."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Literal, cast

import msgpack
import msgspec

from cueroom.show.tally import ORDER_SHARDS, SERVICE_SHARDS

TRANSIENT = ("keys", "lease", "screens", "waited", "idem:")
"""What is not in a backup: links and keys, which belong to an installation, and what lives for a moment or a day."""

PASSING = "ids:"
"""What ends by itself, hours after it was written, while all else ends with the show."""

COUNTERS = "n"
"""The hash that also says when its show's keys end."""

CHUNK = 500
"""Fields or members written by one command."""

FORM = 5
"""Grows with every change of what keys hold, after which an older store or backup would be misread."""

Kind = Literal["string", "hash", "set", "list", "stream"]

SHARDS: dict[str, Kind] = {
    f"{name}:{shard}": "hash"
    for name, shards in (("o", ORDER_SHARDS), ("sent", ORDER_SHARDS), ("service", SERVICE_SHARDS))
    for shard in range(shards)
}
"""The keys over which orders, their parcels and their service are spread: any of them may come with the next order."""

GONE = -2
"""What PEXPIRETIME says of a key that is not there."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key: its name after the show's prefix, its type in Redis, its value (msgpack: bytes, or lists and pairs of
    them), and when it ends, in ms since 1970."""

    name: str
    kind: Kind
    value: bytes
    ends_at: int | None = None

    def check(self) -> None:
        """Raises msgspec.DecodeError where the value is none of its type."""
        msgspec.msgpack.decode(self.value, type=_SHAPES[self.kind])

    def lasting(self, until: int) -> "Kept":
        """The same, where it is to end with its show: then not before `until` (ms)."""
        ends_at = self.ends_at
        if ends_at is not None and not self.name.startswith(PASSING):
            ends_at = max(ends_at, until)
        value = self.value
        if self.name == COUNTERS:
            fields = dict(msgpack.unpackb(value))
            if b"expire_at" in fields:
                fields[b"expire_at"] = b"%d" % max(int(fields[b"expire_at"]), until)
            value = packed(fields)
        return Kept(self.name, self.kind, value, ends_at)


def packed(value: Any) -> bytes:
    """A value of Redis such that equal ones are the same bytes."""
    if isinstance(value, dict):
        value = sorted(value.items())
    return cast(bytes, msgpack.packb(sorted(value) if isinstance(value, set) else value))


async def read_kept(redis: Any, prefix: str, names: Callable[[], Awaitable[list[bytes]]]) -> list[Kept]:
    """Every key of a show that `names` finds, all as they were at one moment. Where orders bring new ones meanwhile,
    all that orders can bring are read, there or not: a busy show would never hold still."""
    coming: dict[str, Kind] = {}
    while True:
        kinds = coming | await _kinds(redis, prefix, await _lasting(prefix, names))
        kept = await _read(redis, prefix, kinds)
        if await _lasting(prefix, names) <= kinds.keys():
            return kept
        coming = SHARDS


async def _kinds(redis: Any, prefix: str, names: Collection[str]) -> dict[str, Kind]:
    """The type of each key that is still there."""
    async with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(prefix + name)
        kinds = await pipe.execute()
    return {name: kind.decode() for name, kind in zip(names, kinds, strict=True) if kind != b"none"}


async def _read(redis: Any, prefix: str, kinds: Mapping[str, Kind]) -> list[Kept]:
    """Those of these keys that are there, all as they were at one moment."""
    ordered = sorted(kinds.items())
    async with redis.pipeline(transaction=True) as pipe:
        for name, kind in ordered:
            _READS[kind](pipe, prefix + name)
            pipe.pexpiretime(prefix + name)
        answers = await pipe.execute()
    return [
        Kept(name, kind, packed(value), end if end > 0 else None)
        for (name, kind), value, end in zip(ordered, answers[::2], answers[1::2], strict=True)
        if end != GONE
    ]


async def write_kept(redis: Any, prefix: str, kept: Sequence[Kept]) -> None:
    """Writes them, all or none."""
    async with redis.pipeline(transaction=True) as pipe:
        for key in kept:
            _WRITES[key.kind](pipe, prefix + key.name, msgpack.unpackb(key.value, strict_map_key=False))
            if key.ends_at is not None:
                pipe.pexpireat(prefix + key.name, key.ends_at)
        await pipe.execute()


async def _lasting(prefix: str, names: Callable[[], Awaitable[list[bytes]]]) -> set[str]:
    found = {name.decode().removeprefix(prefix) for name in await names()}
    return {name for name in found if not name.startswith(TRANSIENT)}


_SHAPES: dict[Kind, Any] = {
    "string": bytes,
    "hash": list[tuple[bytes, bytes]],
    "set": list[bytes],
    "list": list[bytes],
    "stream": list[tuple[bytes, dict[bytes, bytes]]],
}
_READS: dict[Kind, Callable[[Any, str], Any]] = {
    "string": lambda pipe, key: pipe.get(key),
    "hash": lambda pipe, key: pipe.hgetall(key),
    "set": lambda pipe, key: pipe.smembers(key),
    "list": lambda pipe, key: pipe.lrange(key, 0, -1),
    "stream": lambda pipe, key: pipe.xrange(key),
}


def _write_hash(pipe: Any, key: str, fields: Sequence[tuple[bytes, bytes]]) -> None:
    for first in range(0, len(fields), CHUNK):
        pipe.hset(key, mapping=dict(fields[first : first + CHUNK]))


def _write_set(pipe: Any, key: str, members: Sequence[bytes]) -> None:
    for first in range(0, len(members), CHUNK):
        pipe.sadd(key, *members[first : first + CHUNK])


def _write_list(pipe: Any, key: str, values: Sequence[bytes]) -> None:
    for value in values:
        pipe.rpush(key, value)


def _write_stream(pipe: Any, key: str, entries: Sequence[tuple[bytes, Any]]) -> None:
    for entry_id, fields in entries:
        pipe.xadd(key, dict(fields), id=entry_id)


_WRITES: dict[Kind, Callable[[Any, str, Any], None]] = {
    "string": lambda pipe, key, value: pipe.set(key, value),
    "hash": _write_hash,
    "set": _write_set,
    "list": _write_list,
    "stream": _write_stream,
}
