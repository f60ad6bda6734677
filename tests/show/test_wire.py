"""Laws of the wire: both spellings are the same, and every event is judged alone."""

import json
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.show import events as ev
from cueroom.show.wire import (
    AT_ONCE_BYTES,
    JSON,
    MSGPACK,
    SLICE,
    Batch,
    Codec,
    Judged,
    Rejection,
    TooMany,
    Unreadable,
    convert_event,
    read_json,
    rejected_entries,
)

EXAMPLES: dict[str, dict[str, Any]] = {
    "room.online": {"n": 5},
    "viewer.gifted": {"amount": 300},
    "product.viewed": {"sku": "V01"},
    "product.clicked": {"sku": "V01"},
    "order.created": {"id": "1", "sku": "V01", "qty": 1},
    "order.paid": {"id": "1", "sku": "V01", "qty": 1},
    "order.cancelled": {"id": "1", "sku": "V01", "qty": 1},
    "order.refunded": {"id": "1", "sku": "V01", "qty": 1},
    "parcel.shipped": {"id": "1"},
    "service.opened": {"id": "1"},
    "service.answered": {"id": "1"},
    "service.closed": {"id": "1"},
    "stock.counted": {"sku": "V01", "n": 3},
    "stock.released": {"sku": "V01", "n": 3},
    "item.presented": {"sku": "V01"},
}
"""The least each type needs; the others need nothing."""

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["type", "n", "sku", "id", "qty", "amount", "time", "viewer", "host"])
anything = st.dictionaries(names, values | st.sampled_from(ev.TYPES), max_size=6)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"\ud83d", "\ufffd"),
        (r"a\uDE00b", "a\ufffdb"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\\ud83d\ud83d", "\\ud83d\ufffd"),
        (r"\u597d\"\n\ud83d", '好"\n\ufffd'),
    ],
)
def test_half_a_character_spoils_neither_its_event_nor_the_batch(text: str, read: str) -> None:
    frame = f'{{"seq": 1, "events": [{{"type": "viewer.commented", "text": "{text}"}}, {{"type": "viewer.liked"}}]}}'
    batch = JSON.decode_batch(frame.encode(), 10)
    assert isinstance(batch, Batch)
    assert events_of(batch) == [ev.ViewerCommented(text=read), ev.ViewerLiked()]


@given(st.text())
def test_whole_characters_stay_as_they_are_beside_half_a_one(text: str) -> None:
    frame = json.dumps([text, "\ud83d"]).encode()

    def read(frame: bytes) -> list[str] | Unreadable:
        try:
            return msgspec.json.decode(frame, type=list[str])
        except msgspec.DecodeError as error:
            return Unreadable(str(error))

    assert read_json(read, frame) == [text, "\ufffd"]


@pytest.mark.parametrize("name", ev.TYPES)
def test_every_type_of_the_contract_is_read_with_the_least_it_needs(name: str) -> None:
    event = {"type": name, **EXAMPLES.get(name, {})}
    judged = JSON.judge(json.dumps(event).encode())
    assert isinstance(judged, ev.Event)
    assert ev.name_of(judged) == name


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_type_without_what_it_needs_is_told_which_field(name: str) -> None:
    for field in EXAMPLES[name]:
        event = {"type": name, **{key: value for key, value in EXAMPLES[name].items() if key != field}}
        judged = JSON.judge(json.dumps(event).encode())
        assert isinstance(judged, Rejection)
        assert judged.code == "missing_field"
        assert f"`{field}`" in judged.message


@given(st.lists(anything, max_size=5))
def test_json_and_msgpack_are_judged_alike(events: list[dict[str, Any]]) -> None:
    message = {"seq": 1, "events": events}
    one = JSON.decode_batch(json.dumps(message).encode(), 100)
    other = MSGPACK.decode_batch(msgpack.packb(message), 100)
    assert isinstance(one, Batch)
    assert isinstance(other, Batch)
    assert [code_of(event) for event in events_of(one)] == [code_of(event) for event in events_of(other)]


def events_of(batch: Batch) -> list[Judged]:
    events = [event for some in batch.slices for event in some]
    assert len(events) == batch.size
    return events


def code_of(judged: Any) -> Any:
    return judged.code if isinstance(judged, Rejection) else judged


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(frame: bytes) -> None:
    for codec in (JSON, MSGPACK):
        assert isinstance(codec.decode_batch(frame, 100), Batch | Unreadable)
        events = codec.decode_events(frame, 100)
        assert not isinstance(events, TooMany)
        assert isinstance(events, Unreadable) or all(events)


@given(st.lists(anything, max_size=6), st.integers(0, 6))
def test_a_bad_event_takes_no_good_one_with_it(events: list[dict[str, Any]], place: int) -> None:
    good = {"type": "viewer.liked", "n": 2}
    batch = JSON.decode_batch(json.dumps({"seq": 1, "events": [*events[:place], good, *events[place:]]}).encode(), 100)
    assert isinstance(batch, Batch)
    assert events_of(batch)[min(place, len(events))] == ev.ViewerLiked(n=2)


@pytest.mark.parametrize("codec", [JSON, MSGPACK])
def test_a_long_frame_is_judged_slice_by_slice_and_brings_the_same_events(codec: Codec) -> None:
    events = [{"type": "viewer.commented", "n": n, "text": "x" * 200} for n in range(1, 2 * SLICE)]
    frame = codec.encode({"seq": 3, "events": events})
    assert len(frame) > AT_ONCE_BYTES
    batch = codec.decode_batch(frame, len(events))
    assert isinstance(batch, Batch)
    slices = list(batch.slices)
    assert [len(events) for events in slices] == [SLICE, SLICE - 1]
    assert [event for events in slices for event in events] == [codec.judge(codec.encode(event)) for event in events]


def test_unknown_fields_are_ignored() -> None:
    event = JSON.judge(b'{"type": "viewer.liked", "mood": {"deep": [1]}, "qty": "x"}')
    assert event == ev.ViewerLiked()


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "viewer.danced"}, "unknown_type"),
        ({"n": 1}, "missing_field"),
        ({"type": "viewer.liked", "n": 0}, "out_of_range"),
        ({"type": "viewer.liked", "n": 1.5}, "wrong_type"),
        ({"type": "viewer.liked", "n": True}, "wrong_type"),
        ({"type": "order.paid", "id": 7, "sku": "V01", "qty": 1}, "wrong_type"),
        ({"type": "order.paid", "id": "", "sku": "V01", "qty": 1}, "out_of_range"),
        ({"type": "order.paid", "id": "1", "sku": "V01", "qty": 2**70}, "out_of_range"),
        ({"type": "viewer.liked", "time": -1}, "out_of_range"),
        ({"type": "viewer.liked", "time": "now"}, "wrong_type"),
    ],
)
def test_each_fault_has_its_code(event: dict[str, Any], code: str) -> None:
    for judged in (JSON.judge(json.dumps(event).encode()), convert_event(event)):
        assert isinstance(judged, Rejection)
        assert judged.code == code


def test_a_rejection_names_its_place() -> None:
    refused = {1: Rejection("wrong_type", "why")}
    assert rejected_entries(7, refused) == [{"seq": 7, "index": 1, "code": "wrong_type", "message": "why"}]
    assert rejected_entries(None, refused) == [{"index": 1, "code": "wrong_type", "message": "why"}]


def test_our_own_answers_are_read_by_foreign_libraries() -> None:
    answer = {"ack": 3, "rejected": [{"message": "宠粉"}]}
    assert msgpack.unpackb(MSGPACK.encode(answer)) == json.loads(JSON.encode(answer)) == answer
    assert msgspec.json.decode(JSON.encode(answer)) == answer


@pytest.mark.parametrize("event", ['{"type":"viewer.liked"}', "{}"])
def test_more_events_than_may_come_are_not_even_looked_at(event: str) -> None:
    events = f"[{','.join([event] * 11)}]"
    frame, most = f'{{"seq":1,"events":{events}}}'.encode(), 10
    assert JSON.decode_batch(frame, most) == JSON.decode_events(events.encode(), most) == TooMany(11)
    assert isinstance(JSON.decode_batch(frame, 11), Batch)
