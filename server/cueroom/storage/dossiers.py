"""Dossiers: the papers of products as the house keeps them, and what a show's items lack."""

from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec

from cueroom.show.papers import Dossier, Lack, uncleared
from cueroom.show.rundown import Rundown
from cueroom.storage.house import NEW, PAPERS, House

_DOSSIER = msgspec.json.Decoder(Dossier)


async def read_dossier(house: House, sku: str) -> tuple[Dossier, int]:
    """A product's dossier and its version; an empty one and NEW where nobody handed anything in yet."""
    kept = await house.get(PAPERS, sku)
    return (_DOSSIER.decode(kept.body), kept.version) if kept else (Dossier(sku), NEW)


async def keep_dossier(house: House, dossier: Dossier, version: int) -> bool:
    """Keeps what was made from that version; False where somebody was faster."""
    return await house.put(PAPERS, dossier.sku, msgspec.json.encode(dossier), version) is not None


async def all_dossiers(house: House) -> AsyncIterator[Dossier]:
    """Every dossier there is, in no order."""
    async for _, kept in house.documents(PAPERS):
        yield _DOSSIER.decode(kept.body)


async def read_dossiers(house: House, skus: Sequence[str]) -> dict[str, Dossier]:
    """The dossiers of those of the products that have one, by SKU."""
    kept = await house.get_many(PAPERS, skus)
    return {sku: _DOSSIER.decode(document.body) for sku, document in kept.items()}


async def uncleared_items(house: House, rundown: Rundown, skus: Iterable[str]) -> dict[str, tuple[Lack, ...]]:
    """What those of the items lack that may not go live in this show; nothing in a show that requires no papers."""
    wanted = tuple(skus) if rundown.papers else ()
    return uncleared(wanted, await read_dossiers(house, wanted), rundown.starts_at, rundown.zone)
