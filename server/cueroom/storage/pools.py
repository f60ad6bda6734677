"""The pool in the house: the products of a file, kept in chunks, replaced as a whole and read once a version."""

import asyncio
import secrets

import msgspec

from cueroom.assortment.candidates import Candidate
from cueroom.storage.house import NEW, House

POOL, CHUNKS = "pool", "products"
"""Kinds of documents: what is known of the pool, and its products."""
NOW = "now"
CHUNK = 1_000
"""Products in a chunk."""


class PoolIndex(msgspec.Struct, frozen=True):
    """What is known of the pool without its products: `generation` begins the ids of its chunks, `at` (ms) is when it
    was read from which `file`, prices are in minor units of `currency`."""

    generation: str
    chunks: int
    count: int
    currency: str
    file: str
    at: int


class Pool(msgspec.Struct, frozen=True):
    """The pool as it is kept."""

    version: int
    index: PoolIndex
    products: tuple[Candidate, ...]


async def pool_index(house: House) -> tuple[int, PoolIndex | None]:
    """Its version (NEW: there is none) and what is known of it. Raises StoreUnavailable."""
    kept = await house.get(POOL, NOW)
    return (kept.version, msgspec.msgpack.decode(kept.body, type=PoolIndex)) if kept else (NEW, None)


class PoolWriter:
    """Writes a new pool beside the present one, chunk by chunk; `finish` puts it in its place."""

    def __init__(self, house: House) -> None:
        self.count = 0
        self._house = house
        self._generation = secrets.token_hex(8)
        self._chunks = 0

    async def add(self, products: list[Candidate]) -> None:
        """Keeps one chunk."""
        body = await asyncio.to_thread(msgspec.msgpack.encode, products)
        await self._house.put(CHUNKS, _chunk_id(self._generation, self._chunks), body, NEW)
        self._chunks += 1
        self.count += len(products)

    async def finish(self, currency: str, file: str, at: int, version: int) -> bool:
        """From now on this is the pool, if nobody has replaced the one of that version meanwhile."""
        # What others have written by now is the old pool's, or will lose against ours: its writer saw the old version.
        others = [chunk for chunk in await self._house.ids(CHUNKS) if not chunk.startswith(self._generation)]
        index = PoolIndex(self._generation, self._chunks, self.count, currency, file, at)
        if await self._house.put(POOL, NOW, msgspec.msgpack.encode(index), version) is None:
            return False
        for chunk in others:
            kept = await self._house.get(CHUNKS, chunk)
            if kept:
                await self._house.remove(CHUNKS, chunk, kept.version)
        return True


class Pools:
    """Reads the pool, and remembers it until there is another. One for a process."""

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self._reading = asyncio.Lock()

    async def read(self, house: House) -> Pool | None:
        """The pool as it is now; None where there is none yet. Raises StoreUnavailable."""
        async with self._reading:
            while True:
                version, index = await pool_index(house)
                if index is None:
                    return None
                if self._pool is None or self._pool.version != version:
                    products = await _products(house, index)
                    if products is None:
                        continue  # it was replaced meanwhile
                    self._pool = Pool(version, index, products)
                return self._pool


async def _products(house: House, index: PoolIndex) -> tuple[Candidate, ...] | None:
    products: list[Candidate] = []
    for at in range(index.chunks):
        kept = await house.get(CHUNKS, _chunk_id(index.generation, at))
        if kept is None:
            return None
        products += await asyncio.to_thread(msgspec.msgpack.decode, kept.body, type=list[Candidate])
    return tuple(products)


def _chunk_id(generation: str, at: int) -> str:
    return f"{generation}:{at:05}"
