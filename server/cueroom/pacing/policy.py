"""The policy: every threshold of the engine in one table, with its default, its bounds and its reason."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cueroom.show.cues import Kind
from cueroom.show.rundown import Item, Role, Rundown

_CAUTION_OVER = 1 / 3
"""Part of the clock that is left when leaving takes no more certainty than the least."""

_MOST_SURE = 0.95


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The defaults. A show file's `[policy]` may depart from any of them under the same name."""

    off: Annotated[tuple[Kind, ...], Meta(description="kinds of cue that are not wanted at all")] = ()
    min_minutes: Annotated[
        dict[Role, Annotated[float, Meta(ge=0, le=600)]],
        Meta(description="least minutes on air by role, where the item has none of its own"),
    ] = {}

    stale_s: Annotated[float, Meta(ge=1, le=60, description="no advice on data older than this")] = 5.0
    blind_after_s: Annotated[
        float, Meta(ge=1, le=120, description="say `blind` after this silence; a quiet room may pause for some seconds")
    ] = 8.0

    next_confidence: Annotated[
        float,
        Meta(
            ge=0.3,
            le=0.99,
            description="leave when the next minute is worth less than one elsewhere with this certainty: an even "
            "chance called too many leaves that were wrong, much more certainty stays too long",
        ),
    ] = 0.55
    next_caution: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="... and so much surer while the whole show is still to come, when the room fills and little "
            "is known of what the others bring; less and less until a third of the clock is left",
        ),
    ] = 0.35
    next_after_s: Annotated[
        float, Meta(ge=0, le=60, description="... and stays so for this long: one quiet moment is no decline")
    ] = 5.0
    next_least_s: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="no item is judged by its rate before it was introduced, or half of its minutes "
            "are over if those are short",
        ),
    ] = 60.0
    price_floor: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="a minute costs at least this part of what is to come, spread over the clock that is left",
        ),
    ] = 0.2
    reaction_s: Annotated[
        float, Meta(ge=0, le=120, description="from a cue to the act it asks for, until the show has shown its own")
    ] = 25.0
    switch_s: Annotated[float, Meta(ge=0, le=120, description="selling time lost by changing the item")] = 6.0
    hold_confidence: Annotated[
        float, Meta(ge=0.5, le=0.99, description="say `hold` when staying is right with this certainty")
    ] = 0.85
    hold_after_share: Annotated[
        float, Meta(ge=0.5, le=5, description="`hold` from this part of the planned minutes: who stays needs no advice")
    ] = 1.0

    release_lead_s: Annotated[
        float,
        Meta(
            ge=1,
            le=300,
            description="from the cue until the batch is really on the shelf, one refusal or a slow hand included; "
            "a batch too early costs no sale, an empty shelf does",
        ),
    ] = 90.0
    release_certainty: Annotated[
        float, Meta(ge=0.5, le=0.999, description="the shelf must outlast the lead with this certainty")
    ] = 0.95
    stock_cover_min: Annotated[float, Meta(ge=0.1, le=60, description="`stock` below this cover, reserve included")] = (
        2.0
    )

    payment_age_s: Annotated[float, Meta(ge=0, le=1800, description="younger orders are still being paid")] = 60.0
    payment_gain: Annotated[
        float, Meta(ge=0, le=100, description="what is saved must be worth this many times its cost")
    ] = 2.0
    payment_cost_s: Annotated[float, Meta(ge=1, le=120, description="selling time a reminder takes")] = 15.0
    payment_saved: Annotated[float, Meta(ge=0, le=1, description="part of the unpaid amount a reminder brings in")] = (
        0.25
    )

    plan_on_s: Annotated[float, Meta(ge=0, le=3600, description="within this much of the planned curve is `on`")] = (
        180.0
    )

    encore_tail_min: Annotated[
        float,
        Meta(ge=0, le=600, description="encores belong in the last minutes; earlier only if the rest is sold out"),
    ] = 45.0
    encore_most: Annotated[int, Meta(ge=0, le=50, description="encores in a show")] = 6
    encore_item_most: Annotated[int, Meta(ge=0, le=10, description="encores of one item")] = 2
    encore_min_s: Annotated[
        float, Meta(ge=0, le=3600, description="an encore shorter than this is not worth its call")
    ] = 180.0
    encore_intro_s: Annotated[float, Meta(ge=0, le=300, description="selling time lost by introducing it again")] = 12.0
    encore_regret: Annotated[
        float, Meta(ge=0, le=1, description="part of those who saw it and did not buy, but would the second time")
    ] = 0.08

    mismatch_share: Annotated[float, Meta(ge=0.1, le=1, description="part of the orders that are for another item")] = (
        0.65
    )
    mismatch_window_s: Annotated[int, Meta(ge=10, le=150, description="orders looked at for a mismatch")] = 45

    inflow_certainty_sd: Annotated[
        float, Meta(ge=1, le=20, description="viewers above the usual by this many of their own standard deviations")
    ] = 4.0
    inflow_rise: Annotated[float, Meta(ge=0, le=20, description="... and by at least this part")] = 0.5
    engage_drop: Annotated[
        float, Meta(ge=0.05, le=1, description="comments per viewer below their usual by this part")
    ] = 0.5

    host_gap_s: Annotated[float, Meta(ge=0, le=600, description="between two cues on the host's screen")] = 20.0
    host_budget_10min: Annotated[int, Meta(ge=1, le=100, description="cues on the host's screen in ten minutes")] = 4
    host_budget_h: Annotated[
        int,
        Meta(
            ge=1,
            le=600,
            description="cues an hour on the host's screen; past it `next`, `encore`, `wrap`, `benefit`, `engage` and "
            "`handover` go to the producer alone, who has the host's ear, and the rest waits",
        ),
    ] = 12
    host_extra_h: Annotated[
        int,
        Meta(
            ge=0,
            le=600,
            description="... and of these, at most such as do not change the item, less where the calls to come need "
            "the room; more would be a flood",
        ),
    ] = 4

    def wants(self, kind: Kind) -> bool:
        return kind not in self.off

    def sure_enough(self, left: float) -> float:
        """The certainty that leaving takes while this part of the clock is left."""
        early = min(1.0, max(0.0, (left - _CAUTION_OVER) / (1 - _CAUTION_OVER)))
        return min(_MOST_SURE, self.next_confidence + self.next_caution * early)

    def least_s(self, item: Item) -> float:
        """The agreed least time on air of an item, in seconds."""
        return 60 * (item.min_minutes or self.min_minutes.get(item.role, 0.0))

    def judged_from_s(self, item: Item) -> float:
        """How long an item is on air before its rate may end it, in seconds."""
        return min(self.next_least_s, 60 * item.minutes / 2) if item.minutes else self.next_least_s


def policy_of(rundown: Rundown) -> Policy:
    """The policy of a show. What `policy_errors` objects to is left at its default."""
    if not rundown.policy:
        return _DEFAULTS
    return msgspec.convert({key: value for key, value in rundown.policy.items() if not _error(key, value)}, Policy)


def policy_errors(overrides: dict[str, Any]) -> list[tuple[str, str]]:
    """Every fault of a show file's `[policy]`: (key, what would be right)."""
    return [(key, error) for key, value in overrides.items() if (error := _error(key, value))]


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold for people. `low` and `high` bound its number, or each number of its table; `names` are those that
    its list or its table may hold."""

    key: str
    default: Any
    reason: str
    low: float = 0
    high: float = 0
    whole: bool = False
    names: tuple[str, ...] = ()


def policy_table() -> list[Threshold]:
    """Every threshold, in the order of the decisions."""
    hints = msgspec.inspect.type_info(Policy)
    assert isinstance(hints, msgspec.inspect.StructType)  # noqa: S101
    return [
        Threshold(
            key=field.name, default=getattr(_DEFAULTS, field.name), reason=_reason(field.type), **_shape(field.type)
        )
        for field in hints.fields
    ]


_DEFAULTS = Policy()


def _error(key: str, value: Any) -> str | None:
    if key not in Policy.__struct_fields__:
        return f"unknown; the keys are {', '.join(Policy.__struct_fields__)}"
    try:
        msgspec.convert({key: value}, Policy)
    except msgspec.ValidationError as error:
        return f"{error}; the default is {getattr(_DEFAULTS, key)}"
    return None


def _shape(hint: msgspec.inspect.Type) -> dict[str, Any]:
    """What a value of that type may be, as the fields of a `Threshold`."""
    match hint:
        case msgspec.inspect.Metadata(type=inner):
            return _shape(inner)
        case msgspec.inspect.FloatType(ge=low, le=high):
            return {"low": low, "high": high}
        case msgspec.inspect.IntType(ge=low, le=high):
            return {"low": low, "high": high, "whole": True}
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.EnumType(cls=names)):
            return {"names": tuple(names)}
        case msgspec.inspect.DictType(key_type=msgspec.inspect.EnumType(cls=names), value_type=each):
            return _shape(each) | {"names": tuple(names)}
        case _:
            raise TypeError(hint)


def _reason(field: msgspec.inspect.Type) -> str:
    if isinstance(field, msgspec.inspect.Metadata):
        return str((field.extra_json_schema or {}).get("description", ""))
    return ""
