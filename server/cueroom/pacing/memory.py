"""What the engine remembers between two decisions: a value that can be saved and taken up by another director."""

from math import log

import msgspec


class Bin(msgspec.Struct, frozen=True, array_like=True):
    """Some seconds on air: units ordered, seconds in which they could be, the selling time at their middle, and
    the room's level then."""

    units: int
    open_s: int
    at_s: float
    level: float


class Spell(msgspec.Struct, frozen=True, array_like=True):
    """The item on air: since when (ms), its bins of the seconds before `settled`, which no late event changes any
    more, and what was expected of it then: `appeal` and `variance` of a promise, `unseen` the part of the room
    that had not seen it."""

    sku: str
    since: int
    settled: int
    appeal: float
    variance: float
    unseen: float
    bins: tuple[Bin, ...] = ()

    def in_a_room_of(self, level: float) -> "Spell":
        """The spell of a room of unknown size, now that its level is known."""
        bins = tuple(msgspec.structs.replace(each, level=level) for each in self.bins)
        return msgspec.structs.replace(self, appeal=self.appeal - log(level), bins=bins)


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What an item's last spell taught: log of the units a second at its start per unit of level (`appeal`), its
    variance, the weights of the shapes, the best rate seen (units a second), and when it went off air (ms)."""

    appeal: float
    variance: float
    shapes: tuple[float, ...]
    peak: float
    off_at: int


class Minute(msgspec.Struct, frozen=True, array_like=True):
    """One whole minute of the room: entries, those who left, comments, the mean of the gauge (0: none), and how many of
    its seconds told of the room, and of orders."""

    entered: int
    left: int
    commented: int
    online: float
    heard: int = 0
    ordered: int = 0


class Telling(msgspec.Struct, frozen=True, array_like=True):
    """The last second that orders were told of, how many seconds later that was, and how long after the one before."""

    second: int
    late_s: int
    pause_s: int


class Emptied(msgspec.Struct, frozen=True, array_like=True):
    """A shelf that seems empty: what was in reserve and on it by the count, the second of the last order, that at which
    its silence was too long, and the units a second that were ordered before."""

    sku: str
    reserve: int
    counted: int
    last: int
    at: int
    per_s: float


class Reminder(msgspec.Struct, frozen=True, array_like=True):
    """A `payment` cue that is being followed: when it was issued (ms), and how many of the orders it was for were
    unpaid then; none once it has been."""

    cue: str
    at: int
    orders: int


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A batch that was asked for: what was in reserve then, and when that was first said (ms)."""

    reserve: int
    at: int


class Market(msgspec.Struct, frozen=True, array_like=True):
    """The price of a minute as last computed: `price` in minor units a second (None: nothing to compare with),
    its log's standard deviation, each item's promise over its best time, the value of all that is to come and
    its log's standard deviation; `starts`: units a second an item may sell as soon as it is on air, a high guess."""

    at: int
    price: float | None
    spread: float
    promises: dict[str, float]
    to_come: float
    to_come_spread: float
    needed_s: float
    starts: dict[str, float] = {}


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the spell before the present one; `holding`: condition → since when (ms); `told`: cue key → when last
    issued; `host_at`: when cues came on the host's screen (`extra_at`: such as do not change the item); `empty`: spans
    of seconds in which the shelf of the item on air was empty, `emptied` where it only seems to be; `minutes_until`:
    the second at which the last of the room's `minutes` ended; `room_known`: whether its size ever was; `tellings`: the
    last ones of orders; `pushed`: up to which creation (ms) orders were reminded of. Of the people: `reacted`, seconds
    from the last calls to the acts, `acted`, when the last act was (ms), `saved`, parts of the unpaid orders that the
    last reminders brought in, `reminder`, the one under way; `released`, seconds from the last cues for a batch until
    it was on the shelf, `asked`, the batches awaited, by SKU."""

    decided_at: int | None = None
    spell: Spell | None = None
    before: Spell | None = None
    known: dict[str, Known] = {}
    minutes: tuple[Minute, ...] = ()
    minutes_until: int | None = None
    room_known: bool = False
    tellings: tuple[Telling, ...] = ()
    empty: tuple[tuple[int, int], ...] = ()
    emptied: Emptied | None = None
    market: Market | None = None
    holding: dict[str, int] = {}
    told: dict[str, int] = {}
    host_at: tuple[int, ...] = ()
    extra_at: tuple[int, ...] = ()
    pushed: int = 0
    reacted: tuple[float, ...] = ()
    acted: int = 0
    saved: tuple[float, ...] = ()
    reminder: Reminder | None = None
    released: tuple[float, ...] = ()
    asked: dict[str, Asked] = {}
