"""What everybody in the control room knows of a simulated show, and the rules that every policy keeps to."""

from cueroom.audience import Audience
from cueroom.show.rundown import Item

ENCORES = 6
ENCORES_OF_ONE = 2
ENCORE_LEAST_S = 180
"""Items come back only when the sheet is done, at most six times, twice each, for three minutes or more."""


class Room:
    """What everybody in the control room knows of a show under way."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.rundown = audience.rundown
        self.played: list[str] = []
        self.encored: list[str] = []
        self._last: str | None = None

    def note(self) -> None:
        """Keep what is on air; called once a second."""
        live = self.audience.live
        if live and live != self._last:
            (self.encored if live in self.played else self.played).append(live)
            self._last = live

    def may_leave(self) -> bool:
        """Whether the least time of the item on air is over."""
        live = self.audience.live
        if live is None:
            return True
        item = self.rundown.item(live)
        least_s = ENCORE_LEAST_S if self.encored else item.min_minutes * 60 if item else 0
        return self.audience.air_s >= least_s

    @property
    def encores_left(self) -> int:
        return ENCORES - len(self.encored)

    def turns_left(self, sku: str) -> int:
        """How often an item with stock may still come back."""
        till = self.audience.till
        return ENCORES_OF_ONE - self.encored.count(sku) if till.on_shelf[sku] + till.reserve[sku] > 0 else 0

    def encores(self) -> list[str]:
        """The items that may come back now."""
        if self.following() or not self.encores_left:
            return []
        return [sku for sku in self.played if sku != self.audience.live and self.turns_left(sku)]

    @property
    def left_s(self) -> float:
        return self.rundown.duration_min * 60 - self.audience.second

    def to_come(self) -> list[Item]:
        """The items of the sheet that have not been on."""
        return [item for item in self.rundown.items if item.sku not in self.played]

    def following(self) -> str | None:
        """The next item of the sheet that has not been on."""
        return next((item.sku for item in self.to_come()), None)

    def planned_s(self, sku: str) -> float:
        item = self.rundown.item(sku)
        return item.minutes * 60 if item else 0.0
