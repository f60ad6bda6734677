"""Shows of another nature than the simulated audience's: no people in them, only rates that wear off, told by feeds
with habits of their own. Written from the contract alone, to judge what was not tuned on them."""

from collections.abc import Callable, Iterator
from itertools import permutations
from math import ceil, exp
from random import Random

import msgspec

from benches.kinds import STARTS_AT
from benches.pipe import Event
from cueroom.audience.dice import Dice
from cueroom.show.rundown import Host, Item, Role, Rundown

_STEP_S = 5
_JUMPS = (48, 24, 12, 6, 3, 1)
_BATCHED, _PUSH_PAYS, _COME_LATE_S = 0.6, 0.3, 30
_BOT_S, _BOTS, _SILENT_S = 45, 400, 40
_VIEWERS, _ENTRIES, _COMMENTS = 800, 8, 3
_RESTED_S = 1500.0
_ROLES = (Role.HOT, Role.REGULAR, Role.TRAFFIC, Role.PROFIT, Role.BENEFIT)
_FADES: tuple[Callable[[float], float], ...] = (
    lambda x: exp(-x),
    lambda x: (1 + x) ** -1.3,
    lambda x: 1 / (1 + x**4),
    lambda x: (0.4 + x) * exp(0.6 - x),
)
"""How sales wear off, by the time on air in units of the item's own scale: like a room that empties, like a power of
time, like a wall after a plateau, and after a slow start."""


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """A show and how its feed and people behave. `orders_min` is what an average item sells a minute at first,
    `promise` what the sheet hopes for against the truth. Orders are told `lag_s` late, and every `poll_s`."""

    about: str
    items: int = 14
    minutes: float = 90
    overrun_min: float = 0
    orders_min: float = 20.0
    promise: float = 1.0
    shares: bool = True
    wrong_sd: float = 0.4
    batched: bool = True
    tick_s: int = 1
    created: bool = True
    online_every_s: int = 2
    entries: bool = True
    talk: bool = True
    answers: bool = True
    obedience: float = 0.95
    reaction_s: float = 20.0
    unpaid: float = 0.15
    qty: int = 1
    bots: int = 0
    gaps: int = 0
    lag_s: int = 0
    poll_s: int = 1
    hosts: int = 1


HABITS: dict[str, Habits] = {
    "plain": Habits(about="everything told each second"),
    "slow-ticks": Habits(about="a tick every five seconds", tick_s=5, online_every_s=5),
    "paid-only": Habits(about="paid orders and the gauge, nothing else", created=False, entries=False, talk=False),
    "no-room": Habits(about="orders alone, no word of the room", online_every_s=0, entries=False, talk=False),
    "deaf": Habits(about="cues are never answered, three in ten not obeyed", answers=False, obedience=0.7),
    "slow-hands": Habits(about="people take a minute", reaction_s=55),
    "quick-hands": Habits(about="people take five seconds", reaction_s=5),
    "two-a-minute": Habits(about="two orders a minute", orders_min=2, minutes=150),
    "a-flood": Habits(about="a hundred times the sheet", orders_min=3000, promise=0.01, minutes=40, items=8, qty=5),
    "a-drought": Habits(about="a hundredth of what the sheet promised", promise=100.0),
    "no-batches": Habits(about="no batches, no shares", batched=False, shares=False),
    "wrong-sheet": Habits(about="shares say nothing of the truth", wrong_sd=1.2),
    "crowded": Habits(about="forty items in an hour", items=40, minutes=60),
    "few": Habits(about="five items in three hours", items=5, minutes=180),
    "overrun": Habits(about="the show goes on for half an hour more", overrun_min=30, minutes=60),
    "bots": Habits(about="bursts of bots", bots=5),
    "gaps": Habits(about="the feed falls silent", gaps=4),
    "late": Habits(about="orders are told ten seconds late", lag_s=10),
    "a-minute-late": Habits(about="orders are told a minute late", lag_s=60),
    "polled": Habits(about="orders are told every half minute", poll_s=30),
    "guests": Habits(about="co-hosts who sell very differently", hosts=3, minutes=120, items=18),
}


class Wish(msgspec.Struct, frozen=True):
    """How one item really sells: units a second at first, and how that wears off down to a floor."""

    first: float
    scale_s: float
    floor: float
    fade: int

    def rate(self, worn_s: float) -> float:
        """Units a second after so much time on air, at a usual level of the room."""
        return self.first * (self.floor + (1 - self.floor) * _FADES[self.fade](worn_s / self.scale_s))


class World(msgspec.Struct, frozen=True):
    """A show as only this simulator knows it: the sheet, the wishes, the room's level in each second."""

    rundown: Rundown
    wishes: dict[str, Wish]
    levels: list[float]
    skills: dict[str, float]

    def curve(self, sku: str, second: int, worn_s: float, horizon_s: int, units: float) -> Iterator[float]:
        """Minor units sold in each step from now, if the item is shown on."""
        item = self.rundown.item(sku)
        assert item is not None  # noqa: S101  # an item of its own show
        wish, skill = self.wishes[sku], self.skills[item.host]
        for step in range(0, horizon_s, _STEP_S):
            level = self.levels[min(second + step, len(self.levels) - 1)]
            sold = min(units, _STEP_S * level * skill * wish.rate(worn_s + step))
            units -= sold
            yield sold * item.price


def draw_world(habits: Habits, seed: int) -> World:
    """A show of these habits."""
    dice = Dice(f"{seed} outsider")
    draw = dice.random
    hosts = tuple(Host(f"h{index}", f"host {index}") for index in range(habits.hosts))
    drawn = [_draw_item(habits, number, draw) for number in range(1, habits.items + 1)]
    items, wishes = [item for item, _ in drawn], {item.sku: wish for item, wish in drawn}
    goal = sum(item.share or 0.0 for item in items)
    items = [msgspec.structs.replace(item, share=_share(item, goal) if habits.shares else None) for item in items]
    rundown = Rundown(
        id=f"outsider-{seed}",
        title="another nature",
        starts_at=STARTS_AT,
        duration_min=habits.minutes,
        currency="CNY",
        goal=max(1, round(goal)),
        hosts=hosts,
        items=tuple(items),
    )
    seconds = round(60 * (habits.minutes + habits.overrun_min))
    skills = {host.id: exp(draw.gauss(0, 0.5 if habits.hosts > 1 else 0.0)) for host in hosts}
    return World(rundown, wishes, _levels(seconds, dice), skills)


def _draw_item(habits: Habits, number: int, draw: Random) -> tuple[Item, Wish]:
    """An item of the sheet, its share still the money that is hoped for, and how it really sells."""
    minutes = habits.minutes * 0.95 / habits.items
    price = round(6000 * exp(draw.gauss(0, 0.6)), -1)
    scale_s = 60 * minutes * exp(draw.gauss(-1.2, 0.5))
    wish = Wish(
        first=habits.orders_min / 60 * exp(draw.gauss(0, 0.6)) * (6000 / price) ** 0.7,
        scale_s=scale_s,
        floor=draw.uniform(0.05, 0.3),
        fade=draw.randrange(len(_FADES)),
    )
    planned = minutes * draw.uniform(0.7, 1.3)
    sales = sum(_STEP_S * wish.rate(worn) for worn in range(0, round(60 * planned), _STEP_S))
    hoped = sales * habits.promise * exp(draw.gauss(0, habits.wrong_sd))
    stock = max(10, round(max(sales, hoped) * draw.uniform(1.0, 3.0)))
    first = round(stock * draw.uniform(0.2, 0.5))
    item = Item(
        sku=f"S{number}",
        name=f"thing {number}",
        role=draw.choice(_ROLES),
        price=int(price),
        stock=stock,
        batches=(first, stock - first) if habits.batched and draw.random() < _BATCHED else (),
        minutes=round(planned, 1),
        share=hoped * price,
        host=f"h{draw.randrange(habits.hosts)}",
    )
    return item, wish


def _share(item: Item, goal: float) -> float:
    return int(1e6 * (item.share or 0.0) / goal) / 1e6


def _levels(seconds: int, dice: Dice) -> list[float]:
    """A room that wanders and, now and then, is flooded."""
    levels, mood, flood = [], 0.0, 0.0
    for _ in range(seconds):
        mood += -mood / 600 + dice.random.gauss(0, 0.012)
        flood = 3.0 if dice.random.random() < 1 / 2400 else flood * 0.5 ** (1 / 120)
        levels.append(exp(mood) * (1 + flood))
    return levels


class Show:
    """The show second by second: what is sold, and what the feed tells of it."""

    def __init__(self, habits: Habits, world: World, seed: int) -> None:
        self.habits, self.world = habits, world
        self.second = 0
        self.live: str | None = None
        self.air_s = 0
        self.gmv = 0
        self.empty_s = 0
        self.shelf = {item.sku: item.first_batch for item in world.rundown.items}
        self.reserve = {item.sku: item.stock - item.first_batch for item in world.rundown.items}
        self.worn = {item.sku: 0.0 for item in world.rundown.items}
        self.left_at: dict[str, int] = {}
        self.unpaid: dict[str, tuple[str, int]] = {}
        self._orders = Dice(f"{seed} orders")
        self._room = Dice(f"{seed} room")
        self._line = Dice(f"{seed} line").random
        length = len(world.levels)
        self._bots = [self._line.randrange(length) for _ in range(habits.bots)]
        self._silent = [self._line.randrange(300, length) for _ in range(habits.gaps)]
        self._held: list[tuple[int, Event]] = []
        self._said: list[Event] = []
        self._due: list[tuple[int, str, str, int]] = []
        self._number = 0

    @property
    def now(self) -> int:
        """Show time (ms)."""
        return STARTS_AT + 1000 * self.second

    def present(self, sku: str) -> None:
        """The item is on air from now on."""
        if sku == self.live:
            return
        if self.live:
            self.left_at[self.live] = self.second
        if sku in self.left_at:
            self.worn[sku] *= exp(-(self.second - self.left_at[sku]) / _RESTED_S)
        self.live, self.air_s = sku, 0
        self._said.append({"type": "item.presented", "sku": sku, "time": self.now})

    def release(self, sku: str) -> None:
        """All that is held back goes on the shelf."""
        units, self.reserve[sku] = self.reserve[sku], 0
        if units:
            self.shelf[sku] += units
            self._said.append({"type": "stock.released", "sku": sku, "n": units, "time": self.now})

    def push(self) -> None:
        """The host asks for open payments."""
        for order, (sku, qty) in list(self.unpaid.items()):
            if self._orders.random.random() < _PUSH_PAYS:
                del self.unpaid[order]
                self._due.append((self.second + self._orders.random.randrange(2, _COME_LATE_S), order, sku, qty))

    def step(self) -> list[Event]:
        """One more second; what has arrived at the feed by its end."""
        self.second += 1
        said, self._said = self._said, []
        if self.live:
            said += self._sell(self.live)
        said += self._pay() + self._tell_room()
        self._held += [(self._told_at(event), event) for event in said]
        if any(at <= self.second < at + _SILENT_S for at in self._silent):
            return []
        told = [event for at, event in self._held if at <= self.second]
        self._held = [held for held in self._held if held[0] > self.second]
        return told

    def _told_at(self, event: Event) -> int:
        """The second at which the platform tells of what has just happened."""
        if not event["type"].startswith("order."):
            return self.second
        return ceil((self.second + self.habits.lag_s) / self.habits.poll_s) * self.habits.poll_s

    def _sell(self, sku: str) -> list[Event]:
        item = self.world.rundown.item(sku)
        assert item is not None  # noqa: S101  # an item of its own show
        habits, level = self.habits, self.world.levels[self.second - 1]
        rate = level * self.world.skills[item.host] * self.world.wishes[sku].rate(self.worn[sku])
        self.worn[sku] += 1
        self.air_s += 1
        events = []
        for _ in range(self._orders.count(rate / habits.qty)):
            qty = min(habits.qty, self.shelf[sku])
            if not qty:
                self.empty_s += self.reserve[sku] > 0
                break
            self.shelf[sku] -= qty
            self._number += 1
            order, at = f"o{self._number}", self.now - self._orders.random.randrange(1, 1000)
            if habits.created:
                events.append(self._order("created", order, sku, qty, at))
            if self._orders.random.random() < habits.unpaid:
                self.unpaid[order] = (sku, qty)
            else:
                self._due.append((self.second + round(self._orders.random.expovariate(0.1)), order, sku, qty))
        return events

    def _order(self, what: str, order: str, sku: str, qty: int, at: int) -> Event:
        return {"type": f"order.{what}", "id": order, "sku": sku, "qty": qty, "time": at}

    def _pay(self) -> list[Event]:
        due = [each for each in self._due if each[0] <= self.second]
        self._due = [each for each in self._due if each[0] > self.second]
        events = []
        for _, order, sku, qty in due:
            item = self.world.rundown.item(sku)
            self.gmv += item.price * qty if item else 0
            events.append(self._order("paid", order, sku, qty, self.now - 1))
        return events

    def _tell_room(self) -> list[Event]:
        habits, level, time = self.habits, self.world.levels[self.second - 1], self.now - 1
        bots = _BOTS * any(at <= self.second < at + _BOT_S for at in self._bots)
        events: list[Event] = []
        if habits.online_every_s and self.second % habits.online_every_s == 0:
            events.append({"type": "room.online", "n": round(_VIEWERS * level) + 3 * bots, "time": time})
        entered = self._room.count(_ENTRIES * level)
        if habits.entries:
            events.append({"type": "viewer.entered", "n": entered + bots, "time": time})
            events.append({"type": "viewer.left", "n": _ENTRIES + bots, "time": time})
        talked = self._room.count(_COMMENTS * level)
        if habits.talk and talked:
            events.append({"type": "viewer.commented", "n": talked, "time": time})
        return [event for event in events if event["n"]]


def best_times(world: World) -> list[int]:
    """How many seconds each item of the sheet would best be shown, known every rate and all that will come: times on
    air go from one item to another as long as that helps."""
    items, steps = world.rundown.items, len(world.levels) // _STEP_S
    times = [steps // len(items)] * len(items)
    times[-1] += steps - sum(times)
    best = _ordered(world, times)
    for jump in _JUMPS:
        better = True
        while better:
            better = False
            for taker, giver in permutations(range(len(times)), 2):
                if times[giver] < jump:
                    continue
                trial = times[:]
                trial[giver] -= jump
                trial[taker] += jump
                if (ordered := _ordered(world, trial)) > best:
                    times, best, better = trial, ordered, True
    return [_STEP_S * time for time in times]


def _ordered(world: World, times: list[int]) -> float:
    """Minor units ordered if each item of the sheet has so many steps."""
    second, total = 0, 0.0
    for item, steps in zip(world.rundown.items, times, strict=True):
        total += sum(world.curve(item.sku, second, 0.0, steps * _STEP_S, item.stock))
        second += steps * _STEP_S
    return total
