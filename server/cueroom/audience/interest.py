"""What the room wants of one item: seen or not, ready to buy, hesitating, used up."""

from math import exp, log

import msgspec

from cueroom.audience.params import Params
from cueroom.audience.room import Room


class Nature(msgspec.Struct, frozen=True):
    """How an item sells: `appeal` is the chance that an average entry is ready to buy it, `ready_half_life_s` and
    `script_peak_s` are its own versions of the parameters."""

    appeal: float
    ready_half_life_s: float
    script_peak_s: float


_MOST = 0.9
"""No item finds everybody ready."""


class Interest:
    """One item's people, by class of viewer. Off air nothing needs doing: `catch_up` works out what leaving and
    cooling made of them since. Time passes in steps of `step_s` seconds."""

    def __init__(self, nature: Nature, params: Params, step_s: float = 1.0) -> None:
        self.nature = nature
        self._params = params
        self._look = 1 - exp(-step_s / params.notice_s)
        self._ready_pace = log(2) * step_s / nature.ready_half_life_s
        self._persuade_pace = log(2) * step_s / params.persuade_half_life_s
        self._cool_pace = log(2) / params.cool_half_life_s
        self._wanting = [min(_MOST, nature.appeal * viewers.appetite) for viewers in params.viewers]
        nobody = [0.0 for _ in params.viewers]
        self.seen, self.ready, self.hesitant = nobody[:], nobody[:], nobody[:]
        self._stayed = nobody[:]
        self._buying = nobody[:]
        self._persuaded = nobody[:]

    def copy(self, step_s: float) -> "Interest":
        """The same interest, to look ahead with in steps of that length."""
        twin = Interest(self.nature, self._params, step_s)
        twin.seen, twin.ready, twin.hesitant = self.seen[:], self.ready[:], self.hesitant[:]
        twin._stayed = self._stayed[:]
        return twin

    def catch_up(self, room: Room, off_air_s: float = 0.0) -> None:
        """Account for who left the room since the last look, and for patience lost in `off_air_s`."""
        cooled = exp(-self._cool_pace * off_air_s)
        for index, stayed in enumerate(room.stayed):
            still = exp(stayed - self._stayed[index])
            self._stayed[index] = stayed
            self.seen[index] = min(self.seen[index] * still, room.present[index])
            self.ready[index] *= still * cooled
            self.hesitant[index] *= still

    def come_back(self) -> None:
        """The item is brought back: some who hesitated have made up their minds, the others never will."""
        for index, hesitant in enumerate(self.hesitant):
            self.ready[index] += hesitant * self._params.regret
            self.hesitant[index] = 0.0

    def show(self, room: Room, attention: float) -> None:
        """One step on air, with that part of the usual attention: some who had not seen the item look."""
        for index, here in enumerate(room.present):
            looked = max(0.0, here - self.seen[index]) * self._look * attention
            wanting = looked * self._wanting[index]
            self.seen[index] += looked
            self.ready[index] += wanting
            self.hesitant[index] += wanting * self._params.hesitant

    def buyers(self, air_s: float, vigour: float) -> float:
        """How many buy, on average, in a step `air_s` into the item's time; `vigour` 1 is a usual host and mood."""
        ready_part = 1 - exp(-self._ready_pace * vigour)
        persuaded_part = 1 - exp(-self._persuade_pace * self._script(air_s) * vigour)
        self._buying = [ready * ready_part for ready in self.ready]
        self._persuaded = [hesitant * persuaded_part for hesitant in self.hesitant]
        return sum(self._buying) + sum(self._persuaded)

    def take(self, ratio: float) -> None:
        """`ratio` times as many as `buyers` said have bought, or gone."""
        for index in range(len(self.ready)):
            self.ready[index] = max(0.0, self.ready[index] - ratio * self._buying[index])
            self.hesitant[index] = max(0.0, self.hesitant[index] - ratio * self._persuaded[index])

    def _script(self, air_s: float) -> float:
        """How persuasive the script is: rising to 1 at its peak, then fading as it repeats itself."""
        relative = air_s / self.nature.script_peak_s
        return relative * exp(1 - relative)
