"""What comes after a simulated sale: a warehouse that packs at its own pace, and buyers who rate or complain."""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any

from cueroom.audience.dice import Dice
from cueroom.audience.said import Event
from cueroom.show.events import Complaint

PACKED_PER_S = 8
"""Parcels that leave in a second; a small show's all do, a launch's keep the warehouse busy for days."""
COMPLAINTS = 0.004
RATINGS = 0.03
_ANSWER_S = (15, 180)
_CLOSE_S = (60, 600)


class Afterwards:
    """Follows what is reported of orders, second by second, and reports what becomes of them."""

    def __init__(self, seed: int) -> None:
        self._random = Dice(f"afterwards {seed}").random
        self._paid: set[str] = set()
        self._waiting: deque[str] = deque()
        self._refunded: set[str] = set()
        self._due: list[tuple[int, int, Event]] = []
        self._planned = 0

    def step(self, events: Iterable[Event], now_ms: int) -> list[Event]:
        """What the warehouse and the buyers tell in the second up to `now_ms`; `events` are what it heard in it."""
        for event in events:
            if event["type"] == "order.paid" and event["id"] not in self._paid:  # platforms repeat themselves
                self._paid.add(event["id"])
                self._waiting.append(event["id"])
            elif event["type"] == "order.refunded":
                self._refunded.add(event["id"])
        for _ in range(min(PACKED_PER_S, len(self._waiting))):
            self._ship(self._waiting.popleft(), now_ms)
        told = []
        while self._due and self._due[0][0] <= now_ms:
            told.append(heappop(self._due)[2])
        return told

    def _ship(self, order: str, now_ms: int) -> None:
        if order in self._refunded:
            return
        self._plan("parcel.shipped", order, now_ms)
        chance = self._random.random()
        if chance < COMPLAINTS:
            self._complain(order, now_ms)
        elif chance < COMPLAINTS + RATINGS:
            self._plan("service.closed", order, self._later(now_ms, _CLOSE_S), **self._rating(4))

    def _complain(self, order: str, now_ms: int) -> None:
        opened_ms = self._later(now_ms, _ANSWER_S)
        answered_ms = self._later(opened_ms, _ANSWER_S)
        self._plan("service.opened", order, opened_ms, kind=self._random.choice(list(Complaint)).value)
        self._plan("service.answered", order, answered_ms)
        self._plan("service.closed", order, self._later(answered_ms, _CLOSE_S), **self._rating(2))

    def _rating(self, least: int) -> dict[str, int]:
        return {of: self._random.randint(least, 5) for of in ("goods", "service", "logistics")}

    def _later(self, since_ms: int, after_s: tuple[int, int]) -> int:
        return since_ms + self._random.randint(*after_s) * 1000

    def _plan(self, what: str, order: str, at_ms: int, **more: Any) -> None:
        self._planned += 1
        heappush(self._due, (at_ms, self._planned, {"type": what, "time": at_ms, "id": order, **more}))
