"""What a platform tells of a room beside its orders: who comes and goes, bots among them, what they say, gauges."""

import msgspec

from cueroom.audience.dice import Dice
from cueroom.audience.params import Params
from cueroom.audience.room import Room
from cueroom.audience.said import Event, totals

_BOT_STAY_S = 2
_COMING_BACK = 0.2
"""Share of entries by people who were here before; assumed."""


class Bots(msgspec.Struct, frozen=True):
    """A burst of entries without people: from `since_s` until `until_s` of the show, `rate` a second."""

    since_s: int
    until_s: int
    rate: float


def draw_bots(params: Params, duration_s: int, dice: Dice) -> list[Bots]:
    """The bursts of bots in a show, at chance moments."""
    usual, uniform = params.entries / duration_s, dice.random.uniform
    starts = [uniform(0.05, 0.95) * duration_s for _ in range(dice.count(params.bot_bursts))]
    return [Bots(int(at), int(at + params.bot_s), usual * params.bot_gain * uniform(0.5, 1.5)) for at in starts]


class Platform:
    """Counts what happens in the room and puts it into the contract's words."""

    def __init__(self, params: Params, bots: list[Bots], dice: Dice) -> None:
        self._params = params
        self._bots = bots
        self._dice = dice
        self._visitors = 0

    def tell_traffic(self, second: int, came: float, left: float, time: int) -> list[Event]:
        """Entries and leaves of a second, people's and bots'."""
        bots = int(self._bot_rate(second))
        events = self._entries(int(came), time) + totals("viewer.entered", bots, time)
        return events + totals("viewer.left", left + bots, time)

    def tell_talk(self, room: Room, liveliness: float, time: int) -> list[Event]:
        """Comments, likes and shares of a second; `liveliness` 1 is a usual room."""
        per_s, params = room.talking * liveliness / 60, self._params
        return [
            *totals("viewer.commented", self._dice.count(per_s * params.comment_per_min), time),
            *totals("viewer.liked", self._dice.count(per_s * params.like_per_min), time),
            *totals("viewer.shared", self._dice.count(per_s * params.share_per_min), time),
        ]

    def tell_follows(self, inflow: float, time: int) -> list[Event]:
        """New followers among those who came."""
        return totals("viewer.followed", self._dice.count(inflow * self._params.follow_per_entry), time)

    def tell_views(self, room: Room, sku: str, time: int) -> list[Event]:
        """How often the card of the item on air was seen."""
        return totals("product.viewed", self._dice.count(room.online * self._params.view_per_s), time, sku=sku)

    def tell_online(self, second: int, room: Room, time: int) -> Event:
        """The gauge of viewers; it takes bots for people."""
        return {"type": "room.online", "time": time, "n": room.online + int(_BOT_STAY_S * self._bot_rate(second))}

    def _bot_rate(self, second: int) -> float:
        return sum(burst.rate for burst in self._bots if burst.since_s <= second < burst.until_s)

    def _entries(self, came: int, time: int) -> list[Event]:
        if not self._params.identified:
            return totals("viewer.entered", came, time)
        return [{"type": "viewer.entered", "time": time, "viewer": self._visitor()} for _ in range(came)]

    def _visitor(self) -> str:
        if self._visitors and self._dice.random.random() < _COMING_BACK:
            return f"v{self._dice.random.randrange(self._visitors)}"
        self._visitors += 1
        return f"v{self._visitors - 1}"
