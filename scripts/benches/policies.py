"""Policies to compare: the sheet, rules of thumb, the engine on its pipe, and a scheduler that knows everything."""

from collections import defaultdict
from pathlib import Path
from typing import Protocol

from benches.pipe import Cue, Event, Pipe
from benches.prospect import STEP_S
from benches.room import Room
from benches.truth import Truth
from cueroom.audience import Act

_MINUTE = 60
_THUMB = 0.4
_LEAST_S = 120
_LEAST = 0.3
_LONGEST = 1.5
_STRETCH = 1.3
_ENCORE_S = 480
_PATIENCE_S = 90
_SHELF_S = 45
_UNPAID_AGE_S = 60
_PUSH_REST_S = 600
_PUSH_SAVES = 0.25
_PUSH_COST_S = 15
_ALL_KNOWING_PUSH_REST_S = 300


class Policy(Protocol):
    """Hears what the feed reports each second. `acts` happen at once, cues go through people."""

    def hear(self, events: list[Event]) -> tuple[list[Act], list[Cue]]: ...

    def answered(self, cue: str, accepted: bool) -> None: ...

    def close(self) -> None: ...


class Sheet:
    """The printed rundown: each item its planned minutes, whatever happens."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def hear(self, events: list[Event]) -> tuple[list[Act], list[Cue]]:  # noqa: ARG002  # it goes by the clock alone
        live, following = self._room.audience.live, self._room.following()
        over = live is None or self._room.audience.air_s >= self._room.planned_s(live)
        return ([Act("next", following)] if over and following else []), []

    def answered(self, cue: str, accepted: bool) -> None:
        pass

    def close(self) -> None:
        pass


class Books:
    """What a producer with a pencil can know: sales by second, and orders that wait for payment."""

    def __init__(self) -> None:
        self.sales: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.units: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.open: dict[str, Event] = {}
        self._seen: set[str] = set()
        self.total = 0

    def enter(self, events: list[Event]) -> None:
        for event in events:
            kind = event["type"]
            if kind == "order.created" and event["id"] not in self._seen:
                self._seen.add(event["id"])
                self.sales[event["sku"]][event["time"] // 1000] += event["amount"]
                self.units[event["sku"]][event["time"] // 1000] += event["qty"]
                self.total += event["amount"]
                self.open[event["id"]] = event
            elif kind in {"order.paid", "order.cancelled"}:
                self.open.pop(event["id"], None)

    def last_minute(self, sku: str, now_s: int, seconds: int = _MINUTE) -> int:
        return sum(self.sales[sku].get(second, 0) for second in range(now_s - seconds, now_s))


class Rules:
    """Stock and payment cues by rule, and, if it has a rule for that, when to leave an item."""

    def __init__(self, room: Room, leave: str | None, cues: bool) -> None:
        self._room = room
        self._leave = leave
        self._cues = cues
        self._sheet = Sheet(room)
        self._books = Books()
        self._best = 0
        self._numbers = 0
        self._asked: dict[str, int] = {}
        self._live: str | None = None

    def hear(self, events: list[Event]) -> tuple[list[Act], list[Cue]]:
        self._books.enter(events)
        live = self._room.audience.live
        if live is None or self._leave is None:
            acts, _ = self._sheet.hear(events)
        else:
            acts = []
        cues: list[Cue] = []
        if live and self._leave:
            cues += self._advise_leave(live)
        if live and self._cues:
            cues += self._advise_stock(live) + self._advise_push(live)
        return acts, cues

    def answered(self, cue: str, accepted: bool) -> None:
        pass

    def close(self) -> None:
        pass

    @property
    def _now_s(self) -> int:
        return self._room.audience.now_ms // 1000

    def _advise_leave(self, live: str) -> list[Cue]:
        if live != self._live:
            self._live, self._best = live, 0
        air_s = self._room.audience.air_s
        minute = self._books.last_minute(live, self._now_s)
        if air_s >= _MINUTE:
            self._best = max(self._best, minute)
        ripe = air_s >= max(_LEAST_S, _LEAST * self._room.planned_s(live)) and self._room.may_leave()
        if not ripe or not (self._too_long(live) or self._faded(minute)):
            return []
        if self._too_early(live):
            return []
        there = self._room.following() or self._proven()
        return self._cue("next", there, rest_s=_PATIENCE_S) if there else []

    def _faded(self, minute: int) -> bool:
        if self._leave == "thumb":
            return minute < _THUMB * self._best
        return minute < self._books.total / max(1, self._room.audience.second / _MINUTE)

    def _too_long(self, live: str) -> bool:
        to_come = self._room.to_come()
        needed = sum(item.minutes * 60 for item in to_come) * 0.5
        over = self._room.audience.air_s > _LONGEST * self._room.planned_s(live)
        return bool(to_come) and (over or self._room.left_s < needed)

    def _too_early(self, live: str) -> bool:
        """Whether leaving now would leave more time than there is to put into it; a producer sees that coming."""
        room_s = (
            _STRETCH * sum(item.minutes * 60 for item in self._room.to_come()) + self._room.encores_left * _ENCORE_S
        )
        return self._room.left_s > room_s and self._room.audience.air_s < _LONGEST * self._room.planned_s(live)

    def _proven(self) -> str | None:
        """Of the items that may come back, the one that sold most a planned minute."""
        return max(self._room.encores(), key=self._rate, default=None)

    def _rate(self, sku: str) -> float:
        return sum(self._books.sales[sku].values()) / self._room.planned_s(sku)

    def _advise_stock(self, live: str) -> list[Cue]:
        till = self._room.audience.till
        units = sum(self._books.units[live].get(second, 0) for second in range(self._now_s - 30, self._now_s)) / 30
        if till.reserve[live] == 0 or till.on_shelf[live] >= units * _SHELF_S:
            return []
        return self._cue("release", live, rest_s=_PATIENCE_S, units=self._room.audience.next_batch(live))

    def _advise_push(self, live: str) -> list[Cue]:
        if self._now_s % 10:
            return []
        limit = self._room.audience.now_ms - _UNPAID_AGE_S * 1000
        waiting = sum(order["amount"] for order in self._books.open.values() if order["time"] < limit)
        cost = self._books.last_minute(live, self._now_s) / _MINUTE * _PUSH_COST_S
        if waiting * _PUSH_SAVES < 2 * cost or not waiting:
            return []
        return self._cue("payment", live, rest_s=_PUSH_REST_S)

    def _cue(self, kind: str, sku: str, rest_s: int, **numbers: int) -> list[Cue]:
        if self._now_s - self._asked.get(kind, 0) < rest_s:
            return []
        self._asked[kind] = self._now_s
        self._numbers += 1
        return [
            {
                "id": f"r-{self._numbers}",
                "kind": kind,
                "sku": sku,
                "state": "issued",
                "audience": "both",
                "why": {"numbers": numbers},
            }
        ]


class Engine:
    """`cueroom pace` in a process of its own."""

    def __init__(self, room: Room, directory: Path) -> None:
        self._room = room
        self._pipe = Pipe(room.rundown, directory)
        self._sheet = Sheet(room)

    def hear(self, events: list[Event]) -> tuple[list[Act], list[Cue]]:
        cues = self._pipe.tick(events, self._room.audience.now_ms)
        acts = self._sheet.hear(events)[0] if self._room.audience.live is None else []
        return acts, cues

    def answered(self, cue: str, accepted: bool) -> None:
        self._pipe.answered(cue, accepted)

    def close(self) -> None:
        self._pipe.close()


class AllKnowing:
    """Knows every true rate and all that will come, acts at once: an upper bound, not a competitor."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._truth = Truth(room)
        self._pushed_s = 0

    def hear(self, events: list[Event]) -> tuple[list[Act], list[Cue]]:  # noqa: ARG002  # it knows all that without
        audience = self._room.audience
        live = audience.live
        if live is None:
            return [Act("next", self._room.following())], []
        acts = [Act("release", live, audience.till.reserve[live])] if audience.till.reserve[live] else []
        if audience.second % STEP_S == 0 and self._room.may_leave():
            acts += self._leave()
            acts += self._push()
        return acts, []

    def answered(self, cue: str, accepted: bool) -> None:
        pass

    def close(self) -> None:
        pass

    def _leave(self) -> list[Act]:
        if not self._truth.is_ripe():
            return []
        there = self._room.following() or self._truth.best_encore()
        return [Act("next", there)] if there else []

    def _push(self) -> list[Act]:
        audience = self._room.audience
        waiting = sum(order.amount for order in audience.till.undecided.values())
        cost = self._truth.average() * audience.params.push_s
        if (
            audience.second - self._pushed_s < _ALL_KNOWING_PUSH_REST_S
            or waiting * audience.params.push_pays < 2 * cost
        ):
            return []
        self._pushed_s = audience.second
        return [Act("payment")]


NAMES = ("sheet", "sheet+", "thumb", "thumb+", "average", "engine", "all-knowing")
ABOUT = {
    "sheet": "printed rundown",
    "sheet+": "the same with stock and payment cues by rule",
    "thumb": "leave when the last minute is under 40 % of the best",
    "thumb+": "the same with stock and payment cues by rule",
    "average": "leave at the show's own average a minute (plain MVT), with those cues",
    "engine": "cueroom pace",
    "all-knowing": "knows all rates, has worked the show out backwards from its end, and acts at once",
}


def make(name: str, room: Room, directory: Path) -> Policy:
    """The policy of that name for this show."""
    if name == "engine":
        return Engine(room, directory)
    if name == "all-knowing":
        return AllKnowing(room)
    leave = {"thumb": "thumb", "thumb+": "thumb", "average": "average"}.get(name)
    return Rules(room, leave, cues=name in {"sheet+", "thumb+", "average"})
