"""Laws of the house: a document changes only from the version somebody saw, and never has a version twice."""

import asyncio
import itertools

from conftest import Server
from cueroom.storage.house import NEW, Document
from cueroom.storage.store import Store

_NAMES = (f"document-{n}" for n in itertools.count())


def test_a_document_is_read_back_as_it_was_written_with_its_version(server: Server) -> None:
    name, body = next(_NAMES), bytes(range(256))

    async def act(store: Store) -> tuple[int | None, Document | None]:
        return await store.house.put("trial", name, body, NEW), await store.house.get("trial", name)

    version, kept = server.with_store(act)
    assert kept == Document(version or NEW, body)


def test_of_two_who_change_the_same_version_one_is_told(server: Server) -> None:
    name = next(_NAMES)

    async def act(store: Store) -> tuple[list[int | None], Document | None]:
        seen = await store.house.put("trial", name, b"first", NEW)
        assert seen
        both = await asyncio.gather(*(store.house.put("trial", name, body, seen) for body in (b"one", b"two")))
        return both, await store.house.get("trial", name)

    versions, kept = server.with_store(act)
    assert versions.count(None) == 1
    assert kept
    assert (kept.version, kept.body) in zip(versions, (b"one", b"two"), strict=True)


def test_who_remembers_a_document_that_was_removed_cannot_write_over_its_successor(server: Server) -> None:
    name = next(_NAMES)

    async def act(store: Store) -> tuple[bool, bool, int | None]:
        old = await store.house.put("trial", name, b"old", NEW) or NEW
        removed = await store.house.remove("trial", name, old)
        await store.house.put("trial", name, b"new", NEW)
        late = await store.house.put("trial", name, b"late", old)
        return removed, await store.house.remove("trial", name, old), late

    assert server.with_store(act) == (True, False, None)


def test_every_document_of_a_kind_is_listed_and_none_of_another(server: Server) -> None:
    names = {next(_NAMES) for _ in range(3)}

    async def act(store: Store) -> dict[str, bytes]:
        for name in names:
            await store.house.put("listed", name, name.encode(), NEW)
        await store.house.put("other", next(_NAMES), b"", NEW)
        return {name: document.body async for name, document in store.house.documents("listed")}

    assert server.with_store(act) == {name: name.encode() for name in names}


def test_what_is_not_there_is_nothing(server: Server) -> None:
    async def act(store: Store) -> Document | None:
        return await store.house.get("trial", next(_NAMES))

    assert server.with_store(act) is None
