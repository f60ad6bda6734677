"""The people who run a simulated show: what a cue makes them do, how late, and whether they do it at all."""

from collections.abc import Mapping
from math import exp
from typing import Any

import msgspec

from cueroom.audience.dice import Dice
from cueroom.audience.params import Params
from cueroom.audience.simulation import Audience
from cueroom.show.cues import CALLS, Kind

ASKS_FOR_AN_ACT = CALLS | {Kind.RELEASE, Kind.PAYMENT, Kind.BENEFIT}
"""The kinds of cue that make the crew do something; the others only inform."""


class Act(msgspec.Struct, frozen=True):
    """What the crew does because of a cue of that kind."""

    kind: str
    sku: str | None = None
    units: int | None = None


def act_of(cue: Mapping[str, Any]) -> Act | None:
    """What a cue asks for, or None where it only informs."""
    if cue["kind"] not in ASKS_FOR_AN_ACT:
        return None
    return Act(cue["kind"], cue["sku"], cue["why"]["numbers"].get("units"))


class Crew:
    """Follows cues after a reaction time, and some not at all, as `Params` says of the people."""

    def __init__(self, params: Params, seed: int) -> None:
        self._params = params
        self._random = Dice(f"{seed} crew").random
        self._planned: dict[str, tuple[int, Act]] = {}

    def heed(self, cue: Mapping[str, Any], now_ms: int, haste: float = 1.0) -> bool:
        """A cue came to the crew at `now_ms`; `haste` scales their reaction time. Whether they will follow it."""
        act = act_of(cue)
        if act is None or self._random.random() >= self._params.obedience:
            return False
        self.follow(cue["id"], act, now_ms, haste)
        return True

    def follow(self, cue_id: str, act: Act, now_ms: int, haste: float = 1.0) -> None:
        """The crew will do this after its reaction time."""
        delay_s = self._params.reaction_s * haste * exp(self._random.gauss(0, self._params.reaction_sd))
        self._planned[cue_id] = (now_ms + int(delay_s * 1000), act)

    def forget(self, cue_id: str) -> None:
        """The cue is void: what was planned because of it is not done."""
        self._planned.pop(cue_id, None)

    def due(self, now_ms: int) -> dict[str, Act]:
        """What is done by `now_ms`, by the id of its cue, in order of time."""
        due = sorted((at, cue_id) for cue_id, (at, _) in self._planned.items() if at <= now_ms)
        return {cue_id: self._planned.pop(cue_id)[1] for _, cue_id in due}


def perform(audience: Audience, act: Act) -> None:
    """The act happens in the room."""
    if act.kind in CALLS and act.sku:
        audience.present(act.sku)
    elif act.kind == "release" and act.sku:
        audience.release(act.sku, act.units or audience.next_batch(act.sku))
    elif act.kind == "payment":
        audience.push_payment()
    elif act.kind == "benefit":
        audience.run_benefit()
