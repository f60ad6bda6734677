"""What all shows together taught: of every role, category and product, and so of any item of a plan.

A product is part of its category, a category of the role it plays, the roles of everything, and that lies around a
stated default. Role, price and audience are taken out of a measurement first: what is pooled is how far an item sold
from what an item of its role and price would sell by default before a room as large as the usual one."""

from collections.abc import Iterable, Mapping
from math import exp, log
from statistics import fmean

import msgspec

from cueroom.lessons.observed import Observation, Taught, factor, middle_price
from cueroom.lessons.pooling import Estimate, Path, Told, below, pooled
from cueroom.pacing.promise import PRICE_SLOPE, ROLE_UNITS
from cueroom.show.rundown import Item, Role

PER_VIEWER = 0.01
"""By default one viewer in a hundred buys a regular item of a middle price in its first minute. Assumed; it lets the
first show count for almost everything."""

USUAL_ROOM = 1_000.0
"""Viewers in the usual room, as long as no feed has told."""

HALF_LIFE_S = 50.0
"""By default: the middle of the engine's own shapes before it has seen anything."""

CONVERSION = 0.05
"""By default one click in twenty becomes a paid order. Assumed; published figures lie between 2 and 20 %."""

CATEGORY, PRODUCT = 2, 3
"""How many names the path of a category and of a product has."""

FIRST_SDS = (1.5, 0.35, 0.35, 0.5)
"""How far, as a factor's log: everything from the default, which is a guess; a role from everything, as the engine
takes it; a category from its role, likewise; a product from its category, as the engine takes an item to lie from what
sheet and crowd say."""

HALF_LIFE_SDS = (0.7, 0.2, 0.2, 0.3)
CONVERSION_SDS = (1.0, 0.3, 0.3, 0.4)
"""The same of decay, which differs less from item to item, and of conversion. Assumed."""

SHOW_SD = 0.3
"""How far one evening of a product lies from its usual one, beyond what counting explains: other hosts, hours, crowds.
Assumed; so no number of orders makes one show worth more than it is."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of a product, a category, a role or everything (by its `path`), from how many shows, minutes on
    air, orders and clicks. `first` is the log of how many times as many units an item of it sells in its first minute
    as it would `by_default` (the log of units before the usual room, for the roles and prices seen); `half_life` the
    log of seconds, `conversion` that of paid orders a click."""

    path: Path
    name: str
    shows: int
    minutes: float
    orders: int
    clicks: int
    by_default: float
    first: Estimate
    half_life: Estimate
    conversion: Estimate

    @property
    def per_min(self) -> Estimate:
        """The log of the units in the first minute before the usual room."""
        first, by = self.first, self.by_default
        own = None if first.own is None else first.own + by
        return msgspec.structs.replace(first, mean=first.mean + by, own=own, towards=first.towards + by)


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What to expect of an item: units in its first minute before the usual room, to what factor that is known, seconds
    to half its first rate; and the lesson it comes from, of the item itself or the nearest group around it."""

    per_min: float
    within: float
    half_life_s: float
    lesson: Lesson


class Lessons(msgspec.Struct, frozen=True):
    """All lessons by their path; `room`: viewers in the usual room; `homes`: each product's place."""

    room: float
    taught: tuple[Taught, ...]
    by_path: Mapping[Path, Lesson]
    homes: Mapping[str, Path]

    @property
    def everything(self) -> Lesson:
        """What holds of everything; without any show, the stated defaults."""
        return self.by_path[()]

    def expected(self, item: Item, among: tuple[Item, ...]) -> Expected:
        """What to expect of an item of a plan whose items are these."""
        lesson = self._nearest(item)
        first, half_life = lesson.first, lesson.half_life
        for depth in range(len(lesson.path) + 1, len(FIRST_SDS)):
            first, half_life = below(first, FIRST_SDS[depth]), below(half_life, HALF_LIFE_SDS[depth])
        by_default = _by_default(item.role.value, item.price / middle_price(among), self.room)
        return Expected(
            per_min=exp(by_default + first.mean),
            within=factor(first.variance + SHOW_SD**2),
            half_life_s=exp(half_life.mean),
            lesson=lesson,
        )

    def _nearest(self, item: Item) -> Lesson:
        """The lesson of the item, else of its category in its role, else in the role where most of it was sold, else
        of the role, else of everything."""
        place: Path = (item.role.value, item.category)
        paths = [self.homes.get(item.sku, place), place, *self._alike(item.category), place[:1], ()]
        return next(self.by_path[path] for path in paths if path in self.by_path)

    def _alike(self, category: str) -> list[Path]:
        """The places of a category that has a name, the one with the most orders first."""
        places = [path for path in self.by_path if len(path) == CATEGORY and path[-1] == category != ""]
        return sorted(places, key=lambda path: (-self.by_path[path].orders, path))


def counting(shows: Iterable[Taught]) -> tuple[Taught, ...]:
    """The shows that count, the earliest first: made-up ones only while there is no real one."""
    every = sorted(shows, key=lambda taught: (taught.at, taught.show))
    return tuple(each for each in every if not each.made_up) or tuple(every)


def learn(shows: Iterable[Taught]) -> Lessons:
    """The lessons of those shows that count, whatever their order."""
    taught = counting(shows)
    rooms = [log(each.room) for each in taught if each.room]
    room = exp(fmean(rooms)) if rooms else USUAL_ROOM
    homes = {each.sku: _home(each) for show in taught for each in show.items}
    rows: list[Row] = [(homes[each.sku], show, each) for show in taught for each in show.items]
    first = pooled(
        [Told(path, _first(show, each, room), each.first.variance + SHOW_SD**2) for path, show, each in rows],
        0.0,
        FIRST_SDS,
    )
    half_life = pooled(
        [Told(path, each.half_life.mean, each.half_life.variance + SHOW_SD**2) for path, _, each in rows],
        log(HALF_LIFE_S),
        HALF_LIFE_SDS,
    )
    conversion = pooled(
        [_conversion(path, each) for path, _, each in rows if each.clicked], log(CONVERSION), CONVERSION_SDS
    )
    by_path = {
        path: _lesson(path, inside, room, (first[path], half_life[path], _nearest(conversion, path)))
        for path, inside in _groups(rows).items()
    }
    return Lessons(room, taught, by_path, homes)


Row = tuple[Path, Taught, Observation]


def _home(seen: Observation) -> Path:
    """A product's place is that of the last show it was in, for all its shows."""
    return (seen.role.value, seen.category, seen.sku)


def _groups(rows: list[Row]) -> dict[Path, list[Row]]:
    """The rows of every group, and of everything."""
    groups: dict[Path, list[Row]] = {(): []}
    for row in rows:
        for end in range(len(row[0]) + 1):
            groups.setdefault(row[0][:end], []).append(row)
    return groups


def _lesson(path: Path, rows: list[Row], room: float, estimates: tuple[Estimate, Estimate, Estimate]) -> Lesson:
    """The lesson of a group, out of its own rows."""
    seen = [each for _, _, each in rows]
    defaults = [_by_default(each.role.value, each.price / show.middle, room) for _, show, each in rows]
    first, half_life, conversion = estimates
    return Lesson(
        path=path,
        name=seen[-1].name if len(path) == PRODUCT else "",
        shows=len({show.show for _, show, _ in rows}),
        minutes=sum(each.minutes for each in seen),
        orders=sum(each.paid for each in seen),
        clicks=sum(each.clicked for each in seen),
        by_default=fmean(defaults) if defaults else _by_default(Role.REGULAR.value, 1.0, room),
        first=first,
        half_life=half_life,
        conversion=conversion,
    )


def _first(show: Taught, seen: Observation, room: float) -> float:
    """How far the item sold from what its role and price would by default, before the same room."""
    own_room = show.room or room
    return seen.first.mean - _by_default(seen.role.value, seen.price / show.middle, own_room)


def _by_default(role: str, price: float, room: float) -> float:
    """The log of the units in the first minute; `price` against the middle one of its show."""
    return log(PER_VIEWER * room) + _ROLES[role] + PRICE_SLOPE * log(max(price, _CHEAPEST))


_ROLES = {role.value: units for role, units in ROLE_UNITS.items()}
_CHEAPEST = 0.01
"""Giveaways for nothing are not bought infinitely often."""


def _conversion(path: Path, seen: Observation) -> Told:
    """Of few orders the logarithm is kept finite by half an order and half a click."""
    value = min(0.0, log((seen.paid + 0.5) / (seen.clicked + 0.5)))
    return Told(path, value, 1 / (seen.paid + 0.5) + SHOW_SD**2)


def _nearest(estimates: Mapping[Path, Estimate], path: Path) -> Estimate:
    """The estimate of the group, or of the nearest around it that was measured, which it then has in common."""
    found = next(path[:end] for end in range(len(path), -1, -1) if path[:end] in estimates)
    estimate = estimates[found]
    for depth in range(len(found) + 1, len(path) + 1):
        estimate = below(estimate, CONVERSION_SDS[depth])
    return estimate
