"""The show as a document: a rundown in the shape of the TOML show file, from which the same rundown is read again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cueroom.show.rundown import Item, Rundown, Script

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document_of(rundown: Rundown) -> dict[str, Any]:
    """What a show file would say of it, without what stands for nothing; and without the items that came in during
    the show, which belong to no show file."""
    document: dict[str, Any] = {"show": _show(rundown), "items": [_item(item) for item in rundown.planned]}
    return document | ({"policy": dict(rundown.policy)} if rundown.policy else {})


def _show(rundown: Rundown) -> dict[str, Any]:
    values = {
        "id": rundown.id,
        "title": rundown.title,
        "theme": rundown.theme or None,
        "warm_up": list(rundown.warm_up) or None,
        "papers": rundown.papers or None,
        "starts_at": (EPOCH + timedelta(milliseconds=rundown.starts_at)).astimezone(rundown.zone),
        "duration_min": rundown.duration_min,
        "currency": rundown.currency,
        "goal": rundown.goal,
        "locale": rundown.locale,
        "hosts": [{"id": host.id, "name": host.name} for host in rundown.hosts],
    }
    return {name: value for name, value in values.items() if value is not None}


def _item(item: Item) -> dict[str, Any]:
    values = {
        "sku": item.sku,
        "name": item.name,
        "role": item.role.value,
        "price": item.price,
        "stock": item.stock,
        "batches": list(item.batches) or None,
        "minutes": item.minutes,
        "min_minutes": item.min_minutes or None,
        "share": item.share,
        "host": item.host,
        "encore": item.encore,
        "ship_48h": item.ship_48h,
        "supplier": item.supplier or None,
        "category": item.category or None,
        "expected_per_min": item.expected_per_min,
        "expected_within": item.expected_within,
        "half_life_s": item.half_life_s,
        "script": msgspec.to_builtins(item.script) if item.script != Script() else None,
    }
    return {name: value for name, value in values.items() if value is not None}
