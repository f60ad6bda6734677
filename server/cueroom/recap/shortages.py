"""Shortages: when an item on air had nothing on its shelf, and what that may have cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cueroom.recap.record import Record
from cueroom.show.rundown import Item
from cueroom.show.state import Counts, initial_shelf

LEAST_S = 3
"""A shelf that was empty for less is told by rounding as much as by people."""
BLINK_S = 30
"""Cancelled orders give units back, which are gone again at once: for less than this a shelf has not been filled."""
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


class _Move(msgspec.Struct):
    """What changed a shelf within a second: units taken (and given back), units released, or a count."""

    units: float = 0.0
    released: int = 0
    counted: int | None = None


Moves = Mapping[int, _Move]


def shortages_of(record: Record) -> tuple[Shortage, ...]:
    """Every shortage on air, in order of time.

    The shelf is told by orders, releases and counts, second by second; of a cancelled order the units are taken to be
    the item's average."""
    moves = _moves(record)
    found = [
        shortage
        for item in record.snapshot.rundown.items
        for shortage in _shortages_of_item(record, item, moves.get(item.sku, {}))
    ]
    return tuple(sorted(found, key=lambda shortage: shortage.since))


def _shortages_of_item(record: Record, item: Item, moves: Moves) -> Iterator[Shortage]:
    plays = [(play.since // 1000, play.until // 1000) for play in record.plays if play.sku == item.sku]
    field = f"units_created|{item.sku}"
    for since, until, held_back in _joined(_empty_spells(item, moves, record.until // 1000)):
        for on, off in plays:
            first, last = max(since, on), min(until, off)
            if last - first < LEAST_S:
                continue
            before_s = min(BEFORE_S, first - on)
            units = record.sum(field, 1000 * (first - before_s), 1000 * first)
            yield Shortage(
                item=item,
                since=first * 1000,
                until=last * 1000,
                held_back=held_back,
                units_per_min=60 * units / before_s if before_s else 0.0,
                before_s=before_s,
            )


def _joined(spells: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The spells without the blinks between them, where as much was held back before as after."""
    joined: list[tuple[int, int, int]] = []
    for since, until, held_back in spells:
        if joined and since - joined[-1][1] < BLINK_S and held_back == joined[-1][2]:
            since, *_ = joined.pop()  # noqa: PLW2901  # the spell began with the one before
        joined.append((since, until, held_back))
    return joined


def _empty_spells(item: Item, moves: Moves, end: int) -> Iterator[tuple[int, int, int]]:
    """From which second to which the shelf was empty, and the units held back meanwhile."""
    shelf = initial_shelf(item)
    level, held_back = float(shelf.on_shelf), shelf.reserve
    since: int | None = None
    for second, move in sorted(moves.items()):
        before, held_back = held_back, max(0, held_back - move.released)
        level = max(0.0, level + move.released - move.units) if move.counted is None else move.counted
        if level < 1 and since is None:
            since = second + 1
        elif level >= 1 and since is not None:
            yield since, second, before
            since = None
    if since is not None:
        yield since, end, held_back


def _moves(record: Record) -> dict[str, dict[int, _Move]]:
    """SKU → second → what changed its shelf."""
    moves: defaultdict[str, defaultdict[int, _Move]] = defaultdict(lambda: defaultdict(_Move))
    for second, fields in record.seconds.items():
        for field, n in fields.items():
            name, _, sku = field.partition("|")
            if name == "units_created":
                moves[sku][second].units += n
            elif name == "orders_cancelled":
                moves[sku][second].units -= n * _usual_units(record.snapshot.counts(sku))
            elif name == "counted":
                moves[sku][second].counted = n
    for entry in record.entries:
        if entry["type"] == "stock.released":
            moves[entry["sku"]][entry["time"] // 1000].released += entry["n"]
    return dict(moves)


def _usual_units(counts: Counts) -> float:
    return counts.units_created / counts.orders_created if counts.orders_created else 1.0
