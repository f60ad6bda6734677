"""What the console's charts begin with: the minutes so far, each item's orders in them, and what was cued and done."""

from typing import Any

from cueroom.edge.services import Services
from cueroom.show.state import MINUTE_MS
from cueroom.storage.stored import Minute
from cueroom.views.live import DEEDS

_SERIES = ("gmv", "orders_created", "online")
_ORDERS = "orders_created|"


async def charts_of(services: Services, show: str) -> dict[str, Any]:
    """The console's context for its charts. Raises StoreUnavailable."""
    minutes = await services.store.minutes(show)
    marks = [mark async for entry in services.store.log_entries(show) if (mark := _mark(entry))]
    return {"minutes": [_point(minute) for minute in minutes], "item_orders": _item_orders(minutes), "marks": marks}


def _point(minute: Minute) -> dict[str, int]:
    return {"minute_ms": minute.at * MINUTE_MS, **{name: minute.fields.get(name, 0) for name in _SERIES}}


def _item_orders(minutes: list[Minute]) -> dict[str, list[tuple[int, int]]]:
    """SKU → (minute since the epoch, orders) where there were any."""
    orders: dict[str, list[tuple[int, int]]] = {}
    for minute in minutes:
        for field, n in minute.fields.items():
            if field.startswith(_ORDERS) and n:
                orders.setdefault(field.removeprefix(_ORDERS), []).append((minute.at, n))
    return orders


def _mark(entry: dict[str, Any]) -> tuple[int, str] | None:
    """When (ms) and which kind: `cue` of the engine, `message` of a person, `deed` of a person; None for all else."""
    if entry["type"] == "cue" and entry["cue"]["state"] == "issued":
        return entry["cue"]["issued_at"], "message" if entry["cue"]["kind"] == "message" else "cue"
    if entry["type"] == "command" and entry["command"]["command"] in DEEDS:
        return entry["time"], "deed"
    return None
