"""Shows that taught something, for the tests of lessons."""

from math import log
from typing import Any

import msgspec

from cueroom.lessons import Observation, Taught
from cueroom.lessons.observed import Measured
from cueroom.show.rundown import Role


def seen(sku: str, per_min: float, **changes: Any) -> Observation:
    """An item that sold so many units in its first minute, well measured, with a half-life of a minute."""
    base = Observation(
        sku=sku,
        name=f"货{sku}",
        category="beauty",
        role=Role.REGULAR,
        price=10_000,
        minutes=10.0,
        units=200,
        clicked=1_000,
        paid=100,
        gmv=1_000_000,
        first=Measured(log(per_min), 0.01),
        half_life=Measured(log(60), 0.1),
    )
    return msgspec.structs.replace(base, **changes)


def show(name: str, *items: Observation, **changes: Any) -> Taught:
    """A show before 1,000 viewers at prices around 100 yuan."""
    base = Taught(show=name, title=name, at=1, currency="CNY", middle=10_000, room=1_000.0, made_up=False, items=items)
    return msgspec.structs.replace(base, **changes)
