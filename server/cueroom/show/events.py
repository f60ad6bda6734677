"""The vocabulary of a show: one struct for each event type, validated where it is decoded."""

from enum import StrEnum
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Gauge = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
MOST_MINOR = 1_000_000_000_000
Minor = Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)]
"""Money in minor units (fen, cents)."""
Millis = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]
"""Milliseconds since the Unix epoch, UTC; up to the year 2100."""
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
CONTROLS = r"\x00-\x1f\x7f-\x9f"
"""Characters that no name has, for a pattern."""
Source = Annotated[str, msgspec.Meta(max_length=2_000, pattern=rf"^[^{CONTROLS}]*$(?!\n)")]
Stars = Annotated[int, msgspec.Meta(ge=1, le=5)]
"""What a buyer gave, from 1 to 5."""


class Event(msgspec.Struct, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What every event may carry. `time` is when it happened; without it, when it was received."""

    time: Millis | None = None
    source: Source | None = None


class Identified(Event, kw_only=True):
    """An event neither of an order nor after a sale: `id` is optional and only used to recognise a repeat over HTTP."""

    id: Id | None = None


class RoomOnline(Identified, tag="room.online", kw_only=True):
    """Concurrent viewers as the platform reports them."""

    n: Gauge


class ViewerEvent(Identified, kw_only=True):
    """Something `n` viewers did, or one viewer did `n` times."""

    n: Count = 1
    viewer: Id | None = None


class ViewerEntered(ViewerEvent, tag="viewer.entered", kw_only=True):
    stay_s: Seconds | None = None


class ViewerLeft(ViewerEvent, tag="viewer.left", kw_only=True):
    stay_s: Seconds | None = None


class ViewerCommented(ViewerEvent, tag="viewer.commented", kw_only=True):
    text: str | None = None


class ViewerLiked(ViewerEvent, tag="viewer.liked"):
    pass


class ViewerFollowed(ViewerEvent, tag="viewer.followed"):
    pass


class ViewerShared(ViewerEvent, tag="viewer.shared"):
    pass


class ViewerGifted(ViewerEvent, tag="viewer.gifted", kw_only=True):
    """`amount` is the total of the `n` gifts, in minor units."""

    amount: Minor


class ProductViewed(ViewerEvent, tag="product.viewed", kw_only=True):
    sku: Sku


class ProductClicked(ViewerEvent, tag="product.clicked", kw_only=True):
    sku: Sku


class OrderEvent(Event, kw_only=True):
    """One order line. Applied once per (`id`, type) and show; `amount` is the line's total."""

    id: Id
    sku: Sku
    qty: Count
    amount: Minor | None = None
    viewer: Id | None = None


class OrderCreated(OrderEvent, tag="order.created"):
    pass


class OrderPaid(OrderEvent, tag="order.paid"):
    pass


class OrderCancelled(OrderEvent, tag="order.cancelled"):
    pass


class OrderRefunded(OrderEvent, tag="order.refunded"):
    pass


class AfterSalesEvent(Event, kw_only=True):
    """What became of an order after the sale; `id` is the order's. Applied once per (`id`, type) and show, for days
    after the show as well. It says nothing of the room, so it makes no data fresh."""

    id: Id


class ParcelShipped(AfterSalesEvent, tag="parcel.shipped"):
    pass


class Complaint(StrEnum):
    """What a buyer complains about."""

    QUALITY = "quality"
    COLOUR = "colour"
    STAIN = "stain"
    MISSING = "missing"
    SLOW = "slow"
    OTHER = "other"


class ServiceOpened(AfterSalesEvent, tag="service.opened", kw_only=True):
    kind: Complaint = Complaint.OTHER


class ServiceAnswered(AfterSalesEvent, tag="service.answered"):
    pass


class ServiceClosed(AfterSalesEvent, tag="service.closed", kw_only=True):
    """With the buyer's ratings, as far as there are any."""

    goods: Stars | None = None
    service: Stars | None = None
    logistics: Stars | None = None


class StockCounted(Identified, tag="stock.counted", kw_only=True):
    """Sellable units on the shelf now; overrides our own arithmetic."""

    sku: Sku
    n: Gauge


class StockReleased(Identified, tag="stock.released", kw_only=True):
    """The next `n` units of real stock went on the shelf."""

    sku: Sku
    n: Count


class ItemPresented(Identified, tag="item.presented", kw_only=True):
    """The host is now on this item."""

    sku: Sku
    host: Id | None = None


class ShowStarted(Identified, tag="show.started"):
    pass


class ShowEnded(Identified, tag="show.ended"):
    pass


AnyEvent = (
    RoomOnline
    | ViewerEntered
    | ViewerLeft
    | ViewerCommented
    | ViewerLiked
    | ViewerFollowed
    | ViewerShared
    | ViewerGifted
    | ProductViewed
    | ProductClicked
    | OrderCreated
    | OrderPaid
    | OrderCancelled
    | OrderRefunded
    | ParcelShipped
    | ServiceOpened
    | ServiceAnswered
    | ServiceClosed
    | StockCounted
    | StockReleased
    | ItemPresented
    | ShowStarted
    | ShowEnded
)

BoardEvent = ItemPresented | ShowStarted | ShowEnded
"""The events that change what is on air rather than a counter."""


def name_of(event: type[Event] | Event) -> str:
    """The contract's name of an event or event type, such as `order.paid`."""
    return str(event.__struct_config__.tag)


TYPES: tuple[str, ...] = tuple(name_of(kind) for kind in AnyEvent.__args__)
