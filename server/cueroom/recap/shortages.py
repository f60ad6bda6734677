"""Shortages: when an item on air had nothing on its shelf, and what that may have cost."""

from collections.abc import Iterator, Mapping

import msgspec

from cueroom.recap.record import Record
from cueroom.rundown import Item
from cueroom.state import initial_shelf

LEAST_S = 3
"""A shelf that was empty for less is told by rounding as much as by people."""
BEFORE_S = 60
"""The rate before a shortage is that of so many seconds on air before it, or as many as there were; nor is it taken to
have gone on for longer."""


class Shortage(msgspec.Struct, frozen=True, kw_only=True):
    """An empty shelf on air, `since` until `until` (ms). `held_back`: units in batches that nobody had released;
    `units_per_min` were ordered in the `before_s` seconds before."""

    item: Item
    since: int
    until: int
    held_back: int
    units_per_min: float
    before_s: int

    @property
    def empty_s(self) -> int:
        return (self.until - self.since) // 1000

    @property
    def counted_s(self) -> int:
        """The empty seconds for which the rate before still tells something: a rush fades."""
        return min(self.empty_s, self.before_s)

    @property
    def lost_units(self) -> int:
        """Units that would have sold had the rate before gone on so long; of batches held back never more than there
        were."""
        units = round(self.units_per_min * self.counted_s / 60)
        return min(units, self.held_back) if self.held_back else units

    @property
    def lost(self) -> int:
        """Their price, in minor units."""
        return self.lost_units * self.item.price


def shortages_of(record: Record) -> tuple[Shortage, ...]:
    """Every shortage on air, in order of time.

    The shelf is told by orders, releases and counts, second by second; of a cancelled order the units are taken to be
    the item's average."""
    found = [shortage for item in record.snapshot.rundown.items for shortage in _shortages_of_item(record, item)]
    return tuple(sorted(found, key=lambda shortage: shortage.since))


def _shortages_of_item(record: Record, item: Item) -> Iterator[Shortage]:
    plays = [(play.since // 1000, play.until // 1000) for play in record.plays if play.sku == item.sku]
    if not plays:
        return
    field = f"units_created|{item.sku}"
    for since, until, held_back in _empty_spells(record, item):
        for on, off in plays:
            first, last = max(since, on), min(until, off)
            if last - first < LEAST_S:
                continue
            before = range(max(on, first - BEFORE_S), first)
            units = sum(record.seconds.get(second, {}).get(field, 0) for second in before)
            yield Shortage(
                item=item,
                since=first * 1000,
                until=last * 1000,
                held_back=held_back,
                units_per_min=60 * units / len(before) if before else 0.0,
                before_s=len(before),
            )


def _empty_spells(record: Record, item: Item) -> Iterator[tuple[int, int, int]]:
    """From which second to which the shelf was empty, and the units held back meanwhile."""
    shelf = initial_shelf(item)
    level, held_back = float(shelf.on_shelf), shelf.reserve
    since: int | None = None
    for second, fields in _moves(record, item):
        released = int(fields.get("released", 0))
        before, held_back = held_back, max(0, held_back - released)
        level += released - fields.get("units", 0)
        level = max(0.0, fields.get("counted", level))
        if level < 1 and since is None:
            since = second + 1
        elif level >= 1 and since is not None:
            yield since, second, before
            since = None
    if since is not None:
        yield since, record.until // 1000, held_back


def _moves(record: Record, item: Item) -> Iterator[tuple[int, Mapping[str, float]]]:
    """The seconds in which the item's shelf changed, in order: units taken, units released, or a count."""
    sku, counts = item.sku, record.snapshot.counts(item.sku)
    usual = counts.units_created / counts.orders_created if counts.orders_created else 1.0
    moves: dict[int, dict[str, float]] = {}
    for second, fields in record.seconds.items():
        units = fields.get(f"units_created|{sku}", 0) - usual * fields.get(f"orders_cancelled|{sku}", 0)
        if units:
            moves.setdefault(second, {})["units"] = units
        if f"counted|{sku}" in fields:
            moves.setdefault(second, {})["counted"] = fields[f"counted|{sku}"]
    for entry in record.entries:
        if entry["type"] == "stock.released" and entry["sku"] == sku:
            move = moves.setdefault(entry["time"] // 1000, {})
            move["released"] = move.get("released", 0) + entry["n"]
    yield from sorted(moves.items())
