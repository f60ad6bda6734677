"""A show played by hand, second by second, for the tests of the engine."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from cueroom.pacing.engine import Decision, decide
from cueroom.pacing.memory import Memory
from cueroom.show import events as ev
from cueroom.show.board import with_cues
from cueroom.show.cues import Cue, CueState, Kind
from cueroom.show.fold import Ledger
from cueroom.show.rundown import Host, Item, Role, Rundown
from cueroom.show.state import Snapshot

START = 1_700_000_000_000
HOSTS = (Host("lead", "主播"), Host("guest", "嘉宾"))

Rates = Mapping[str, float] | Callable[[int], Mapping[str, float]]
"""Orders a second by SKU, or that as a function of the second of the show."""


def item(sku: str, **changes: Any) -> Item:
    """An item of ten minutes at 100 yuan with plenty of stock."""
    base = Item(sku=sku, name=f"货{sku}", role=Role.REGULAR, price=10_000, stock=100_000, minutes=10, host="lead")
    return msgspec.structs.replace(base, **changes)


def rundown(*items: Item, **changes: Any) -> Rundown:
    """A show of one hour with a goal of 600,000 yuan."""
    base = Rundown(
        id="show",
        title="测试",
        starts_at=START,
        duration_min=60,
        currency="CNY",
        goal=60_000_000,
        hosts=HOSTS,
        items=items or tuple(item(f"V{number}") for number in range(1, 7)),
    )
    return msgspec.structs.replace(base, **changes)


class Rehearsal:
    """Feeds a ledger and asks the engine every `tick_s`; keeps every cue issued, and the last decision."""

    def __init__(self, show: Rundown, tick_s: int = 2) -> None:
        self.ledger = Ledger(show)
        self.memory = Memory()
        self.tick_s = tick_s
        self.second = 0
        self.cues: list[Cue] = []
        self.changes: list[Cue] = []
        self.decision: Decision | None = None
        self._orders = 0
        self._owed: dict[str, float] = {}

    @property
    def now(self) -> int:
        return self.ledger.rundown.starts_at + self.second * 1000

    def apply(self, event: ev.Event, late_s: float = 0) -> None:
        self.ledger.apply(event, self.now - round(1000 * late_s))

    def present(self, sku: str) -> None:
        self.apply(ev.ItemPresented(sku=sku))

    def play(self, seconds: int, orders: Rates | None = None, entered: int = 20) -> "Rehearsal":
        """Let time pass; every order is paid at once."""
        for _ in range(seconds):
            rates = orders(self.second) if callable(orders) else orders or {}
            for sku, rate in rates.items():
                self._owed[sku] = self._owed.get(sku, 0.0) + rate
                while self._owed[sku] >= 1:
                    self._owed[sku] -= 1
                    self.order(sku)
            if entered:
                self.apply(ev.ViewerEntered(n=entered))
            self.second += 1
            if self.second % self.tick_s == 0:
                self.decide()
        return self

    def snapshot(self) -> Snapshot:
        return self.ledger.snapshot(self.now)

    def order(self, sku: str, paid: bool = True) -> None:
        self._orders += 1
        for kind in (ev.OrderCreated, ev.OrderPaid) if paid else (ev.OrderCreated,):
            self.apply(kind(id=f"o{self._orders}", sku=sku, qty=1))

    def decide(self) -> None:
        self.decision = decide(self.snapshot(), self.memory)
        self.memory = self.decision.memory
        self.ledger.board = with_cues(self.ledger.board, self.decision.changes)
        self.changes += self.decision.changes
        self.cues += [cue for cue in self.decision.changes if cue.state is CueState.ISSUED]

    def answer(self, cue: Cue, state: CueState) -> None:
        self.ledger.board = with_cues(self.ledger.board, (cue.moved(state, self.now, "test"),))

    def of(self, *kinds: Kind) -> list[Cue]:
        return [cue for cue in self.cues if cue.kind in kinds]


def on_air(*items: Item, tick_s: int = 2, **changes: Any) -> Rehearsal:
    """A show of these items whose first one has just come on air."""
    show = Rehearsal(rundown(*items, **changes), tick_s)
    show.present("V1")
    return show


def fading(sku: str, first: float, half_life_s: float, base: float = 0.0) -> Callable[[int], Mapping[str, float]]:
    """Orders a second that fade from the start of the show."""
    return lambda second: {sku: base + first * 0.5 ** (second / half_life_s)}


def figure(cue: Cue, name: str) -> float:
    """A number of a cue's reason."""
    value = cue.why.numbers[name]
    assert isinstance(value, int | float)
    return value
