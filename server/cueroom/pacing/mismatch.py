"""Mismatch: most orders are for an item that is not on air, so perhaps the button was never pressed."""

from cueroom.pacing.view import Advice, Trait, View, per_cent
from cueroom.show.cues import Audience, Kind

MISMATCH = Trait(priority=2, audience=Audience.PRODUCER, stays_s=60, rests_s=180)

_LEAST_ORDERS = 12


def advise_mismatch(view: View) -> Advice | None:
    """The sheet says one item, the orders say another."""
    live, window = view.live, view.policy.mismatch_window_s
    if live is None or view.air_s < window + 10:
        return None
    if _share_of(view, live.sku, window) > 1 - 0.8 * view.policy.mismatch_share:
        return None
    orders = {sku: n for sku, n in _orders(view, window).items() if sku == live.sku or _may_be_sold_now(view, sku)}
    total = sum(orders.values())
    sku = max(orders, key=lambda sku: (orders[sku], sku), default=live.sku)
    item = view.snapshot.rundown.item(sku)
    share = orders[sku] / total if total else 0.0
    if item is None or sku == live.sku or total < _LEAST_ORDERS or share < 0.8 * view.policy.mismatch_share:
        return None
    return Advice(
        kind=Kind.MISMATCH,
        rule="orders_elsewhere",
        sku=sku,
        numbers={
            "sku": sku,
            "name": item.name,
            "live_sku": live.sku,
            "live_name": live.name,
            "share_pct": per_cent(share),
            "orders": total,
            "window_s": window,
        },
        sample=total,
        ready=share >= view.policy.mismatch_share,
        after_s=10.0,
    )


def _share_of(view: View, sku: str, window_s: int) -> float:
    """The item's part of the orders: a quick look, for mostly there is no mismatch."""
    last = view.now // 1000
    rows = [view.snapshot.seconds.get(second, {}) for second in range(last - window_s, last)]
    total = sum(row.get("orders_created", 0) for row in rows)
    return sum(row.get(f"orders_created|{sku}", 0) for row in rows) / total if total else 1.0


def _may_be_sold_now(view: View, sku: str) -> bool:
    """Whether its orders may come from the air, and not from payments made late: those go on after it was sold out,
    and are all that is heard of an item shown before once the present one is sold out."""
    if not view.snapshot.shelf(sku).left:
        return False
    live = view.snapshot.board.live
    return sku not in view.snapshot.board.played or (live is not None and view.snapshot.shelf(live.sku).on_shelf > 0)


def _orders(view: View, window_s: int) -> dict[str, int]:
    orders: dict[str, int] = {}
    last = view.now // 1000
    for second in range(last - window_s, last):
        for field, count in view.snapshot.seconds.get(second, {}).items():
            if field.startswith("orders_created|"):
                sku = field[15:]
                orders[sku] = orders.get(sku, 0) + count
    return orders
