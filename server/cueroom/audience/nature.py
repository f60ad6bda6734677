"""How items really sell: near what the sheet promises of them, more or less by chance."""

from math import exp

import msgspec

from cueroom.audience.dice import Dice
from cueroom.audience.interest import Interest, Nature
from cueroom.audience.params import Params
from cueroom.audience.room import settled
from cueroom.show.rundown import Item, Role, Rundown

_PULL = {Role.TRAFFIC: 0.5, Role.BENEFIT: 0.8, Role.HOT: 2.0, Role.PROFIT: 1.1, Role.REGULAR: 1.0}
"""What a minute of each role is planned to bring, in regular items, where the sheet gives no share; assumed."""

_TEMPER_SD = 0.35
"""Log-sd between items of how fast their ready buyers are used up and when their script persuades; assumed."""

_TRIAL_APPEAL = 0.001


def draw_natures(rundown: Rundown, params: Params, dice: Dice) -> dict[str, Nature]:
    """The nature of each item of the sheet, drawn around its planned sales."""
    return {item.sku: _draw(item, sales, rundown, params, dice) for item, sales in planned_orders(rundown, params)}


def planned_orders(rundown: Rundown, params: Params) -> list[tuple[Item, float]]:
    """How many orders each item must get in its minutes for the show to reach its goal."""
    pulls = {item.sku: item.minutes * _PULL[item.role] for item in rundown.items if item.share is None}
    unplanned = 1 - sum(item.share or 0 for item in rundown.items)
    planned = []
    for item in rundown.items:
        share = unplanned * pulls[item.sku] / sum(pulls.values()) if item.share is None else item.share
        value = item.price / (1 - params.qty_more) * (1 - params.unpaid / 2)
        planned.append((item, rundown.goal * share / value))
    return planned


def _draw(item: Item, orders: float, rundown: Rundown, params: Params, dice: Dice) -> Nature:
    gauss = dice.random.gauss
    luck = params.demand * exp(gauss(0, params.quality_sd) - params.quality_sd**2 / 2)
    nature = Nature(
        _TRIAL_APPEAL,
        params.ready_half_life_s * exp(gauss(0, _TEMPER_SD)),
        params.script_peak_s * exp(gauss(0, _TEMPER_SD)),
    )
    trial = mean_sales(nature, params, params.entries / (rundown.duration_min * 60), item.minutes)
    return msgspec.structs.replace(nature, appeal=_TRIAL_APPEAL * orders * luck / trial)


def mean_sales(nature: Nature, params: Params, inflow: float, minutes: float) -> float:
    """Mean buyers of an item shown for `minutes` to a room in balance with its inflow."""
    room, interest = settled(params, inflow), Interest(nature, params)
    sold = 0.0
    for second in range(int(minutes * 60)):
        room.step(inflow, unrest=1.0)
        interest.catch_up(room)
        interest.show(room, attention=1.0)
        sold += interest.buyers(second, vigour=1.0)
        interest.take(1.0)
    return sold
