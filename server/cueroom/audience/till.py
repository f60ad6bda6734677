"""Orders and stock: from a wish to buy to an order, its payment, its expiry or its refund."""

from heapq import heappop, heappush
from math import exp, log

from cueroom.audience.dice import Dice
from cueroom.audience.params import Params
from cueroom.audience.said import Event
from cueroom.show.rundown import Item, Rundown
from cueroom.show.state import initial_shelf

_MOST_UNITS = 5
_PAY_SD = 0.8


class Order:
    """One order line; `settled` once it is paid or cancelled."""

    __slots__ = ("amount", "created_ms", "id", "qty", "settled", "sku", "viewer")

    def __init__(self, order_id: str, item: Item, qty: int, viewer: str, created_ms: int) -> None:
        self.id = order_id
        self.sku = item.sku
        self.qty = qty
        self.amount = item.price * qty
        self.viewer = viewer
        self.created_ms = created_ms
        self.settled = False

    def event(self, what: str, time: int) -> Event:
        """The contract's event `order.<what>` of this order."""
        return {
            "type": f"order.{what}",
            "time": time,
            "id": self.id,
            "sku": self.sku,
            "qty": self.qty,
            "amount": self.amount,
            "viewer": self.viewer,
        }


class Till:
    """Takes orders as long as there is stock on the shelf, and knows when each will be paid, expire or come back.

    `undecided` are the orders that wait for their payment and may never see it, `gmv` what was paid so far."""

    def __init__(self, rundown: Rundown, params: Params, dice: Dice) -> None:
        self._params = params
        self._dice = dice
        self._random = dice.random
        self._items = {item.sku: item for item in rundown.items}
        shelves = {item.sku: initial_shelf(item) for item in rundown.items}
        self.on_shelf = {sku: shelf.on_shelf for sku, shelf in shelves.items()}
        self.reserve = {sku: shelf.reserve for sku, shelf in shelves.items()}
        self._first_id = 10**18 + self._random.randrange(8 * 10**18)
        self._orders = 0
        self._due: list[tuple[int, int, str, Order]] = []
        self._plans = 0
        self.undecided: dict[str, Order] = {}
        self.gmv = 0

    def release(self, sku: str, units: int) -> int:
        """Put up to `units` of the reserve on the shelf; returns how many there were."""
        released = min(units, self.reserve[sku])
        self.reserve[sku] -= released
        self.on_shelf[sku] += released
        return released

    def sell(self, sku: str, buyers: int, from_ms: int) -> tuple[list[Event], int]:
        """`buyers` try to order within the second from `from_ms`. Returns the events and how many found no stock."""
        item = self._items[sku]
        events: list[Event] = []
        for number in range(buyers):
            if self.on_shelf[sku] == 0:
                return events, buyers - number
            events.append(self._order(item, from_ms + int(self._random.random() * 1000)))
        return events, 0

    def due(self, until_ms: int) -> list[Event]:
        """What happens to earlier orders before `until_ms`: payments, expiries, refunds."""
        events: list[Event] = []
        while self._due and self._due[0][0] < until_ms:
            time, _, what, order = heappop(self._due)
            if what == "refunded" or self._settle(order, what, time):
                events.append(order.event(what, time))
        return events

    def push(self, now_ms: int) -> None:
        """The host asks for payment: some of the undecided pay in the next half minute."""
        for order in self.undecided.values():
            if self._random.random() < self._params.push_pays:
                self._plan(now_ms + self._random.uniform(2_000, 30_000), "paid", order)

    def _order(self, item: Item, at_ms: int) -> Event:
        qty = 1
        while qty < _MOST_UNITS and self._random.random() < self._params.qty_more:
            qty += 1
        qty = min(qty, self.on_shelf[item.sku])
        self.on_shelf[item.sku] -= qty
        self._orders += 1
        order_id = str(self._first_id + self._orders * 1000 + self._random.randrange(1000))
        order = Order(order_id, item, qty, f"u{self._random.randrange(10**9)}", at_ms)
        if self._random.random() < self._params.unpaid:
            self.undecided[order.id] = order
            self._plan_late(order)
        else:
            self._plan(at_ms + 1000 * self._params.pay_median_s * exp(self._random.gauss(0, _PAY_SD)), "paid", order)
        return order.event("created", at_ms)

    def _plan_late(self, order: Order) -> None:
        """The undecided pay late by themselves, or their order expires."""
        pays_after_s = self._random.expovariate(log(2) / self._params.late_pay_half_life_s)
        what = "paid" if pays_after_s < self._params.expiry_s else "cancelled"
        self._plan(order.created_ms + 1000 * min(pays_after_s, self._params.expiry_s), what, order)

    def _settle(self, order: Order, what: str, at_ms: int) -> bool:
        """Whether the order was still open, so that this payment or expiry is what became of it."""
        if order.settled:
            return False
        order.settled = True
        self.undecided.pop(order.id, None)
        if what == "cancelled":
            self.on_shelf[order.sku] += order.qty
            return True
        self.gmv += order.amount
        if self._random.random() < self._params.refund:
            self._plan(at_ms + 1 + 1000 * self._random.expovariate(1 / self._params.refund_mean_s), "refunded", order)
        return True

    def _plan(self, at_ms: float, what: str, order: Order) -> None:
        self._plans += 1
        heappush(self._due, (int(at_ms), self._plans, what, order))
