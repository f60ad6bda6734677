"""The house: documents that belong to no show, each changed only from its last version.

Keys. All under one hash tag that no show can have, so in one slot: `H` = `cueroom:{+house}:`.

| key | type | holds |
|---|---|---|
| `H keys` | hash | the keys to all shows, as the store keeps a show's own |
| `H d:KIND` | hash | a document's id → `VERSION|DOCUMENT` |
| `H version` | string | the last version that was given; no two changes have the same |

Kinds: `draft` (what was typed of a show's plan and is not in the show yet, by the show's id), `papers` (a product's
dossier, by its SKU), `upload` (when a file came that may not be handed in yet, by its digest), `pool` and `products`
(what an assortment is made from, see `pools`), `profile` (the hosts, by an id that never changes), `lesson` (what a
show taught, by its id).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any

import msgspec

from cueroom.storage.redis_link import Link, script_of

DRAFT = "draft"
PAPERS = "papers"
LESSON = "lesson"
UPLOAD = "upload"
NEW = 0
"""The version of a document that is not there yet."""


class Document(msgspec.Struct, frozen=True):
    """A document as it is kept; what its bytes mean is its kind's business."""

    version: int
    body: bytes


class House:
    """The documents of one installation. Every method raises StoreUnavailable as the store's do."""

    def __init__(self, link: Link, prefix: str) -> None:
        self._link = link
        self._prefix = prefix
        self._change = script_of(files("cueroom.storage").joinpath("lua", "house.lua").read_text())

    async def get(self, kind: str, document_id: str) -> Document | None:
        """The document as it is now."""
        kept = await self._link.call(self._prefix, lambda redis: redis.hget(self._key(kind), document_id))
        return _document(kept) if kept else None

    async def get_many(self, kind: str, document_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that are there, in one round trip."""
        if not document_ids:
            return {}
        kept = await self._link.call(self._prefix, lambda redis: redis.hmget(self._key(kind), document_ids))
        return {name: _document(one) for name, one in zip(document_ids, kept, strict=True) if one}

    async def put(self, kind: str, document_id: str, body: bytes, version: int) -> int | None:
        """Writes what was made from `version` (NEW: from nothing): the new version, or None where somebody was
        faster."""
        return await self._changed(kind, document_id, version, body)

    async def remove(self, kind: str, document_id: str, version: int) -> bool:
        """Forgets the document; False where it has another version by now."""
        return await self._changed(kind, document_id, version) is not None

    async def _changed(self, kind: str, *change: str | int | bytes) -> int | None:
        after = await self._link.run(self._prefix, self._change, kind, *change, safely=True)
        return int(after) if after else None

    async def documents(self, kind: str) -> AsyncIterator[tuple[str, Document]]:
        """Every document of that kind with its id, in no order; one that is changed meanwhile may come twice."""
        cursor = None
        while cursor != 0:
            cursor, page = await self._link.call(self._prefix, _scan(self._key(kind), cursor or 0))
            for document_id, kept in page.items():
                yield document_id.decode(), _document(kept)

    async def ids(self, kind: str) -> list[str]:
        """The ids of every document of that kind, in no order."""
        found = await self._link.call(self._prefix, lambda redis: redis.hkeys(self._key(kind)))
        return [document_id.decode() for document_id in found]

    def _key(self, kind: str) -> str:
        return f"{self._prefix}d:{kind}"


def _scan(key: str, cursor: int) -> Callable[[Any], Awaitable[Any]]:
    return lambda redis: redis.hscan(key, cursor, count=1000)


def _document(kept: bytes) -> Document:
    version, _, body = kept.partition(b"|")
    return Document(int(version), body)
