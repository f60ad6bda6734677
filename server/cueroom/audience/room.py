"""The people in the room: how they come, in waves and bursts, and how long they stay."""

from math import cos, exp, log, pi

from cueroom.audience.dice import Dice, Draws, Means
from cueroom.audience.params import Params

_OVERRUN_S = 3600
"""How far past its planned end a show can be simulated."""

_BURST_LONGEST = 8
"""Half-lives after which a burst is over."""


def mean_inflow(params: Params, duration_s: int, dice: Dice) -> list[float]:
    """Mean entries in each second of the show, scaled so that the planned time sees `params.entries` in all."""
    shape = [1 - params.swell * cos(2 * pi * second / duration_s) for second in range(duration_s + _OVERRUN_S)]
    for start in _moments(params.burst_every_min * 60, len(shape), dice):
        _add_burst(shape, start, params, params.burst_gain * dice.random.uniform(0.5, 1.5))
    coming = params.entries * (1 - params.waiting_share)
    scale = coming / sum(shape[:duration_s])
    return [level * scale for level in shape]


def _moments(every_s: float, until_s: int, dice: Dice) -> list[int]:
    moments = []
    at = dice.random.expovariate(1 / every_s)
    while at < until_s:
        moments.append(int(at))
        at += dice.random.expovariate(1 / every_s)
    return moments


def _add_burst(shape: list[float], start: int, params: Params, gain: float) -> None:
    fade = log(2) / params.burst_half_life_s
    for second in range(start, min(len(shape), start + int(_BURST_LONGEST * params.burst_half_life_s))):
        shape[second] += gain * (1 - exp(-(second - start + 1) / 10)) * exp(-fade * (second - start))


class Room:
    """Viewers present, by class. `stayed` is, by class, the log of the share of those present at the start who would
    still be here: the difference of two readings tells what became of any group in between."""

    def __init__(self, params: Params, draws: Draws) -> None:
        self._draws = draws
        self._shares = [viewers.share for viewers in params.viewers]
        self._leaving = [1 / viewers.dwell_s for viewers in params.viewers]
        self.chat = [viewers.chat for viewers in params.viewers]
        self.present = [draws.count(params.entries * params.waiting_share * part) for part in _mix(params)]
        self.stayed = [0.0 for _ in self._shares]

    @property
    def online(self) -> int:
        return int(sum(self.present))

    @property
    def talking(self) -> float:
        """Viewers weighted by how much they talk."""
        return sum(here * chat for here, chat in zip(self.present, self.chat, strict=True))

    def step(self, inflow: float, unrest: float) -> tuple[float, float]:
        """One second: `inflow` people come on average, and each class leaves `unrest` times as fast as usual.
        Returns how many came and left."""
        came = gone = 0.0
        for index, (share, leaving) in enumerate(zip(self._shares, self._leaving, strict=True)):
            here = self.present[index]
            left = self._draws.part(here, 1 - exp(-leaving * unrest))
            entered = self._draws.count(inflow * share)
            if here:
                self.stayed[index] += log(max(here - left, 0.5) / here)
            self.present[index] = here - left + entered
            came += entered
            gone += left
        return came, gone


def settled(params: Params, inflow: float) -> Room:
    """A room that has long had a steady inflow: presence is inflow times stay."""
    room = Room(params, Means())
    room.present = [inflow * viewers.share * viewers.dwell_s for viewers in params.viewers]
    return room


def _mix(params: Params) -> list[float]:
    """The parts that the classes have of a room, those who wait for the show included: who stays long is in it more
    often than who passes by."""
    present = [viewers.share * viewers.dwell_s for viewers in params.viewers]
    return [each / sum(present) for each in present]
