"""What only the simulation knows: what the rest of a show is worth at every moment, and so when to leave an item."""

from itertools import pairwise
from operator import add

from benches.prospect import STEP_S, Crowds, Curve, Prospect
from benches.room import ENCORE_LEAST_S, ENCORES, ENCORES_OF_ONE, Room

HORIZON_S, LATER_HORIZON_S, NEAR_S = 3600, 2400, 300
ENCORE_S, ENCORE_HORIZON_S = 480, 1800
"""How long an encore lasts, about, where another one of the same item comes after it, and at most."""

_LATER_EVERY_S, _TAIL_EVERY_S = 120, 600
_SMOOTH_S = 1200
_ROUNDS = 16
_LEAST_STEPS = ENCORE_LEAST_S // STEP_S

Worth = list[float]
"""Minor units, by the step of the show: what the time from then on would bring with nothing on air yet."""


class Truth:
    """Reads the true state of a show's audience. What the items to come would bring from any moment on, in the sheet's
    order, each for its best time, and the best encores after them, is worked out backwards from the end of the show,
    before it starts."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._audience = room.audience
        self._crowds, self._usual = Crowds(room.audience), Crowds(room.audience, _SMOOTH_S)
        self._steps = int(room.rundown.duration_min * 60) // STEP_S
        self._rest = self._rest_of_sheet()
        self._tail: Worth = []
        self._tail_for: tuple[str | None, int] | None = None

    def average(self) -> float:
        """Minor units a second that the show has taken so far."""
        return self._audience.till.gmv / max(1, self._audience.second)

    def price(self) -> float:
        """What the next minute is worth elsewhere, in minor units a second."""
        worth = self._worth_from_now()
        steps = min(60 // STEP_S, len(worth) - 1)
        return (worth[0] - worth[steps]) / (steps * STEP_S) if steps else 0.0

    def stays(self, horizon_s: int = HORIZON_S) -> list[float]:
        """What the show would still bring, by the number of steps that the item on air stays."""
        live, worth = self._audience.live, self._worth_from_now()
        if live is None:
            return worth[:1]
        curve = Prospect(self._audience, self._crowds, live).show(0.0, min(horizon_s, self._room.left_s))
        return list(map(add, [0.0, *curve], worth))

    def is_ripe(self) -> bool:
        """Whether the item on air should be left now."""
        return best_stay_s(self.stays(NEAR_S)) == 0 and best_stay_s(self.stays()) == 0

    def best_encore(self) -> str | None:
        """Of the items that may come back the one worth most above the price; None if none is worth its time."""
        price, horizon = self.price(), min(HORIZON_S, self._room.left_s)
        curves = {sku: Prospect(self._audience, self._crowds, sku).show(0.0, horizon) for sku in self._room.encores()}
        gains = {sku: surplus(curve, price, _LEAST_STEPS)[0] for sku, curve in curves.items()}
        sku = max(gains, key=lambda candidate: gains[candidate], default=None)
        return sku if sku and gains[sku] > 0 else None

    def _worth_from_now(self) -> Worth:
        to_come = self._room.to_come()
        worth = self._rest[-len(to_come)] if to_come else self._tail_now()
        return worth[min(self._audience.second // STEP_S, self._steps) :]

    def _rest_of_sheet(self) -> list[Worth]:
        """The worth of all time from any step on, with all items of the sheet to come, with all but the first …"""
        rows = [self._tail_as_planned()]
        for item in reversed(self._room.rundown.items):
            least = int(item.min_minutes * 60 / STEP_S)
            points = []
            for second in range(0, self._steps * STEP_S, _LATER_EVERY_S):
                left_s = self._steps * STEP_S - second
                curve = Prospect(self._audience, self._crowds, item.sku).show(second, min(LATER_HORIZON_S, left_s))
                after = rows[-1][second // STEP_S :]
                stays = list(map(add, [0.0, *curve], after))
                points.append(max(stays[min(least, len(stays) - 1) :]))
            rows.append([*_joined([*points, 0.0], _LATER_EVERY_S)[: self._steps], 0.0])
        return rows[::-1][:-1]

    def _tail_as_planned(self) -> Worth:
        """The worth of the encores from any step on, where the sheet was played by then in its proportions."""
        items, points = self._room.rundown.items, []
        planned_s = sum(60 * item.minutes for item in items)
        for second in range(0, self._steps * STEP_S, _TAIL_EVERY_S):
            at_s, turns = 0.0, []
            for item in items:
                prospect = Prospect(self._audience, self._usual, item.sku)
                length_s = 60 * item.minutes * second / planned_s
                prospect.show(at_s, length_s)
                at_s += length_s
                turns += self._turns(prospect, ENCORES_OF_ONE, second)
            points.append(worth_of(turns, ENCORES, self._steps * STEP_S - second))
        return [*_joined([*points, 0.0], _TAIL_EVERY_S)[: self._steps], 0.0]

    def _tail_now(self) -> Worth:
        """The worth of the encores that are still possible."""
        live, now, room = self._audience.live, self._audience.second, self._room
        if self._tail_for is None or live != self._tail_for[0] or now - self._tail_for[1] >= _LATER_EVERY_S:
            turns = []
            for sku in self._audience.interests:
                prospect = Prospect(self._audience, self._usual, sku)
                if sku == live:
                    prospect.show(0.0, 60)
                turns += self._turns(prospect, room.turns_left(sku), 0)
            left = self._steps - now // STEP_S
            lefts = range(0, left * STEP_S + _TAIL_EVERY_S, _TAIL_EVERY_S)
            by_left = _joined([worth_of(turns, room.encores_left, left_s) for left_s in lefts], _TAIL_EVERY_S)
            self._tail = [0.0] * (self._steps - left) + by_left[left::-1]
            self._tail_for = (live, now)
        return self._tail

    def _turns(self, prospect: Prospect, number: int, from_s: float) -> list[Curve]:
        """The curves of an item that may come back so often, spread over the tail that begins `from_s` from now."""
        left_s = self._room.left_s - from_s
        middles = [from_s + left_s * (turn + 0.5) / ENCORES_OF_ONE for turn in range(number)]
        return [prospect.show(at_s, min(max(left_s, ENCORE_S), ENCORE_HORIZON_S), ENCORE_S) for at_s in middles]


def _joined(points: list[float], every_s: int) -> Worth:
    """Points joined by straight lines, with a value at every step."""
    steps = every_s // STEP_S
    line = [a + (b - a) * step / steps for a, b in pairwise(points) for step in range(steps)]
    return [*line, points[-1]]


def best_stay_s(stays: list[float]) -> int:
    """How long to stay; the sooner of two that bring the same."""
    return stays.index(max(stays)) * STEP_S


def loss(stays: list[float], in_s: float) -> float:
    """Minor units thrown away by leaving `in_s` from now, if that is too soon."""
    onwards = stays[min(round(in_s / STEP_S), len(stays) - 1) :]
    return max(onwards) - onwards[0]


def surplus(curve: Curve, price: float, least: int = 1) -> tuple[float, int]:
    """What an item brings above the price of its time in its best time, of at least so many steps, and that time; or
    nothing in no time."""
    gains = [gain - price * STEP_S * steps for steps, gain in enumerate(curve[least - 1 :], least)]
    best = max(gains, default=0.0)
    return (best, gains.index(best) + least) if best > 0 else (0.0, 0)


def worth_of(curves: list[Curve], most: int, left_s: float) -> float:
    """What at most so many encores bring in the time left, shared out at one price."""
    low, high = 0.0, max((curve[_LEAST_STEPS - 1] for curve in curves), default=0.0) / ENCORE_LEAST_S
    if left_s < ENCORE_LEAST_S or not high or not most:
        return 0.0
    for _ in range(_ROUNDS):
        price = (low + high) / 2
        chosen = sorted((surplus(curve, price, _LEAST_STEPS) for curve in curves), reverse=True)[:most]
        low, high = (price, high) if sum(steps for _, steps in chosen) * STEP_S > left_s else (low, price)
    return sum(gain for gain, _ in chosen) + price * left_s
