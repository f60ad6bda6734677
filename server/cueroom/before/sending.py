"""Sending: what the producers' pages send as JSON of what was typed in them."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from cueroom.edge.bodies import read_body
from cueroom.edge.doors import admit_to_house
from cueroom.edge.problems import Problem
from cueroom.show.access import KeyRecord
from cueroom.show.wire import UNREADABLE

MOST_BYTES = 4 << 20

Sent = TypeVar("Sent")


async def read_sent(request: Request, kind: type[Sent]) -> Sent | Problem:
    """What a page sent."""
    body = await read_body(request, MOST_BYTES)
    if isinstance(body, Problem):
        return body
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        return Problem(400, "unreadable", str(error))


async def sent_to_house(request: Request, kind: type[Sent]) -> tuple[KeyRecord, Sent] | Problem:
    """What a page that belongs to no show sent, and the key it came with."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return key
    sent = await read_sent(request, kind)
    return sent if isinstance(sent, Problem) else (key, sent)
