"""A show's audience, one simulated second at a time: people, wishes, orders and what a platform reports of them."""

from math import exp, log
from typing import Any

import msgspec

from cueroom.audience.dice import Dice
from cueroom.audience.interest import Interest, Nature, planned_sales
from cueroom.audience.params import Params
from cueroom.audience.room import Room, mean_inflow
from cueroom.audience.rough import RoughLine
from cueroom.audience.till import Till
from cueroom.rundown import Item, Role, Rundown

Event = dict[str, Any]

_PULL = {Role.TRAFFIC: 0.5, Role.BENEFIT: 0.8, Role.HOT: 2.0, Role.PROFIT: 1.1, Role.REGULAR: 1.0}
"""What a minute of each role is planned to bring, in regular items, where the sheet gives no share; assumed."""

_NATURE_SD = 0.35
_OFF_AIR_ROUND_S = 10
_COUNT_STOCK_S = 5
_BOT_STAY_S = 2
_INTRODUCING = 0.4
"""Part of the usual selling while an item is introduced or the host asks for payments."""


class Bots(msgspec.Struct, frozen=True):
    """A burst of entries without people: from `since_s` until `until_s` of the show, `rate` a second."""

    since_s: int
    until_s: int
    rate: float


class Audience:
    """The audience of a show from `rundown.starts_at` on. The same rundown, parameters and seed, told the same things
    at the same times, give the same events. How many people come does not depend on what they are told, so policies
    can be compared on one crowd.

    `natures` says how each item really sells, `inflow` the mean entries of each second: what only a scheduler that
    knows everything can see. `lost_buyers` found an empty shelf; for `empty_s` seconds they did although a batch was
    held back.
    """

    def __init__(self, rundown: Rundown, params: Params, seed: int) -> None:
        self.rundown = rundown
        self.params = params
        self._people = Dice(f"{seed} people")
        self._wishes = Dice(f"{seed} wishes")
        self._talk = Dice(f"{seed} talk")
        self._world = Dice(f"{seed} world")
        self._duration_s = int(rundown.duration_min * 60)
        self.inflow = mean_inflow(params, self._duration_s, self._world)
        self.natures = natures(rundown, params, self._world)
        self.skills = self._draw_skills()
        self.room = Room(params, self._people)
        self.till = Till(rundown, params, Dice(f"{seed} till"))
        self.interests = {sku: Interest(nature, params) for sku, nature in self.natures.items()}
        self._bots = self._draw_bots()
        self.line = RoughLine(params, self._draw_gaps(), Dice(f"{seed} line"))
        self.second = 0
        self.live: str | None = None
        self.host = rundown.lead
        self.air_s = 0
        self._busy_s = 0.0
        self._benefit_s = 0.0
        self._on_mic_s = 0
        self._mood = 0.0
        self._visitors = 0
        self._said: list[Event] = []
        self.lost_buyers = 0
        self.empty_s = 0

    def start(self) -> None:
        """The show is on."""
        self._say("show.started")

    def end(self) -> None:
        """The show is over."""
        self.live = None
        self._say("show.ended")

    def present(self, sku: str, host: str | None = None, *, silent: bool = False) -> None:
        """`sku` is on air from now on; `silent` when somebody else already reported it."""
        host = host or self._item(sku).host
        if (sku, host) == (self.live, self.host):
            return
        interest = self.interests[sku]
        interest.catch_up(self.room, off_air_s=_OFF_AIR_ROUND_S)
        if sku != self.live:
            interest.come_back()
            self.air_s = 0
        if host != self.host:
            self._on_mic_s = 0
        self.live, self.host, self._busy_s = sku, host, self.params.switch_s
        if not silent:
            self._say("item.presented", sku=sku, host=host)

    def release(self, sku: str, units: int, *, silent: bool = False) -> None:
        """Up to `units` of the reserve go on the shelf."""
        released = self.till.release(sku, units)
        if released and not silent:
            self._say("stock.released", sku=sku, n=released)

    def next_batch(self, sku: str) -> int:
        """Units of the batch that the rundown puts on the shelf next; 0 where nothing is held back."""
        item, released = self._item(sku), 0
        for batch in item.batches:
            released += batch
            if released > item.stock - self.till.reserve[sku]:
                return released - (item.stock - self.till.reserve[sku])
        return self.till.reserve[sku]

    def push_payment(self) -> None:
        """The host asks for open payments, which takes time from selling."""
        self.till.push(self.now_ms)
        self._busy_s = max(self._busy_s, self.params.push_s)

    def run_benefit(self) -> None:
        """A benefit that keeps people in the room for a while."""
        self._benefit_s = self.params.benefit_s

    @property
    def now_ms(self) -> int:
        """Show time: the end of the last simulated second."""
        return self.rundown.starts_at + self.second * 1000

    def step(self) -> list[Event]:
        """Simulate one more second; returns what arrives at the feed by its end."""
        since_ms = self.now_ms
        self.second += 1
        said, self._said = self._said, []
        said += self._come_and_go(since_ms)
        said += self._buy(since_ms)
        said += self.till.due(self.now_ms)
        said += self._chatter(since_ms)
        said += self._gauges(since_ms)
        self._pass_time()
        return self.line.carry(said, self.now_ms)

    def vigour(self) -> float:
        """How well the host sells right now, against a usual host who is not busy with something else."""
        tired = exp(log(0.9) * self._on_mic_s / 60 / self.params.tiring_min)
        busy = _INTRODUCING if self._busy_s > 0 else 1.0
        return self.skills[self.host] * tired * busy

    def unrest(self) -> float:
        """How fast people leave, against usual: bored by an item shown too long, kept by a benefit."""
        over = max(0.0, self.air_s / 60 / self.params.boredom_after_min - 1)
        kept = self.params.benefit_stay if self._benefit_s > 0 else 1.0
        return (1 + self.params.boredom * over) * kept

    def _come_and_go(self, since_ms: int) -> list[Event]:
        inflow = self.inflow[min(self.second - 1, len(self.inflow) - 1)]
        came, left = self.room.step(inflow, self.unrest())
        bots = int(sum(burst.rate for burst in self._bots if burst.since_s <= self.second < burst.until_s))
        time = since_ms + 500
        events = self._entries(int(came), time) + _totals("viewer.entered", bots, time)
        return events + _totals("viewer.left", int(left) + bots, time)

    def _entries(self, came: int, time: int) -> list[Event]:
        if not self.params.identified:
            return _totals("viewer.entered", came, time)
        return [{"type": "viewer.entered", "time": time, "viewer": self._visitor()} for _ in range(came)]

    def _visitor(self) -> str:
        """A viewer's id; some come back."""
        if self._visitors and self._talk.random.random() < _COMING_BACK:
            return f"v{self._talk.random.randrange(self._visitors)}"
        self._visitors += 1
        return f"v{self._visitors - 1}"

    def _buy(self, since_ms: int) -> list[Event]:
        events = self._buy_off_air(since_ms)
        if self.live is None:
            return events
        interest, vigour = self.interests[self.live], self.vigour()
        interest.catch_up(self.room)
        interest.show(self.room, attention=min(1.0, vigour))
        wanted = interest.buyers(self.air_s, vigour * exp(self._mood))
        return events + self._order(self.live, wanted, since_ms)

    def _buy_off_air(self, since_ms: int) -> list[Event]:
        """A few buy from the cart what was shown before; every item gets its turn once in a round."""
        events: list[Event] = []
        for index, (sku, interest) in enumerate(self.interests.items()):
            if index % _OFF_AIR_ROUND_S == self.second % _OFF_AIR_ROUND_S and sku != self.live and any(interest.ready):
                interest.catch_up(self.room, off_air_s=_OFF_AIR_ROUND_S)
                events += self._order(sku, interest.buyers(0.0, self.params.off_air * _OFF_AIR_ROUND_S), since_ms)
        return events

    def _order(self, sku: str, mean_buyers: float, since_ms: int) -> list[Event]:
        buyers = int(self._wishes.count(mean_buyers))
        events, lost = self.till.sell(sku, buyers, since_ms)
        if mean_buyers:
            kept = lost * self.params.patient
            self.interests[sku].take((buyers - kept) / mean_buyers)
        self.lost_buyers += lost
        self.empty_s += lost > 0 and self.till.reserve[sku] > 0
        clicks = buyers + self._wishes.count(buyers * (1 / self.params.click_to_order - 1))
        return _totals("product.clicked", int(clicks), since_ms + 300, sku=sku) + events

    def _chatter(self, since_ms: int) -> list[Event]:
        params, time = self.params, since_ms + 700
        talking = self.room.talking * exp(self._mood) * (1.6 if self._benefit_s > 0 else 1.0) / 60
        draw = self._talk.count
        events = _totals("viewer.commented", int(draw(talking * params.comment_per_min)), time)
        events += _totals("viewer.liked", int(draw(talking * params.like_per_min)), time)
        events += _totals("viewer.shared", int(draw(talking * params.share_per_min)), time)
        inflow = self.inflow[min(self.second - 1, len(self.inflow) - 1)]
        events += _totals("viewer.followed", int(draw(inflow * params.follow_per_entry)), time)
        if self.live:
            viewed = int(draw(self.room.online * params.view_per_s))
            events += _totals("product.viewed", viewed, time, sku=self.live)
        return events

    def _gauges(self, since_ms: int) -> list[Event]:
        time = since_ms + 999
        bots = sum(burst.rate * _BOT_STAY_S for burst in self._bots if burst.since_s <= self.second < burst.until_s)
        events: list[Event] = [{"type": "room.online", "time": time, "n": self.room.online + int(bots)}]
        if self.live and self.second % _COUNT_STOCK_S == 0:
            on_shelf = self.till.on_shelf[self.live]
            events.append({"type": "stock.counted", "time": time, "sku": self.live, "n": on_shelf})
        return events

    def _pass_time(self) -> None:
        self.air_s += 1
        self._on_mic_s += 1
        self._busy_s -= 1
        self._benefit_s -= 1
        keep = exp(-1 / 60)
        self._mood = keep * self._mood + self._talk.random.gauss(0, self.params.moods_sd * (1 - keep**2) ** 0.5)

    def _say(self, kind: str, **fields: Any) -> None:
        self._said.append({"type": kind, "time": self.now_ms, **fields})

    def _item(self, sku: str) -> Item:
        item = self.rundown.item(sku)
        if item is None:
            raise KeyError(sku)
        return item

    def _draw_skills(self) -> dict[str, float]:
        gauss = self._world.random.gauss
        skills = {host.id: exp(gauss(0, self.params.host_sd)) for host in self.rundown.hosts}
        return {**skills, self.rundown.lead: self.params.star}

    def _draw_bots(self) -> list[Bots]:
        params, uniform = self.params, self._world.random.uniform
        usual = params.entries / self._duration_s
        starts = [uniform(0.05, 0.95) * self._duration_s for _ in range(int(self._world.count(params.bot_bursts)))]
        return [Bots(int(at), int(at + params.bot_s), usual * params.bot_gain * uniform(0.5, 1.5)) for at in starts]

    def _draw_gaps(self) -> list[tuple[int, int]]:
        starts_at, uniform = self.rundown.starts_at, self._world.random.uniform
        count = round(self.params.gaps)
        starts = [
            starts_at + int(1000 * self._duration_s * (index + uniform(0.2, 0.6)) / count) for index in range(count)
        ]
        return [(at, at + int(self.params.gap_s * 1000)) for at in starts]


_COMING_BACK = 0.2
"""Share of entries by people who were here before; assumed."""


def _totals(kind: str, n: int, time: int, **fields: Any) -> list[Event]:
    """One event for `n` occurrences, none for none."""
    return [{"type": kind, "time": time, "n": n, **fields}] if n else []


def natures(rundown: Rundown, params: Params, dice: Dice) -> dict[str, Nature]:
    """How each item really sells: as the plan hopes on average, more or less by chance."""
    pulls = {item.sku: (item.minutes * _PULL[item.role] if item.share is None else 0) for item in rundown.items}
    unplanned = 1 - sum(item.share or 0 for item in rundown.items)
    whole = sum(pulls.values()) or 1.0
    inflow = params.entries / (rundown.duration_min * 60)
    drawn = {}
    for item in rundown.items:
        share = item.share if item.share is not None else unplanned * pulls[item.sku] / whole
        gauss = dice.random.gauss
        luck = params.demand * exp(gauss(0, params.quality_sd) - params.quality_sd**2 / 2)
        ready_s = params.ready_half_life_s * exp(gauss(0, _NATURE_SD))
        script_s = params.script_peak_s * exp(gauss(0, _NATURE_SD))
        orders = rundown.goal * share / item.price * (1 - params.qty_more) / (1 - params.unpaid / 2)
        drawn[item.sku] = _fitted(Nature(0.0, ready_s, script_s), params, inflow, orders * luck, item.minutes)
    return drawn


_TRIAL_APPEAL = 0.001


def _fitted(nature: Nature, params: Params, inflow: float, orders: float, minutes: float) -> Nature:
    """The nature with the appeal that sells `orders` in `minutes` to an average room."""
    trial = planned_sales(msgspec.structs.replace(nature, appeal=_TRIAL_APPEAL), params, inflow, minutes)
    return msgspec.structs.replace(nature, appeal=_TRIAL_APPEAL * orders / trial)
