"""Teaching: what a show taught is kept in the house, so that it outlives the show; and what all of them taught."""

import msgspec
import structlog

from cueroom.lessons import Lessons, Taught, counting, learn, taught_by
from cueroom.pacing.pacer import Mind
from cueroom.storage.house import LESSON, NEW, House
from cueroom.storage.store import Store

log = structlog.get_logger()


async def keep(house: House, taught: Taught) -> None:
    """Keeps what a show taught, in the place of what it was thought to have taught before. Whoever keeps it meanwhile
    as well has seen the same show. Raises StoreUnavailable."""
    body = msgspec.json.encode(taught)
    kept = await house.get(LESSON, taught.show)
    if kept and kept.body == body:
        return
    if await house.put(LESSON, taught.show, body, kept.version if kept else NEW):
        log.info("lesson kept", show=taught.show, items=len(taught.items))


async def taught_of(store: Store, show: str, now: int) -> Taught | None:
    """What the show taught, as it is kept, or read out of the show that has just ended, and kept. Raises UnknownShow,
    StoreUnavailable."""
    kept = await store.house.get(LESSON, show)
    if kept:
        return msgspec.json.decode(kept.body, type=Taught)
    snapshot, saved = await store.read(show, now)
    mind = msgspec.msgpack.decode(saved.memory, type=Mind) if saved.memory else Mind()
    taught = taught_by(snapshot, mind.memory)
    if taught:
        await keep(store.house, taught)
    return taught


async def taught_by_all(house: House) -> tuple[Taught, ...]:
    """What every show taught that counts, the earliest first. Raises StoreUnavailable."""
    return counting([msgspec.json.decode(kept.body, type=Taught) async for _, kept in house.documents(LESSON)])


async def lessons_of(house: House) -> Lessons:
    """What all shows taught. Raises StoreUnavailable."""
    return learn(await taught_by_all(house))
