"""Sweeping: a file that came, and was handed in with no paper by the next day, does not stay."""

import asyncio
from collections.abc import Iterable

import msgspec

from cueroom.before.filing import Filing
from cueroom.storage.dossiers import all_dossiers
from cueroom.storage.house import NEW, UPLOAD, House

WAIT_MS = 86_400_000
_AT = msgspec.json.Decoder(int)


async def await_papers(house: House, digests: Iterable[str], now: int) -> None:
    """These files wait for their papers from now on (ms)."""
    for digest in digests:
        kept = await house.get(UPLOAD, digest)
        await house.put(UPLOAD, digest, msgspec.json.encode(now), kept.version if kept else NEW)


async def sweep(house: House, filing: Filing, now: int) -> None:
    """Deletes the files that have waited too long, unless a paper has or had them. One that comes again, or is being
    handed in, meanwhile waits anew and stays."""
    waiting = [(digest, document) async for digest, document in house.documents(UPLOAD)]
    over = [(digest, document.version) for digest, document in waiting if _AT.decode(document.body) <= now - WAIT_MS]
    used = {digest async for dossier in all_dossiers(house) for digest in dossier.digests} if over else set()
    for digest, version in over:
        if await house.remove(UPLOAD, digest, version) and digest not in used:
            await asyncio.to_thread(filing.delete, digest)
