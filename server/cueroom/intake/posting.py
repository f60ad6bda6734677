"""Ingest over HTTP: one event or many in a request, as JSON or as CloudEvents, each counted once by its id."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cueroom.edge.answers import json_answer
from cueroom.edge.bodies import read_body
from cueroom.edge.doors import admit
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.intake.counting import Counted, add_up, flush_counted, reject
from cueroom.show.access import Role
from cueroom.show.tally import Tally
from cueroom.show.wire import (
    JSON,
    UNREADABLE,
    Judged,
    Rejection,
    Slices,
    TooMany,
    Unreadable,
    convert_event,
    read_json,
    slices_of,
)

POSTS_AT_ONCE = 200
"""With more requests of one process waiting for the store, the next ones get 429."""


class Posting:
    """`POST /v1/shows/{show}/events`; counts how many requests are under way."""

    def __init__(self) -> None:
        self._under_way = 0

    async def handle(self, request: Request) -> Response:
        """Takes the body's events; 200, or 207 where some were refused."""
        if self._under_way >= POSTS_AT_ONCE:
            return Problem(429, "too_many_requests", "too many requests at once; try again", retry_after_s=1).response()
        if overloaded := services_of(request).burden.refuse():
            return overloaded.response()
        self._under_way += 1
        try:
            return await self._take(request)
        finally:
            self._under_way -= 1

    async def _take(self, request: Request) -> Response:
        services, show = services_of(request), request.path_params["show"]
        admitted = await admit(request, show, frozenset({Role.INGEST}))
        if isinstance(admitted, Problem):
            return admitted.response()
        events = await read_events(request, services)
        if isinstance(events, Problem):
            return events.response()
        counted = await _count(services, show, events)
        return json_answer(counted, 207 if counted.rejected else 200)


async def _count(services: Services, show: str, events: Slices) -> Counted:
    tally = Tally(await services.store.rundown(show), by_id=True)
    turns, counted = services.burden.turns, Counted()
    async with turns:
        not_taken = await add_up(turns, tally, events, services.clock.now_ms())
    reject(services, counted, None, {one.place: one.why for one in not_taken})
    if tally.flush.types:
        await flush_counted(services, show, tally.flush, counted)
    return counted


async def read_events(request: Request, services: Services) -> Slices | Problem:
    """The events in a request's body, or what is wrong with the body."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    read = READERS.get(media)
    if read is None:
        return Problem(400, "unknown_media_type", f"content-type {media!r}; send one of {', '.join(READERS)}")
    settings = services.settings
    body = await read_body(request, settings.max_bytes)
    if isinstance(body, Problem):
        return body
    async with services.burden.turns:
        events = read_json(lambda text: read(text, settings.max_events), body)
    if isinstance(events, Unreadable):
        return Problem(400, "unreadable", events.message)
    if isinstance(events, TooMany):
        return Problem(413, "too_many_events", f"{events.events} events; at most {settings.max_events} in a request")
    return events


def read_cloudevent(body: bytes, _: int) -> Slices | Unreadable:
    """One CloudEvent in structured mode."""
    try:
        return [[judge_cloudevent(msgspec.json.decode(body))]]
    except UNREADABLE as error:
        return Unreadable(str(error))


def read_cloudevents(body: bytes, most: int) -> Slices | Unreadable | TooMany:
    """A batch of at most so many CloudEvents."""
    try:
        values = msgspec.json.decode(body, type=list[Any])
    except UNREADABLE as error:
        return Unreadable(str(error))
    return slices_of(values, judge_cloudevent) if len(values) <= most else TooMany(len(values))


def judge_cloudevent(value: Any) -> Judged:
    """A CloudEvent as one of our events: its `data` with the envelope's type, time and source; an order's id is
    that in `data`, any other event's is the envelope's."""
    if not isinstance(value, dict) or not isinstance(value.get("data", {}), dict):
        return Rejection("wrong_type", "a CloudEvent is an object whose `data` is an object")
    if "type" not in value:
        return Rejection("missing_field", "a CloudEvent has a `type`")
    if "data_base64" in value:
        return Rejection("wrong_type", "`data_base64` cannot be read; send `data` as a JSON object")
    event = dict(value.get("data", {}))
    event |= {name: value[name] for name in ("type", "source") if name in value}
    if "id" in value:
        event.setdefault("id", value["id"])
    if "time" in value:
        at = _millis(value["time"])
        if at is None:
            return Rejection("wrong_type", f"`time` is {value['time']!r}; expected RFC 3339 with a time zone")
        event["time"] = at
    return convert_event(event)


def _millis(text: Any) -> int | None:
    try:
        at = datetime.fromisoformat(text.upper())  # RFC 3339 lets T and Z be small letters
    except (AttributeError, ValueError):
        return None
    return round(at.timestamp() * 1000) if at.tzinfo else None


READERS: dict[str, Callable[[bytes, int], Slices | Unreadable | TooMany]] = {
    "application/json": JSON.decode_events,
    "application/cloudevents+json": read_cloudevent,
    "application/cloudevents-batch+json": read_cloudevents,
}
