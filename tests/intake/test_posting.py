"""Laws of events over HTTP, against a running server."""

from typing import Any

import pytest

from conftest import ShowOnServer
from cueroom.show.wire import SLICE
from feeding import order


def test_one_event_or_an_array_counts(show: ShowOnServer) -> None:
    assert show.post({"type": "viewer.entered", "n": 2}).json() == {"accepted": 1, "duplicate": 0, "rejected": []}
    assert show.post([{"type": "viewer.entered"}, order("1")]).status_code == 200
    totals = show.state()["totals"]
    assert (totals["entered"], totals["orders_paid"]) == (3, 1)


def test_every_event_with_an_id_counts_once(show: ShowOnServer) -> None:
    events = [
        {"type": "room.online", "id": "o1", "n": 70},
        {"type": "viewer.followed", "id": "f1", "viewer": "v1"},
        {"type": "product.clicked", "id": "k1", "sku": "V01", "n": 4},
        {"type": "stock.released", "id": "r1", "sku": "V01", "n": 10},
        order("1"),
    ]
    assert show.post(events).json()["accepted"] == 5
    assert show.post({"type": "room.online", "id": "o2", "n": 60}).json()["accepted"] == 1
    assert show.post(events).json() == {"accepted": 0, "duplicate": 5, "rejected": []}
    state = show.state()
    assert (state["totals"]["followed"], state["totals"]["clicked"], state["totals"]["unique"]) == (1, 4, 1)
    assert (state["totals"]["online"], state["totals"]["peak_online"]) == (60, 70)
    assert state["items"]["V01"]["clicked"] == 4
    assert (state["items"]["V01"]["on_shelf"], state["items"]["V01"]["stock_left"]) == (49, 99)


def test_the_same_id_from_two_sources_is_two_events(show: ShowOnServer) -> None:
    for source in ("a", "b"):
        show.post({"type": "viewer.shared", "id": "1", "source": source})
    assert show.state()["totals"]["shared"] == 2


def test_a_source_has_no_control_characters(show: ShowOnServer) -> None:
    response = show.post([order("1", source="a\nb"), order("2", source="shop\n"), order("3", source="/shop|1")])
    assert (response.status_code, response.json()["accepted"]) == (207, 1)
    told = {"code": "wrong_type", "message": "`$.source`: a name has no control characters, and a producer's no |"}
    assert response.json()["rejected"] == [{"index": 0, **told}, {"index": 1, **told}]


def test_some_refused_events_make_it_207(show: ShowOnServer) -> None:
    response = show.post([order("1"), {"type": "order.paid", "id": "2"}])
    assert response.status_code == 207
    assert response.json()["accepted"] == 1
    assert [(bad["index"], bad["code"]) for bad in response.json()["rejected"]] == [(1, "missing_field")]


def test_half_a_character_spoils_no_body(show: ShowOnServer) -> None:
    assert show.post({"type": "viewer.commented", "text": "cut \ud83d"}).json()["accepted"] == 1
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "viewer.commented", "data": {"text": "\ud83d"}}
    assert show.post(event, "application/cloudevents+json").json()["accepted"] == 1


def test_a_refused_event_is_counted_by_its_type(show: ShowOnServer) -> None:
    def refused() -> list[float]:
        text = show.http.get("/metrics").text
        return [
            float(line.split()[-1])
            for line in text.splitlines()
            if 'outcome="rejected"' in line
            and ('"order.refunded"' in line or '"refunded"' in line or '"unknown"' in line)
        ]

    before = refused()
    show.post([{"type": "order.refunded"}, order("1", "refunded", sku="V99"), {"type": "order.lost"}, 7])
    assert [now - then for now, then in zip(refused(), before, strict=True)] == [2, 2, 2]


@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents-batch+json"])
def test_a_large_body_counts_whole_and_tells_where_its_bad_events_are(show: ShowOnServer, content_type: str) -> None:
    events = [{"type": "order.paid", "data": order(str(n)), **order(str(n))} for n in range(2 * SLICE)]
    bad = [1, SLICE, 2 * SLICE - 1]
    for place in bad:
        events[place] = {"type": "viewer.danced"}
    answer = show.post(events, content_type).json()
    assert answer["accepted"] == show.state()["totals"]["orders_paid"] == len(events) - len(bad)
    assert [refused["index"] for refused in answer["rejected"]] == bad


def test_a_cloudevent_carries_type_time_and_source_in_its_envelope(show: ShowOnServer) -> None:
    event = {
        "specversion": "1.0",
        "type": "order.paid",
        "id": "delivery-1",
        "source": "/shop",
        "time": "2026-11-22T20:00:00+08:00",
        "data": {"id": "6919999999999999999", "sku": "V01", "qty": 1, "amount": 9_900},
    }
    assert show.post(event, "application/cloudevents+json").json()["accepted"] == 1
    again = event | {"id": "delivery-2"}
    assert show.post([again], "application/cloudevents-batch+json").json()["duplicate"] == 1
    assert show.state()["totals"]["gmv"] == 9_900


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("2026-11-22T12:00:00Z", None),
        ("2026-11-22t12:00:00.25z", None),
        ("2026-11-22T20:00:00.123456+08:00", None),
        ("2026-11-22T20:00:00", "wrong_type"),
        ("yesterday", "wrong_type"),
        (1_795_348_800_000, "wrong_type"),
    ],
)
def test_a_cloudevent_tells_its_time_as_rfc_3339_does(show: ShowOnServer, time: Any, why: str | None) -> None:
    event = {"specversion": "1.0", "type": "viewer.liked", "id": "1", "source": "/room", "time": time}
    told = show.post(event, "application/cloudevents+json").json()
    assert [refused["code"] for refused in told["rejected"]] == ([why] if why else [])
    assert told["accepted"] == (0 if why else 1)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[1, 2", "application/cloudevents-batch+json", 400),
        (b"{}", "application/cloudevents-batch+json", 400),
        (b"{}", "text/plain", 400),
        (b"[" * 200_000 + b"]" * 200_000, "application/json", 400),
        (b"[" * 200_000 + b"]" * 200_000, "application/cloudevents+json", 400),
        (b'{"type": "viewer.liked", "z": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "application/json", 400),
        (b"[" + b" " * 1_048_576 + b"]", "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    show: ShowOnServer, body: bytes, content_type: str, status: int
) -> None:
    response = show.post(body, content_type)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem: Any = response.json()
    assert problem["status"] == status
    assert problem["detail"]


def test_who_may_not_post_is_told_so(show: ShowOnServer) -> None:
    url = f"/v1/shows/{show.id}/events"
    assert show.http.post(url, json={}).status_code == 401
    assert show.http.post(url, json={}, headers=show.headers("host")).status_code == 403
    assert show.http.post("/v1/shows/nowhere/events", json={}, headers=show.headers("ingest")).status_code == 404


def test_a_time_that_cannot_be_is_booked_when_it_came(show: ShowOnServer) -> None:
    show.post([order("1", time=5), order("2", time=4_000_000_000_000)])
    state = show.state()
    assert state["totals"]["orders_paid"] == 2
    assert state["age_ms"] < 60_000
    assert state["items"]["V01"]["orders_per_min"] == 2
