"""Cues: advice with a reason and a life."""

from enum import StrEnum
from typing import Any

import msgspec


class Kind(StrEnum):
    """What a cue asks for."""

    NEXT = "next"
    HOLD = "hold"
    RELEASE = "release"
    STOCK = "stock"
    PAYMENT = "payment"
    ENGAGE = "engage"
    BENEFIT = "benefit"
    BEHIND = "behind"
    AHEAD = "ahead"
    MISMATCH = "mismatch"
    ENCORE = "encore"
    HANDOVER = "handover"
    WRAP = "wrap"
    BLIND = "blind"
    MESSAGE = "message"


CALLS = frozenset({Kind.NEXT, Kind.ENCORE})
"""The kinds that call for another item."""

ASKING = frozenset(Kind) - {Kind.MESSAGE, Kind.BLIND, Kind.AHEAD, Kind.BEHIND}
"""The kinds that ask for an act of the show; the others tell something."""


class Audience(StrEnum):
    """Who a cue is for: the host's prompter, the producers' consoles, or both."""

    HOST = "host"
    PRODUCER = "producer"
    BOTH = "both"


class CueState(StrEnum):
    """Where a cue is in its life."""

    ISSUED = "issued"
    SHOWN = "shown"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({CueState.ISSUED, CueState.SHOWN})
"""The states in which a cue still asks for something."""


def ended_as(kind: Kind, state: CueState, *, was_shown: bool) -> str:
    """What a cue came to in people's words (`state.…` of the catalogues): its state, but of what only tells something
    that it was understood, and of a message whose time ran out on a screen that it was shown."""
    if kind is Kind.MESSAGE and state is CueState.EXPIRED and was_shown:
        return CueState.SHOWN.value
    return "understood" if state is CueState.ACCEPTED and kind not in ASKING else state.value


Number = int | float | str | None


class Why(msgspec.Struct, frozen=True):
    """The reason of a cue: `numbers` are those of the rule, `sample` the orders behind them, `age_ms` that
    of the newest event it looked at. `explain` is one sentence, true to the arithmetic."""

    rule: str
    numbers: dict[str, Number] = {}
    sample: int = 0
    age_ms: int | None = None
    explain: str = ""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One transition in a cue's life: into which state, when, by whom (`engine` or a person's key)."""

    state: CueState
    at: int
    by: str


class EffectOutcome(StrEnum):
    """What became of the sales after an accepted cue, against the forecast without it."""

    BETTER = "better"
    NO_DIFFERENCE = "no_difference"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"


class Doubt(StrEnum):
    """Why an effect cannot be told."""

    FEW_ORDERS = "few_orders"
    BLIND = "blind"
    SHOW_ENDED = "show_ended"
    OTHER_ACT = "other_act"
    NOT_DONE = "not_done"


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What followed an accepted cue from `since` until `until` (ms): GMV in minor units, orders, mean online; beside
    each what the engine expected without the cue, as it knew it at the acceptance. Where nothing was done, the GMV lies
    from `gmv_low` to `gmv_high` nineteen times of twenty, in simulations. `sample`: the orders behind both. `doubt`:
    why it cannot be told. None: not known."""

    outcome: EffectOutcome
    doubt: Doubt | None = None
    since: int
    until: int
    gmv: int
    gmv_expected: int | None = None
    gmv_low: int | None = None
    gmv_high: int | None = None
    orders: int
    orders_expected: int | None = None
    online: int | None = None
    online_expected: int | None = None
    sample: int


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """Times in ms since the epoch. `to` is the host it is addressed to (None: all). `priority` 1 is the most
    urgent, 5 the least. `evidence_at` is when the event that led to the decision arrived. An accepted cue gets its
    `effect` some minutes later."""

    id: str
    kind: Kind
    sku: str | None = None
    audience: Audience
    to: str | None = None
    priority: int
    text: str
    issued_at: int
    expires_at: int
    state: CueState = CueState.ISSUED
    why: Why
    steps: tuple[Step, ...] = ()
    evidence_at: int | None = None
    effect: Effect | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def accepted_at(self) -> int | None:
        """When a person took it, in ms; None where nobody did."""
        return next((step.at for step in self.steps if step.state is CueState.ACCEPTED), None)

    def moved(self, state: CueState, at: int, by: str) -> "Cue":
        """The same cue one transition further."""
        return msgspec.structs.replace(self, state=state, steps=(*self.steps, Step(state, at, by)))


_ALLOWED: dict[CueState, frozenset[CueState]] = {
    CueState.ISSUED: frozenset(CueState) - {CueState.ISSUED},
    CueState.SHOWN: frozenset(CueState) - {CueState.ISSUED, CueState.SHOWN},
}


def may_move(cue: Cue, state: CueState) -> bool:
    """Whether a cue's life allows the step into `state`: an ended cue never comes back."""
    return state in _ALLOWED.get(cue.state, frozenset())


def cue_entry(cue: Cue, at: int) -> dict[str, Any]:
    """The log's line for a cue that was issued or moved."""
    return {"type": "cue", "time": at, "cue": msgspec.to_builtins(cue)}
