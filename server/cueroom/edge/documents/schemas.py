"""JSON Schemas of what goes over the wire, drawn from the types that decode and encode it. What is put together as a
plain dict on its way out has its shape here; the tests hold real answers against it."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from cueroom.show.board import OnAir, Phase, Play
from cueroom.show.cues import Cue, CueState
from cueroom.show.events import AnyEvent
from cueroom.show.papers import Lack
from cueroom.show.rundown import Host, Role
from cueroom.show.state import PlanLine, Screen

Schema = dict[str, Any]
VERSION = version("cueroom")

UNITS = (
    "Money is an integer in minor units (fen, cents) of the show's currency; instants are integer milliseconds since "
    "the Unix epoch, UTC; durations carry their unit in the name (`_s`, `_ms`, `_min`); ids are strings."
)

At = Annotated[int, msgspec.Meta(description="milliseconds since the Unix epoch, UTC")]
Money = Annotated[int, msgspec.Meta(description="minor units of the show's currency")]


# Sockets


class Welcome(TypedDict):
    """`resume` is the last batch of this producer that is durable; at most `window` batches may wait for their
    acknowledgement, each with at most `max_events` events and `max_bytes` bytes."""

    resume: int
    window: int
    max_events: int
    max_bytes: int
    time: At


class WelcomeMessage(TypedDict):
    welcome: Welcome


class Batch(TypedDict):
    """Batches are numbered from 1 without gaps, over all connections of a producer."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    events: list[AnyEvent]


class Rejected(TypedDict):
    """An event that was not taken: its place, a stable code, and what would be right. `seq` only on a socket."""

    seq: NotRequired[int]
    index: int
    code: str
    message: str


class Counted(TypedDict):
    """What became of the events."""

    accepted: int
    duplicate: int
    rejected: list[Rejected]


class Acknowledgement(Counted):
    """Every batch up to `ack` is in Redis; the counts cover what came since the last acknowledgement."""

    ack: int


# HTTP


class CloudEvent(TypedDict):
    """One event as a CloudEvent 1.0: `type`, `id`, `time` and `source` are the envelope's, the other fields lie in
    `data`. An order's id is the one in `data` where there is one."""

    specversion: str
    type: str
    id: str
    source: str
    time: NotRequired[Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]]
    data: NotRequired[dict[str, Any]]


class CommandAnswer(TypedDict):
    """The revision after the command, and what was done."""

    rev: int
    sku: NotRequired[str]
    host: NotRequired[str]
    units: NotRequired[int]
    minutes: NotRequired[float]
    order: NotRequired[list[str]]
    policy: NotRequired[dict[str, Any]]
    cue: NotRequired[str]
    state: NotRequired[CueState]


class ProblemDocument(TypedDict):
    """RFC 9457. `code` is stable, `detail` says what is wrong and what would be right; refused commands tell the
    present `rev`, and one that came second `did`: what was done first, and by whom; `papers_missing` tells by SKU what
    it `lacks`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    rev: NotRequired[int]
    did: NotRequired[str]
    lacks: NotRequired[dict[str, list[Lack]]]


# The state


class ShowHead(TypedDict):
    id: str
    title: str
    starts_at: At
    duration_min: float
    currency: str
    goal: Money
    locale: str
    hosts: list[Host]


class Sales(TypedDict):
    """What was counted. `gmv` is what was paid, refunds not deducted; `net` deducts them; `unpaid` is created and
    neither paid nor cancelled; `gmv_estimated` is the part of `gmv` that came without an amount."""

    viewed: int
    clicked: int
    orders_created: int
    orders_paid: int
    orders_cancelled: int
    orders_refunded: int
    units_paid: int
    gmv: Money
    gmv_estimated: Money
    refunded: Money
    net: Money
    unpaid_orders: int
    unpaid_amount: Money


class Totals(Sales):
    """The whole show. `entered` counts entries (PV), `unique` distinct viewers (UV; 2,000 and more are an estimate,
    with a standard error of 0.81 %)."""

    entered: int
    unique: int
    online: int
    peak_online: int
    commented: int
    liked: int
    followed: int
    shared: int
    gifted_amount: Money


class ItemState(Sales):
    """One item. `cover_s`: seconds until the shelf is empty at the present rate; rates are those of the last 60 s;
    `peak_per_min` and `promise_per_min` are what the engine thinks of it. Null: not known. `minutes` is what people
    gave it during the show, `planned_minutes` the show file's; an `inserted` item came in during the show."""

    name: str
    role: Role
    price: Money
    host: str
    minutes: float
    planned_minutes: float
    inserted: bool
    stock_left: int
    on_shelf: int
    cover_s: float | None
    orders_per_min: float
    gmv_per_min: Money
    air_s: int
    peak_per_min: Money | None
    promise_per_min: Money | None


class FeedState(TypedDict):
    """A producer's last durable batch, and how long ago it came."""

    producer: str
    last_seq: int
    age_ms: int


class State(TypedDict):
    """The whole state of a show. `rev` grows by one a transition; `age_ms` is the age of the newest event."""

    show: ShowHead
    phase: Phase
    rev: int
    time: At
    age_ms: int | None
    stale_ms: Annotated[
        dict[str, int],
        msgspec.Meta(description="age of the figures that are not current, since a feed is silent: `sales`, `room`"),
    ]
    orders_late_s: Annotated[
        int, msgspec.Meta(description="how long after they were placed orders are told; 0: at once")
    ]
    started_at: At | None
    ended_at: At | None
    elapsed_s: int
    live: OnAir | None
    next: str | None
    totals: Totals
    items: Annotated[dict[str, ItemState], msgspec.Meta(description="by SKU")]
    order: Annotated[list[str], msgspec.Meta(description="the running order, by SKU")]
    skipped: Annotated[list[str], msgspec.Meta(description="what people leave out of it, by SKU")]
    plays: Annotated[list[Play], msgspec.Meta(description="the finished spells on air, in order")]
    undo_until: Annotated[int | None, msgspec.Meta(description="until when `undo` takes the last move back")]
    policy: Annotated[dict[str, Any], msgspec.Meta(description="the thresholds that people have set, by name")]
    plan: PlanLine
    minute_price: Money | None
    cues: Annotated[list[Cue], msgspec.Meta(description="the open cues, the most urgent first")]
    closed_cues: Annotated[list[Cue], msgspec.Meta(description="the last ended cues, the newest first")]
    feeds: list[FeedState]
    screens: Annotated[list[Screen], msgspec.Meta(description="the connected screens, the longest there first")]


class FeedFrame(State):
    """The whole state, and the cues that were issued or moved since the last frame."""

    changed: list[Cue]


def components(**types: Any) -> dict[str, Schema]:
    """The schema of each type under its name, and of every type it speaks of under that one's."""
    drawn, parts = msgspec.json.schema_components(types.values(), ref_template="#/components/schemas/{name}")
    named = {name: schema for name, schema in zip(types, drawn, strict=True) if "$ref" not in schema}
    return {name: _on_one_line(schema) for name, schema in (parts | named).items()}


def ref(name: str, kind: str = "schemas") -> Schema:
    """A reference to a component of the same document."""
    return {"$ref": f"#/components/{kind}/{name}"}


def _on_one_line(schema: Mapping[str, Any]) -> Schema:
    """The schema with its docstring's lines joined."""
    told = {"description": " ".join(schema["description"].split())} if "description" in schema else {}
    return {**schema, **told}
