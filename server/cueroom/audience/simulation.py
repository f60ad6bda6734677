"""A show's audience, one simulated second at a time: people, wishes, orders and what a platform reports of them."""

from math import exp, log
from typing import Any

from cueroom.audience.dice import Dice
from cueroom.audience.interest import Interest
from cueroom.audience.nature import draw_natures
from cueroom.audience.params import Params
from cueroom.audience.platform import Platform, draw_bots
from cueroom.audience.room import Room, mean_inflow
from cueroom.audience.rough import RoughLine
from cueroom.audience.said import Event, totals
from cueroom.audience.till import Till
from cueroom.show.rundown import Item, Rundown

INTRODUCING = 0.4
"""Part of the usual selling while an item is introduced or the host asks for payments; assumed."""

_OFF_AIR_ROUND_S = 10
_COUNT_STOCK_S = 5
_BENEFIT_TALK = 1.6
"""How much livelier a benefit makes the room; assumed."""


class Audience:
    """The audience of a show from `rundown.starts_at` on. The same rundown, parameters and seed, told the same things
    at the same times, give the same events. How many people come does not depend, on average, on what is shown, so
    policies can be compared on one crowd.

    `natures` says how each item really sells, `inflow` the mean entries of each second: what only a scheduler that
    knows everything can see. For `empty_s` seconds buyers found an empty shelf although a batch was held back.
    """

    def __init__(self, rundown: Rundown, params: Params, seed: int) -> None:
        self.rundown = rundown
        self.params = params
        self._people = Dice(f"{seed} people")
        self._wishes = Dice(f"{seed} wishes")
        self._moods = Dice(f"{seed} moods").random
        self._world = Dice(f"{seed} world")
        self._duration_s = int(rundown.duration_min * 60)
        self.inflow = mean_inflow(params, self._duration_s, self._world)
        self.natures = draw_natures(rundown, params, self._world)
        self.skills = self._draw_skills()
        self.room = Room(params, self._people)
        self.till = Till(rundown, params, Dice(f"{seed} till"))
        self.interests = {sku: Interest(nature, params) for sku, nature in self.natures.items()}
        self._platform = Platform(params, draw_bots(params, self._duration_s, self._world), Dice(f"{seed} talk"))
        self.line = RoughLine(params, self._draw_gaps(), Dice(f"{seed} line"))
        self.second = 0
        self.live: str | None = None
        self.host = rundown.lead
        self.air_s = 0
        self._busy_s = 0.0
        self._benefit_s = 0.0
        self._on_mic_s = 0
        self._mood = 0.0
        self._said: list[Event] = []
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
        return self._item(sku).next_batch(self.till.reserve[sku])

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
        said += self._report(since_ms)
        self._pass_time()
        return self.line.carry(said, self.now_ms)

    def vigour(self) -> float:
        """How well the host sells right now, against a usual host who is not busy with something else."""
        tired = exp(log(0.9) * self._on_mic_s / 60 / self.params.tiring_min)
        busy = INTRODUCING if self._busy_s > 0 else 1.0
        return self.skills[self.host] * tired * busy

    def unrest(self) -> float:
        """How fast people leave, against usual: bored by an item shown too long, kept by a benefit."""
        over = max(0.0, self.air_s / 60 / self.params.boredom_after_min - 1)
        kept = self.params.benefit_stay if self._benefit_s > 0 else 1.0
        return (1 + self.params.boredom * over) * kept

    def _come_and_go(self, since_ms: int) -> list[Event]:
        came, left = self.room.step(self._inflow_now, self.unrest())
        return self._platform.tell_traffic(self.second, came, left, since_ms + 500)

    @property
    def _inflow_now(self) -> float:
        return self.inflow[min(self.second, len(self.inflow)) - 1]

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
        self.empty_s += lost > 0 and self.till.reserve[sku] > 0
        clicks = buyers + self._wishes.count(buyers * (1 / self.params.click_to_order - 1))
        return totals("product.clicked", clicks, since_ms + 300, sku=sku) + events

    def _report(self, since_ms: int) -> list[Event]:
        """What the platform counts beside orders."""
        platform, time = self._platform, since_ms + 700
        liveliness = exp(self._mood) * (_BENEFIT_TALK if self._benefit_s > 0 else 1.0)
        events = platform.tell_talk(self.room, liveliness, time) + platform.tell_follows(self._inflow_now, time)
        if self.live:
            events += platform.tell_views(self.room, self.live, time)
            if self.second % _COUNT_STOCK_S == 0:
                on_shelf = self.till.on_shelf[self.live]
                events.append({"type": "stock.counted", "time": since_ms + 999, "sku": self.live, "n": on_shelf})
        return [*events, platform.tell_online(self.second, self.room, since_ms + 999)]

    def _pass_time(self) -> None:
        self.air_s += 1
        self._on_mic_s += 1
        self._busy_s -= 1
        self._benefit_s -= 1
        keep = exp(-1 / 60)
        self._mood = keep * self._mood + self._moods.gauss(0, self.params.moods_sd * (1 - keep**2) ** 0.5)

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

    def _draw_gaps(self) -> list[tuple[int, int]]:
        starts_at, uniform = self.rundown.starts_at, self._world.random.uniform
        count = round(self.params.gaps)
        starts = [
            starts_at + int(1000 * self._duration_s * (index + uniform(0.2, 0.6)) / count) for index in range(count)
        ]
        return [(at, at + int(self.params.gap_s * 1000)) for at in starts]
