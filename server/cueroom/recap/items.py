"""What became of each item: its time on air, its way from the card to the payment, its best minute and its decline."""

from cueroom.pacing.plan import planned_shares
from cueroom.recap.record import Record
from cueroom.recap.summary import Sales, best_minute, ratio
from cueroom.show.rundown import Item
from cueroom.show.state import MINUTE_MS


class ItemRecap(Sales, frozen=True, kw_only=True):
    """What became of one item. `spells` is how often it was on air, `air_ms` how long in all; `best_at` (ms) is the
    minute with the most GMV, `best_gmv`; `last_gmv` that of the last minute of its last spell; `gmv_by_minute` that of
    every minute of the show; the shares are parts of the goal and of the show's GMV."""

    item: Item
    spells: int
    first_at: int | None
    best_at: int | None
    best_gmv: int | None
    last_gmv: int | None
    gmv_by_minute: tuple[int, ...]
    planned_share: float
    share: float | None
    stock_left: int

    @property
    def planned_ms(self) -> int:
        """Planned time on air."""
        return round(self.item.minutes * MINUTE_MS)

    @property
    def gpm(self) -> float | None:
        """GMV ÷ product exposures x 1000: an item's page views are its card's."""
        return ratio(self.counts.gmv * 1000, self.counts.viewed)

    @property
    def left_at_share(self) -> float | None:
        """GMV of its last minute on air ÷ that of its best, which may be the last itself: that one ends when it leaves,
        the others with the clock's minutes."""
        return None if self.last_gmv is None else ratio(self.last_gmv, max(self.last_gmv, self.best_gmv or 0))


def items_of(record: Record) -> tuple[ItemRecap, ...]:
    """The items in the order of the rundown."""
    planned = planned_shares(record.snapshot.rundown)
    return tuple(_item(record, item, planned[item.sku]) for item in record.snapshot.rundown.items)


def _item(record: Record, item: Item, planned_share: float) -> ItemRecap:
    snapshot, field = record.snapshot, f"gmv|{item.sku}"
    plays = [play for play in record.plays if play.sku == item.sku]
    counts = snapshot.counts(item.sku)
    best_at, best_gmv = best_minute(record.minutes, field)
    last = next((play for play in reversed(plays) if play.until - play.since >= MINUTE_MS), None)
    return ItemRecap(
        item=item,
        counts=counts,
        spells=len(plays),
        first_at=plays[0].since if plays else None,
        air_ms=sum(play.until - play.since for play in plays),
        best_at=best_at,
        best_gmv=best_gmv,
        last_gmv=record.sum(field, last.until - MINUTE_MS, last.until) if last and best_at is not None else None,
        gmv_by_minute=tuple(record.minutes.get(minute, {}).get(field, 0) for minute in record.show_minutes),
        planned_share=planned_share,
        share=ratio(counts.gmv, snapshot.totals.gmv),
        stock_left=snapshot.shelf(item.sku).left,
    )
