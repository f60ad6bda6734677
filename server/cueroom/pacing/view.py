"""The view: everything a rule may look at, computed once a decision; and advice, what a rule answers."""

import msgspec

from cueroom.pacing.memory import Market, Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.price import Stage, left_s
from cueroom.pacing.rates import Estimate
from cueroom.pacing.room import Room
from cueroom.show.cues import Audience, Kind, Number
from cueroom.show.rundown import Item
from cueroom.show.state import Snapshot

Numbers = dict[str, Number]

_SOME_PAY = 20


class View(msgspec.Struct, frozen=True):
    """A show as the rules see it."""

    snapshot: Snapshot
    memory: Memory
    policy: Policy
    stage: Stage
    market: Market

    @property
    def now(self) -> int:
        return self.snapshot.now

    @property
    def room(self) -> Room:
        return self.stage.room

    @property
    def estimate(self) -> Estimate | None:
        return self.stage.estimate

    @property
    def live(self) -> Item | None:
        """The item on air, with the minutes it has by now."""
        board = self.snapshot.board
        item = self.snapshot.rundown.item(board.live.sku) if board.live else None
        return board.edited(item) if item else None

    @property
    def air_s(self) -> float:
        """Seconds of the present spell."""
        on_air = self.snapshot.board.live
        return max(0, self.now - on_air.since) / 1000 if on_air else 0.0

    @property
    def left_s(self) -> float:
        return left_s(self.snapshot)

    @property
    def worth(self) -> float:
        """Minor units that a unit of the item on air brings; 0 where none is."""
        return self.stage.worths[self.live.sku] if self.live else 0.0

    @property
    def sample(self) -> int:
        """The orders behind the estimate of the item on air: its units, at as many to an order as this item has."""
        if self.estimate is None:
            return 0
        counts = self.snapshot.counts(self.estimate.sku)
        return round(self.estimate.units * counts.orders_created / max(1, counts.units_created))

    @property
    def hears_of_payments(self) -> bool:
        """Whether the feed tells of payments: where of so many orders none was paid, it seems not to."""
        return self.snapshot.totals.orders_paid > 0 or self.snapshot.totals.orders_created < _SOME_PAY

    @property
    def currency(self) -> str:
        return self.snapshot.rundown.currency


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule has to say now. `ready`: worth a new cue once it has held for `after_s`; otherwise it is only enough
    to keep a cue that is open. `again` tells situations apart that may each have a cue at once."""

    kind: Kind
    rule: str
    sku: str | None = None
    numbers: Numbers
    sample: int = 0
    ready: bool = True
    after_s: float = 0.0
    again: str = ""

    @property
    def key(self) -> str:
        """What the life of its cue is known by."""
        return f"{self.kind.value}|{self.sku or ''}"

    @property
    def told_key(self) -> str:
        """What its cool-down is known by."""
        return f"{self.key}|{self.again}"


class Trait(msgspec.Struct, frozen=True):
    """How a kind of cue behaves: urgency (1 is most), whose screen, how long it stays, how long until the next."""

    priority: int
    audience: Audience
    stays_s: int
    rests_s: int
    refused_s: int | None = None
    """How long it rests once refused, and that much longer each time again, up to three times; twice `rests_s` where
    not given. Where it is, a cue nobody answered rests longer each time, too."""


def per_min(per_s: float) -> int:
    """Minor units a minute, for people."""
    return round(per_s * 60)


def per_cent(share: float) -> int:
    return round(100 * share)
