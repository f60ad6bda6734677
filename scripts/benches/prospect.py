"""What one item of a simulated show would sell, looked ahead in the mean, with the bursts that will come."""

from itertools import accumulate

from cueroom.audience import Audience
from cueroom.audience.dice import Means
from cueroom.audience.interest import Interest
from cueroom.audience.room import Room
from cueroom.audience.simulation import INTRODUCING

STEP_S = 5
_FINE_S, _COARSE = 300, 3
"""So far the look ahead takes every step, then several at once with a straight line between."""

_TIRED = 0.9

Curve = list[float]
"""Minor units sold by the end of each step on air."""


class Crowds:
    """The viewers of the whole show, in the mean, as if nothing bored them; `smooth_s`: with no more of the bursts than
    an average over so long, for what may be shown now or then."""

    def __init__(self, audience: Audience, smooth_s: int = 0) -> None:
        self._audience = audience
        self._inflow = _smoothed(audience.inflow, smooth_s) if smooth_s else audience.inflow
        room = Room(audience.params, Means())
        self._rooms = [(room.present[:], room.stayed[:])]
        for second in range(0, len(self._inflow) - STEP_S, STEP_S):
            room.step(self._inflow[second] * STEP_S, STEP_S)
            self._rooms.append((room.present[:], room.stayed[:]))

    def inflow(self, second: float) -> float:
        """Entries a second."""
        return self._inflow[min(int(second), len(self._inflow) - 1)]

    def later(self, wait_s: float) -> Room:
        """The room `wait_s` from now: as it really is where that is nothing."""
        audience = self._audience
        room = Room(audience.params, Means())
        room.present, room.stayed = audience.room.present[:], audience.room.stayed[:]
        if wait_s:
            now, then = self._rooms[audience.second // STEP_S], self._rooms[int(audience.second + wait_s) // STEP_S]
            room.present = then[0][:]
            room.stayed = [
                stayed + after - before for stayed, before, after in zip(room.stayed, now[1], then[1], strict=True)
            ]
        return room


def _smoothed(values: list[float], over: int) -> list[float]:
    """The mean of so many around each."""
    sums = [0.0, *accumulate(values)]
    bounds = [(max(0, i - over // 2), min(len(values), i + over // 2 + 1)) for i in range(len(values))]
    return [(sums[end] - sums[start]) / (end - start) for start, end in bounds]


class Prospect:
    """One item: what it sells when it is shown, once or several times one after the other."""

    def __init__(self, audience: Audience, crowds: Crowds, sku: str) -> None:
        item = audience.rundown.item(sku)
        assert item is not None  # noqa: S101  # an item of its own show
        self._audience, self._crowds = audience, crowds
        self._on_air = sku == audience.live
        self._air_s = audience.air_s if self._on_air else 0
        self._skill = audience.skills[audience.host if self._on_air else item.host]
        self._interest = audience.interests[sku]
        units = audience.till.on_shelf[sku] + audience.till.reserve[sku]
        self._value = item.price / (1 - audience.params.qty_more)
        self._most = float(units * item.price)
        self._until_s = 0.0

    def show(self, wait_s: float, horizon_s: float, shown_s: float | None = None) -> Curve:
        """What it sells shown for `horizon_s` from `wait_s` from now on. What comes after finds it shown for `shown_s`
        of these."""
        shown_s = horizon_s if shown_s is None else min(shown_s, horizon_s)
        interest, room = self._interest.copy(STEP_S), self._crowds.later(wait_s)
        interest.catch_up(room, 0.0 if self._on_air else wait_s - self._until_s + STEP_S)
        if not self._on_air:
            interest.come_back()
            self._air_s = 0
        curve, left = [0.0], self._most
        while len(curve) <= max(1, int(horizon_s) // STEP_S):
            at_s = (len(curve) - 1) * STEP_S
            steps = 1 if at_s < _FINE_S else _COARSE
            if at_s == _FINE_S:
                interest = interest.copy(steps * STEP_S)
            sold = self._value * self._sell(interest, room, at_s, wait_s, steps * STEP_S)
            sold = min(self._most - curve[-1], sold)
            curve += [curve[-1] + sold * (step + 1) / steps for step in range(steps)]
            if at_s < shown_s <= (len(curve) - 1) * STEP_S:
                self._interest, left = interest.copy(STEP_S), self._most - curve[-1]
        self._on_air, self._until_s, self._most = False, wait_s + shown_s, left
        return curve[1:]

    def _sell(self, interest: Interest, room: Room, at_s: float, wait_s: float, step_s: int) -> float:
        """How many buy in the step that begins `at_s` after it went on air, or after now if it is on air."""
        audience, params, air_s = self._audience, self._audience.params, self._air_s + at_s
        second = audience.second + wait_s + at_s
        vigour = self._skill * self._freshness(second)
        if not self._on_air and at_s < params.switch_s:
            vigour *= INTRODUCING
        over = max(0.0, air_s / 60 / params.boredom_after_min - 1)
        room.step(self._crowds.inflow(second) * step_s, (1 + params.boredom * over) * step_s)
        interest.catch_up(room)
        interest.show(room, min(1.0, vigour))
        buyers = interest.buyers(air_s, vigour)
        interest.take(1.0)
        return buyers

    def _freshness(self, second: float) -> float:
        """One host alone tires; several rest in turn."""
        alone = len(self._audience.rundown.hosts) == 1
        return _TIRED ** (second / 60 / self._audience.params.tiring_min) if alone else 1.0
