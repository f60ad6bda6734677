"""The wire: frames and bodies into events, each event judged alone, and answers back into frames."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, TypeVar

import msgspec

from cueroom.show.events import CONTROLS, MOST_MINOR, TYPES, AnyEvent, Event

PROTOCOL_MSGPACK = "cueroom.v1.msgpack"
PROTOCOL_JSON = "cueroom.v1.json"

SLICE = 500
"""Events that are judged one after the other: about half a millisecond, together with adding them up."""
AT_ONCE_BYTES = 65_536
"""A longer frame is judged slice by slice, although decoding it in one step takes a fifth less."""

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = re.compile(rb"(%b%b|\\[^u])|%b|%b" % (_HIGH, _LOW, _HIGH, _LOW))
"""Half a character in JSON; in its group what only looks like one: both halves together, and an escaped backslash."""

T = TypeVar("T")


class Rejection(msgspec.Struct, frozen=True):
    """An event that was not taken. `code` is stable, `message` says what would be right, `kind` is the event's type,
    where it told one."""

    code: str
    message: str
    kind: str = ""


Judged = Event | Rejection
Slices = Iterable[list[Judged]]
"""The events of one batch or body: each slice is judged when it is asked for."""

UNKNOWN = frozenset({"unknown_sku", "unknown_host"})
"""Codes of what a newer rundown may know."""


class Producer(msgspec.Struct, frozen=True):
    """Who feeds: a name that stays the same over reconnects."""

    producer: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=rf"^[^|{CONTROLS}]*$(?!\n)")]


class Hello(msgspec.Struct, frozen=True):
    hello: Producer


class Batch(msgspec.Struct, frozen=True):
    """One numbered batch of so many events."""

    seq: int
    size: int
    slices: Slices


class _GoodBatch(msgspec.Struct):
    seq: int
    events: list[AnyEvent]


class _Kind(msgspec.Struct):
    type: str


class _RawBatch(msgspec.Struct):
    seq: int
    events: list[msgspec.Raw]


UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises: malformed, not what was expected, not text, or nested deeper than anything real."""


class Unreadable(msgspec.Struct, frozen=True):
    """A frame or body that is not what it says it is; nothing of it was taken."""

    message: str


class TooMany(msgspec.Struct, frozen=True):
    """More events than may come at once; none was looked at, so that they cost next to nothing."""

    events: int


class Codec:
    """One of the two spellings of the same maps: msgpack (binary frames) or JSON (text frames)."""

    def __init__(self, protocol: str) -> None:
        module: Any = msgspec.msgpack if protocol == PROTOCOL_MSGPACK else msgspec.json
        self.protocol = protocol
        self.encode: Callable[[Any], bytes] = module.Encoder().encode
        self._hello = module.Decoder(Hello)
        self._good = module.Decoder(_GoodBatch)
        self._raw = module.Decoder(_RawBatch)
        self._event = module.Decoder(AnyEvent)
        self._kind = module.Decoder(_Kind)
        self._event_list = module.Decoder(list[msgspec.Raw])

    def decode_hello(self, frame: bytes) -> Hello | Unreadable:
        """The first message of a feed."""
        try:
            hello: Hello = self._hello.decode(frame)
        except UNREADABLE as error:
            return Unreadable(f'expected {{"hello": {{"producer": NAME}}}} first: {_in_words(str(error))}')
        return hello

    def decode_batch(self, frame: bytes, most: int) -> Batch | Unreadable | TooMany:
        """A batch of at most so many events. A short one in one step when every event is good; otherwise each is judged
        alone."""
        read = partial(self._read_batch, most=most)
        return read_json(read, frame) if self.protocol == PROTOCOL_JSON else read(frame)

    def _read_batch(self, frame: bytes, most: int) -> Batch | Unreadable | TooMany:
        if len(frame) > AT_ONCE_BYTES:
            return self._judge_batch(frame, most)
        try:
            good = self._good.decode(frame)
        except UNREADABLE:
            return self._judge_batch(frame, most)
        size = len(good.events)
        return Batch(good.seq, size, [good.events]) if size <= most else TooMany(size)

    def _judge_batch(self, frame: bytes, most: int) -> Batch | Unreadable | TooMany:
        try:
            raw = self._raw.decode(frame)
        except UNREADABLE as error:
            return Unreadable(f'expected {{"seq": N, "events": […]}}: {error}')
        size = len(raw.events)
        return Batch(raw.seq, size, slices_of(raw.events, self.judge)) if size <= most else TooMany(size)

    def decode_events(self, body: bytes, most: int) -> Slices | Unreadable | TooMany:
        """One event, or an array of at most so many."""
        try:
            raws = self._event_list.decode(body)
        except msgspec.ValidationError:
            one = self.judge(body)
            if isinstance(one, Rejection) and _is_unreadable(one):
                return Unreadable(one.message)
            return [[one]]
        except UNREADABLE as error:
            return Unreadable(str(error))
        return slices_of(raws, self.judge) if len(raws) <= most else TooMany(len(raws))

    def judge(self, raw: bytes | msgspec.Raw) -> Judged:
        """The event in `raw`, or why it is none."""
        try:
            event: Event = self._event.decode(raw)
        except msgspec.ValidationError as error:
            return rejection_of(str(error), self._kind_of(raw))
        except UNREADABLE as error:
            return Rejection("unreadable", str(error))
        return event

    def _kind_of(self, raw: bytes | msgspec.Raw) -> str:
        try:
            told: _Kind = self._kind.decode(raw)
        except UNREADABLE:
            return ""
        return told.type


def slices_of(raws: Sequence[T], judge: Callable[[T], Judged]) -> Iterator[list[Judged]]:
    """The events in these raw values, slice by slice."""
    for first in range(0, len(raws), SLICE):
        yield [judge(raw) for raw in raws[first : first + SLICE]]


MSGPACK = Codec(PROTOCOL_MSGPACK)
JSON = Codec(PROTOCOL_JSON)
CODECS = {codec.protocol: codec for codec in (MSGPACK, JSON)}


def read_json(read: Callable[[bytes], T], text: bytes) -> T:
    """What `read` makes of a frame, a body or a line. Where it can make nothing of it, half a character, left of an
    emoji that a platform cut in two, is U+FFFD, as it is in a browser."""
    found = read(text)
    return read(_with_whole_characters(text)) if _is_unreadable(found) else found


def _is_unreadable(found: object) -> bool:
    return isinstance(found, Unreadable) or (isinstance(found, Rejection) and found.code == "unreadable")


def _with_whole_characters(text: bytes) -> bytes:
    return _HALF.sub(lambda half: half[1] or rb"\ufffd", text)


def convert_event(value: Any) -> Judged:
    """An event out of already decoded JSON values (a CloudEvent's attributes and data)."""
    try:
        event: Event = msgspec.convert(value, AnyEvent)
    except msgspec.ValidationError as error:
        kind = value.get("type") if isinstance(value, dict) else None
        return rejection_of(str(error), kind if isinstance(kind, str) else "")
    return event


def rejection_of(problem: str, kind: str = "") -> Rejection:
    """msgspec's sentence as one of our codes; the sentence itself names the field and what was expected."""
    if problem.startswith("Invalid value") and problem.endswith("`$.type`"):
        return Rejection("unknown_type", f"{problem}; the types are {', '.join(TYPES)}", kind)
    if "missing required field" in problem:
        return Rejection("missing_field", problem, kind)
    if any(sign in problem for sign in (" >= ", " <= ", "of length", "out of range")):
        return Rejection("out_of_range", problem, kind)
    return Rejection("wrong_type", _in_words(problem), kind)


def too_dear(kind: str, worth: int) -> Rejection:
    """Of an order event without an amount: what it would come to is more than any amount may be."""
    return Rejection("out_of_range", f"without an amount it is price × qty, {worth}; at most {MOST_MINOR}", kind)


def _in_words(problem: str) -> str:
    """msgspec's sentence; only names have a pattern, and whom they name has no use for a regular expression."""
    if "matching regex" not in problem:
        return problem
    return f"{problem.partition(' - at ')[2]}: a name has no control characters, and a producer's no |"


def rejected_entries(seq: int | None, refused: Mapping[int, Rejection]) -> list[dict[str, Any]]:
    """The `rejected` list of an acknowledgement: place, code and message of each event not taken."""
    batch = {} if seq is None else {"seq": seq}
    return [{**batch, "index": place, "code": why.code, "message": why.message} for place, why in refused.items()]
