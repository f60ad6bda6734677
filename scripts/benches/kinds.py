"""Kinds of show to measure policies on: random rundowns and crowds, by seed."""

from collections.abc import Callable
from math import exp
from random import Random

import msgspec

from cueroom.audience import Params
from cueroom.audience.dice import Dice
from cueroom.show.rundown import Host, Item, Role, Rundown

STARTS_AT = 1_800_000_000_000


class Kind(msgspec.Struct, frozen=True):
    """A kind of show: `make` draws one from a seed."""

    name: str
    about: str
    make: Callable[[int], tuple[Rundown, Params]]


_ROLES = (Role.TRAFFIC, Role.HOT, Role.REGULAR, Role.BENEFIT, Role.PROFIT, Role.HOT, Role.REGULAR)
_PRICE = {Role.TRAFFIC: 1900, Role.BENEFIT: 2900, Role.HOT: 7900, Role.PROFIT: 16900, Role.REGULAR: 6900}
_WEIGHT = {Role.TRAFFIC: 0.5, Role.BENEFIT: 0.8, Role.HOT: 2.0, Role.PROFIT: 1.1, Role.REGULAR: 1.0}
_SLACK = 0.96
_BATCHED = 0.3


def _rundown(seed: int, items: int, minutes: float, goal: int, hosts: int) -> Rundown:
    """A sheet: roles in a loop, hot ones with stock in batches, what a planner would promise of each."""
    draw = Dice(f"{seed} rundown").random
    roles = [_ROLES[(index + draw.randrange(2)) % len(_ROLES)] for index in range(items)]
    slots = [draw.uniform(0.7, 1.3) * (1.25 if role is Role.HOT else 1.0) for role in roles]
    weights = [slot * _WEIGHT[role] * exp(draw.gauss(0, 0.2)) for slot, role in zip(slots, roles, strict=True)]
    made = []
    for index, role in enumerate(roles):
        share = weights[index] / sum(weights)
        price = round(_PRICE[role] * exp(draw.gauss(0, 0.35)), -1)
        stock = max(20, round(goal * share / price * draw.uniform(1.0, 2.2)))
        made.append(
            Item(
                sku=f"V{index + 1:02}",
                name=f"item {index + 1}",
                role=role,
                price=int(price),
                stock=stock,
                batches=_batches(stock, draw) if role is Role.HOT or draw.random() < _BATCHED else (),
                minutes=round(slots[index] / sum(slots) * minutes * _SLACK, 1),
                min_minutes=draw.choice((0.0, 2.0, 3.0)),
                share=int(share * 10_000) / 10_000,
                host=f"h{0 if role is Role.HOT else draw.randrange(hosts)}",
            )
        )
    return Rundown(
        id=f"show-{seed}",
        title=f"show {seed}",
        starts_at=STARTS_AT,
        duration_min=minutes,
        currency="CNY",
        goal=goal,
        hosts=tuple(Host(f"h{index}", f"host {index}") for index in range(hosts)),
        items=tuple(made),
    )


def _batches(stock: int, draw: Random) -> tuple[int, ...]:
    first = round(stock * draw.uniform(0.25, 0.5))
    second = round(stock * 0.3)
    return first, second, stock - first - second


def _small(seed: int) -> tuple[Rundown, Params]:
    return _rundown(seed, 12, 180, 40_000_000, 1), Params(entries=110_000, burst_every_min=20, burst_gain=1.2)


def _star(seed: int) -> tuple[Rundown, Params]:
    # A tenth of a star's crowd: rates are high enough for its troubles, and a run takes seconds.
    params = Params(entries=1_000_000, waiting_share=0.006, burst_every_min=11, burst_gain=2, star=1.25, demand=1.3)
    return _rundown(seed, 18, 175, 100_000_000, 4), params


def _flash(seed: int) -> tuple[Rundown, Params]:
    params = Params(entries=200_000, burst_every_min=12, burst_gain=7, burst_half_life_s=60)
    return _rundown(seed, 14, 150, 60_000_000, 2), params


def _dull(seed: int) -> tuple[Rundown, Params]:
    params = Params(
        entries=60_000,
        demand=0.7,
        quality_sd=0.3,
        ready_half_life_s=70,
        hesitant=2.5,
        burst_gain=0.4,
        comment_per_min=0.1,
    )
    return _rundown(seed, 12, 150, 20_000_000, 1), params


def _rough(seed: int) -> tuple[Rundown, Params]:
    params = Params(
        entries=150_000,
        quality_sd=0.9,
        bot_bursts=8,
        bot_gain=8,
        gaps=4,
        gap_s=35,
        late=0.05,
        repeated=0.05,
        obedience=0.8,
    )
    return _rundown(seed, 14, 160, 45_000_000, 2), params


def _slow_burn(seed: int) -> tuple[Rundown, Params]:
    # Hardly anybody is ready; the script does the work and peaks late; moods swing.
    params = Params(
        entries=120_000, notice_s=30, hesitant=5, persuade_half_life_s=300, script_peak_s=300, moods_sd=0.4, swell=0.6
    )
    return _rundown(seed, 10, 150, 35_000_000, 2), params


KINDS = (
    Kind("small", "one host, three hours, about 5,000 orders", _small),
    Kind("star", "a star and co-hosts, stock in batches, high rates", _star),
    Kind("flash", "flash crowds", _flash),
    Kind("dull", "a dull room: slow decay, items alike", _dull),
    Kind("rough", "wrong labels, bots, gaps, late and repeated events", _rough),
    Kind("slow-burn", "different dynamics: persuasion, not readiness", _slow_burn),
)
