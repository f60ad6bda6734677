"""What only the simulation knows: what every item would still sell, and the price of a minute that follows from it."""

from cueroom.audience import Audience
from cueroom.audience.dice import Means
from cueroom.audience.room import Room
from cueroom.audience.simulation import INTRODUCING
from cueroom.show.rundown import Item

ENCORES = 6
ENCORES_OF_ONE = 2
ENCORE_LEAST_S = 180
"""The rules of these shows, for every policy: items come back only when the sheet is done, at most six times, twice
each, for three minutes or more."""

STEP_S = 5
HORIZON_S = 1200
LATER_EVERY_S = 240
PRICE_EVERY_S = 30

Curve = list[float]
"""Minor units sold by the end of each step, if the item is shown from now on."""

_TAIL = 0.85
"""Where in the time left an encore would come, on average."""


class Truth:
    """Reads an audience's true state and looks ahead in the mean, with the bursts that will come."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._duration_s = int(audience.rundown.duration_min * 60)
        self._later: dict[str, Curve] = {}
        self._encores: list[Curve] = []
        self._later_at = -LATER_EVERY_S
        self._price = 0.0
        self._price_at = -PRICE_EVERY_S
        self._price_for: str | None = None

    @property
    def left_s(self) -> int:
        return max(0, self._duration_s - self._audience.second)

    def average(self) -> float:
        """Minor units a second that the show has taken so far."""
        return self._audience.till.gmv / max(1, self._audience.second)

    def to_come(self, played: list[str]) -> list[Item]:
        return [item for item in self._audience.rundown.items if item.sku not in played]

    def price(self, played: list[str]) -> float:
        """The price of a second: at it, the times worth having use just the time that is left."""
        now, live = self._audience.second, self._audience.live
        if now - self._price_at >= PRICE_EVERY_S or live != self._price_for:
            self._price_at, self._price_for = now, live
            self._price = self._solve(self._offers(played))
        return self._price

    def worth_staying_s(self, price: float) -> float:
        """How long the item on air should stay; 0: leave now."""
        if self._audience.live is None:
            return 0.0
        curve = self.curve(self._audience.live, min(HORIZON_S, self.left_s))
        return best_time(curve, price, 0) * STEP_S

    def loss(self, price: float, stay_s: float, in_s: float = 0.0) -> float:
        """Minor units thrown away by leaving `in_s` from now what should stay for `stay_s` from now."""
        if stay_s <= in_s or self._audience.live is None:
            return 0.0
        curve = [0.0, *self.curve(self._audience.live, int(stay_s))]
        return curve[-1] - curve[round(in_s / STEP_S)] - price * (stay_s - in_s)

    def best_encore(self, price: float, candidates: list[str]) -> str | None:
        """The item worth most above the price, shown from now on; None if none is worth it."""
        horizon = min(HORIZON_S, self.left_s)
        gains = {sku: surplus(self.curve(sku, horizon), price) for sku in candidates}
        sku = max(gains, key=lambda candidate: gains[candidate], default=None)
        return sku if sku and gains[sku] > 0 else None

    def curve(self, sku: str, horizon_s: int, wait_s: float = 0.0) -> Curve:
        """What the item would sell, shown from now on, or `wait_s` from now to a room of that time's size."""
        audience, params = self._audience, self._audience.params
        item = audience.rundown.item(sku)
        assert item is not None  # noqa: S101
        on_air = sku == audience.live
        interest = audience.interests[sku].copy(STEP_S)
        room = self._room_in(wait_s)
        interest.catch_up(room, 0.0 if on_air else wait_s + STEP_S)
        if not on_air:
            interest.come_back()
        skill = audience.skills[audience.host if on_air else item.host]
        air_s = audience.air_s if on_air else 0
        units = audience.till.on_shelf[sku] + audience.till.reserve[sku]
        most = units * (1 - params.qty_more)
        value = item.price / (1 - params.qty_more)
        sold, curve = 0.0, []
        for step in range(max(1, horizon_s // STEP_S)):
            now_s = air_s + step * STEP_S
            vigour = skill * (INTRODUCING if not on_air and step * STEP_S < params.switch_s else 1.0)
            over = max(0.0, now_s / 60 / params.boredom_after_min - 1)
            inflow = self._inflow_at(audience.second + wait_s + step * STEP_S)
            room.step(inflow * STEP_S, (1 + params.boredom * over) * STEP_S)
            interest.catch_up(room)
            interest.show(room, min(1.0, vigour))
            sold = min(most, sold + interest.buyers(now_s, vigour))
            interest.take(1.0)
            curve.append(sold * value)
        return curve

    def _room_in(self, wait_s: float) -> Room:
        audience = self._audience
        room = Room(audience.params, Means())
        room.present = audience.room.present[:]
        room.stayed = audience.room.stayed[:]
        if wait_s:
            inflow = self._inflow_around(audience.second + wait_s)
            viewers = audience.params.viewers
            room.present = [inflow * viewer.share * viewer.dwell_s for viewer in viewers]
            room.stayed = [old - wait_s / viewer.dwell_s for old, viewer in zip(room.stayed, viewers, strict=True)]
        return room

    def _inflow_at(self, second: float) -> float:
        return self._audience.inflow[min(int(second), len(self._audience.inflow) - 1)]

    def _inflow_around(self, second: float) -> float:
        window = self._audience.inflow[max(0, int(second) - 300) : int(second) + 300]
        return sum(window) / len(window) if window else self._audience.inflow[-1]

    def _offers(self, played: list[str]) -> list[tuple[Curve, int]]:
        """Everything the clock could be spent on: its curve, and the steps it must have."""
        now, live = self._audience.second, self._audience.live
        to_come = self.to_come(played)
        if now - self._later_at >= LATER_EVERY_S or any(item.sku not in self._later for item in to_come):
            self._later_at = now
            self._later = self._curves_later(to_come)
        offers = [(self._later[item.sku], int(item.min_minutes * 60 / STEP_S)) for item in to_come]
        offers += [(curve, 0) for curve in self._encores]
        if live:
            offers.append((self.curve(live, min(HORIZON_S, self.left_s)), 0))
        return offers

    def _curves_later(self, to_come: list[Item]) -> dict[str, Curve]:
        part = self.left_s / (len(to_come) + 1)
        tail = [self.curve(sku, HORIZON_S // 2, _TAIL * self.left_s) for sku in self._audience.interests]
        self._encores = sorted(ENCORES_OF_ONE * tail, key=lambda curve: curve[-1], reverse=True)[:ENCORES]
        return {item.sku: self.curve(item.sku, HORIZON_S, place * part) for place, item in enumerate(to_come, 1)}

    def _solve(self, offers: list[tuple[Curve, int]]) -> float:
        low, high = 0.0, max((curve[min(5, len(curve) - 1)] for curve, _ in offers), default=1.0)
        for _ in range(20):
            price = (low + high) / 2
            wanted = sum(best_time(curve, price, least) for curve, least in offers) * STEP_S
            low, high = (price, high) if wanted > self.left_s else (low, price)
        return high


def best_time(curve: Curve, price: float, least: int) -> int:
    """Steps to show an item that sells like that, where a second costs `price`."""
    best, steps = 0.0, least
    if least:
        best = curve[min(least, len(curve)) - 1] - price * STEP_S * least
    for index in range(least, len(curve)):
        gain = curve[index] - price * STEP_S * (index + 1)
        if gain > best:
            best, steps = gain, index + 1
    return steps


def surplus(curve: Curve, price: float) -> float:
    """What an item brings above the price of its time, shown for its best time."""
    return max(0.0, *(gain - price * STEP_S * (index + 1) for index, gain in enumerate(curve)))
