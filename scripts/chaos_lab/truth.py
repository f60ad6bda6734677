"""The truth: what a show's counters must be, added up by plain arithmetic from what was handed to the server."""

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import msgspec

Event = dict[str, Any]

SKUS = ("S1", "S2", "S3")
ORDERS_A_LAP = 3_000
"""So few that feeds meet in the same orders, and bring what another has brought already."""

_COUNTED = {
    "viewer.entered": "entered",
    "viewer.commented": "commented",
    "viewer.liked": "liked",
    "viewer.followed": "followed",
}
_ORDER_STEPS = ("created", "paid", "cancelled", "refunded")


class Truth(msgspec.Struct):
    """All events that were ever handed to a feed, each order by its id and step, everything else as sums."""

    sums: Counter[str] = msgspec.field(default_factory=Counter)
    steps: dict[str, dict[str, tuple[int, int]]] = {}
    """Order → step → (amount, quantity)."""
    ids: set[str] = set()
    """Ids of events outside orders that came over HTTP."""

    def add(self, events: Iterable[Event]) -> None:
        """These events happened. Handing the same batch over again is not another happening: add it once."""
        for event in events:
            kind, _, step = event["type"].partition(".")
            if kind == "order":
                self.steps.setdefault(event["id"], {}).setdefault(step, (event["amount"], event["qty"]))
            elif event["type"] == "viewer.gifted":
                self.sums["gifted_amount"] += event["amount"]
            elif event["type"] == "product.clicked":
                self.sums["clicked"] += event["n"]
            elif "id" not in event or event["id"] not in self.ids:
                self.ids.update([event["id"]] if "id" in event else [])
                self.sums[_COUNTED[event["type"]]] += event.get("n", 1)

    def totals(self) -> dict[str, int]:
        """What `totals` of the show must say, as far as this truth knows it."""
        paid = [steps["paid"] for steps in self.steps.values() if "paid" in steps]
        refunded = sum(steps["refunded"][0] for steps in self.steps.values() if "refunded" in steps)
        unpaid = [
            steps for steps in self.steps.values() if set(steps) <= {"created", "refunded"} and "created" in steps
        ]
        gmv = sum(amount for amount, _ in paid)
        return {
            **{name: self.sums[name] for name in (*_COUNTED.values(), "gifted_amount", "clicked")},
            "orders_created": len(self.steps),  # whatever is known of an order, it was created
            **{f"orders_{step}": sum(step in steps for steps in self.steps.values()) for step in _ORDER_STEPS[1:]},
            "units_paid": sum(qty for _, qty in paid),
            "gmv": gmv,
            "refunded": refunded,
            "net": gmv - refunded,
            "unpaid_orders": len(unpaid),
            "unpaid_amount": sum(steps["created"][0] for steps in unpaid),
        }

    def wrong_in(self, totals: Mapping[str, Any]) -> list[str]:
        """What those totals say otherwise."""
        right = self.totals()
        return [f"{name} is {totals[name]}, and {n} is right" for name, n in right.items() if totals[name] != n]


def batch_of(dice: Random, lap: int, size: int) -> list[Event]:
    """Events of one batch: half orders, some of them seen before, in any order of their steps; half viewers."""
    return [_order(dice, lap) if dice.random() < 0.5 else _viewer(dice) for _ in range(size)]  # noqa: PLR2004  # half


def _order(dice: Random, lap: int) -> Event:
    number = dice.randrange(ORDERS_A_LAP)
    qty = number % 4 + 1
    return {
        "type": f"order.{dice.choice(_ORDER_STEPS)}",
        "id": f"{lap}-{number}",
        "sku": SKUS[number % len(SKUS)],
        "qty": qty,
        "amount": qty * (1_000 + number),
    }


def _viewer(dice: Random) -> Event:
    kind = dice.choice(["viewer.entered", "viewer.commented", "viewer.liked", "viewer.gifted", "product.clicked"])
    event: Event = {"type": kind, "viewer": f"v{dice.randrange(5_000)}"}
    if kind == "viewer.gifted":
        return event | {"amount": dice.randrange(1, 500)}
    if kind == "product.clicked":
        event["sku"] = dice.choice(SKUS)
    return event | {"n": dice.randrange(1, 100)}
