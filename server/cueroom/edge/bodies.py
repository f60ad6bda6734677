"""Bodies: what requests bring, read no further than its bounds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of


async def pour(request: Request, most_bytes: int, take: Callable[[bytes], Awaitable[object]]) -> Problem | None:
    """Has a body taken in piece by piece as it comes, no further than its limit; one that is too large, or stops, is a
    problem. Time is bounded for each piece, not for the whole: who may send a body has shown a key, so what takes long
    is a large file on a slow line."""
    if request.headers.get("content-encoding", "identity") != "identity":
        return Problem(400, "unreadable", "a body is read as it comes; send it without Content-Encoding")
    size, pieces = 0, request.stream()
    try:
        while piece := await _next(pieces, services_of(request).settings.head_s):
            size += len(piece)
            if size > most_bytes:
                return Problem(413, "too_big", f"a body has at most {most_bytes} bytes")
            await take(piece)
    except TimeoutError:
        return Problem(408, "too_slow", "the body stopped coming")
    except (ClientDisconnect, HTTPException):
        return Problem(400, "unreadable", "the body ended too early")
    return None


async def _next(pieces: AsyncIterator[bytes], within_s: float) -> bytes:
    """The next piece; nothing at the end. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        return await anext(pieces, b"")


async def read_body(request: Request, most_bytes: int) -> bytes | Problem:
    """The whole body, read no further than its limit."""
    pieces: list[bytes] = []

    async def take(piece: bytes) -> None:
        pieces.append(piece)

    return await pour(request, most_bytes, take) or b"".join(pieces)
