"""Worth: what a unit brings by what people pay for it, which vouchers and gifts make other than the sheet's price."""

from cueroom.show.rundown import Item
from cueroom.show.state import Snapshot

_TRUST_UNITS, _TRUST_SHOW_UNITS = 10, 20
"""So many paid units weigh as much as the belief that an item is paid for like the show, the show like the sheet."""

_FAR = 4.0
"""An item is paid for at most so many times better or worse than the others: beyond that an amount is wrong."""


def worths(snapshot: Snapshot) -> dict[str, float]:
    """Minor units that a unit of each item brings, by SKU."""
    items = snapshot.rundown.items
    paid, listed = 0.0, 0.0
    for item in items:
        counts = snapshot.counts(item.sku)
        paid, listed = paid + counts.gmv, listed + counts.units_paid * item.price
    trust = _TRUST_SHOW_UNITS * sum(item.price for item in items) / max(1, len(items))
    usual = (paid + trust) / (listed + trust) if trust else 1.0
    return {item.sku: _part(snapshot, item, usual) * item.price for item in items}


def _part(snapshot: Snapshot, item: Item, usual: float) -> float:
    """The part of its price that is paid for an item, where that part is `usual` in the show."""
    counts = snapshot.counts(item.sku)
    if not counts.units_paid or not item.price:
        return usual
    part = (counts.gmv / item.price + _TRUST_UNITS * usual) / (counts.units_paid + _TRUST_UNITS)
    return min(max(part, usual / _FAR), usual * _FAR)
