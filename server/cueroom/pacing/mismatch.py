"""Mismatch: most orders are for an item that is not on air, so perhaps the button was never pressed."""

from collections.abc import Iterable

from cueroom.pacing.view import Advice, Trait, View, per_cent
from cueroom.show.cues import Audience, CueState, Kind

MISMATCH = Trait(priority=2, audience=Audience.PRODUCER, stays_s=60, rests_s=180)

_LEAST_ORDERS, _LEAST_OFF_AIR = 12, 6
"""It takes fewer orders where nothing is on air that they could be compared with."""

_LONGEST_S = 150
"""Where few buy, it takes so long until that many have."""

_SETTLED_S = 10
"""The orders of an item's first seconds are still for the one before."""

MISLED = frozenset({Kind.NEXT, Kind.HOLD, Kind.STOCK, Kind.ENCORE, Kind.HANDOVER})
"""What is said of the item on air, and of the one after it, is of no use while the sheet may say the wrong one."""


def advise_mismatch(view: View) -> Advice | None:
    """The sheet says one item, or none, the orders say another."""
    live, window = view.live, _window_s(view)
    if live and view.air_s < window + _SETTLED_S:
        return None
    if _share_of(view, live.sku if live else None, window) > 1 - 0.8 * view.policy.mismatch_share:
        return None
    told = _orders(view, window)
    orders = {sku: n for sku, n in told.items() if _may_be_sold_now(view, sku, window)}
    total, all_told = sum(orders.values()), sum(told.values())
    sku = max(orders, key=lambda sku: (orders[sku], sku), default="")
    item, share = view.snapshot.rundown.item(sku), orders.get(sku, 0) / max(1, total)
    if item is None or _is_on_air(view, sku) or share < 0.8 * view.policy.mismatch_share:
        return None
    if total < (_LEAST_ORDERS if live else _LEAST_OFF_AIR):
        return None
    return Advice(
        kind=Kind.MISMATCH,
        rule="orders_elsewhere" if live else "nothing_on_air",
        sku=sku,
        numbers={
            "sku": sku,
            "name": item.name,
            "live_sku": live.sku if live else None,
            "live_name": live.name if live else None,
            "share_pct": per_cent(orders[sku] / all_told),
            "orders": all_told,
            "window_s": window,
        },
        sample=total,
        ready=share >= view.policy.mismatch_share,
        after_s=10.0,
    )


def misled(view: View, advice: Iterable[Advice]) -> frozenset[Kind]:
    """The kinds that wait while people are asked about the sheet, or soon will be."""
    return MISLED if any(each.kind is Kind.MISMATCH and _is_asked(view, each) for each in advice) else frozenset()


def _is_asked(view: View, doubt: Advice) -> bool:
    """Whether its cue is open, or will be; not once people said that the sheet is right, nor where none may ask."""
    board = view.snapshot.board
    last = next((cue for cue in (*board.cues, *board.closed) if (cue.kind, cue.sku) == (doubt.kind, doubt.sku)), None)
    if last and last.is_open:
        return True
    is_denied = last is not None and last.state is CueState.DISMISSED
    return doubt.ready and not is_denied and view.policy.wants(doubt.kind)


def _window_s(view: View) -> int:
    """How far to look back: as the policy says, longer where that holds too few orders."""
    window = view.policy.mismatch_window_s
    enough = view.snapshot.recent("orders_created", window) >= _LEAST_ORDERS
    return window if enough else max(window, _LONGEST_S)


def _is_on_air(view: View, sku: str) -> bool:
    return view.live is not None and view.live.sku == sku


def _share_of(view: View, sku: str | None, window_s: int) -> float:
    """The item's part of the orders, none for no item: a quick look, for mostly there is no mismatch."""
    last = view.now // 1000
    seconds = range(last - window_s, last)
    total = view.snapshot.summed("orders_created", seconds)
    return view.snapshot.summed(f"orders_created|{sku}", seconds) / total if total else 1.0


def _may_be_sold_now(view: View, sku: str, window_s: int) -> bool:
    """Whether its orders may come from the air, and not from payments made late: those go on after it was sold out,
    are all that is heard of an item shown before once the present one is sold out, and much of it where few buy."""
    if _is_on_air(view, sku):
        return True
    if not view.snapshot.shelf(sku).left:
        return False
    if sku not in view.snapshot.board.played:
        return True
    many = window_s <= view.policy.mismatch_window_s
    return many and view.live is not None and view.snapshot.shelf(view.live.sku).on_shelf > 0


def _orders(view: View, window_s: int) -> dict[str, int]:
    orders: dict[str, int] = {}
    last = view.now // 1000
    for second in range(last - window_s, last):
        for field, count in view.snapshot.seconds.get(second, {}).items():
            if field.startswith("orders_created|"):
                sku = field[15:]
                orders[sku] = orders.get(sku, 0) + count
    return orders
