"""Bodies: what requests bring, read no further than its bounds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.show.wire import UNREADABLE

SENT_BYTES = 4 << 20
"""Longest of what a page sends of what was typed in it."""

Sent = TypeVar("Sent")


async def read_body(request: Request, most_bytes: int) -> bytes | Problem:
    """The body, read no further than its limit."""
    too_big = Problem(413, "too_big", f"a body has at most {most_bytes} bytes")
    if request.headers.get("content-encoding", "identity") != "identity":
        return Problem(400, "unreadable", "a body is read as it comes; send it without Content-Encoding")
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(services_of(request).settings.head_s):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most_bytes:
                    return too_big
                chunks.append(chunk)
    except TimeoutError:
        return Problem(408, "too_slow", "the body did not come in time")
    except (ClientDisconnect, HTTPException):
        return Problem(400, "unreadable", "the body ended too early")
    return b"".join(chunks)


async def pour(request: Request, most_bytes: int, take: Callable[[bytes], Awaitable[object]]) -> Problem | None:
    """Has a file taken in as it comes, no further than its limit; one that is too large, or stops, is a problem."""
    if request.headers.get("content-encoding", "identity") != "identity":
        return Problem(400, "unreadable", "a file is read as it comes; send it without Content-Encoding")
    size = 0
    chunks = aiter(request.stream())
    try:
        while chunk := await asyncio.wait_for(anext(chunks, b""), services_of(request).settings.head_s):
            size += len(chunk)
            if size > most_bytes:
                return Problem(413, "too_big", f"a file has at most {most_bytes} bytes")
            await take(chunk)
    except TimeoutError:
        return Problem(408, "too_slow", "the file stopped coming")
    except (ClientDisconnect, HTTPException):
        return Problem(400, "unreadable", "the file ended too early")
    return None


async def read_sent(request: Request, kind: type[Sent]) -> Sent | Problem:
    """What a page sent as JSON."""
    body = await read_body(request, SENT_BYTES)
    if isinstance(body, Problem):
        return body
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        return Problem(400, "unreadable", str(error))
