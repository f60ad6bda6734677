"""Spooling: a large upload into a file that has no name, as it comes."""

import asyncio
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from cueroom.edge.problems import Problem

SILENCE_S = 30.0
"""An upload that brings nothing for so long is given up."""


async def spool(request: Request, most_bytes: int) -> BinaryIO | Problem:
    """The body as a file, read no further than its limit; it is gone once it is closed."""
    if request.headers.get("content-encoding", "identity") != "identity":
        return Problem(400, "unreadable", "a file is read as it comes; send it without Content-Encoding")
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  # the caller reads and closes it
    problem = await _fill(file, request, most_bytes)
    if problem:
        file.close()
        return problem
    file.seek(0)
    return file


async def _fill(file: BinaryIO, request: Request, most_bytes: int) -> Problem | None:
    chunks = aiter(request.stream())
    try:
        while chunk := await asyncio.wait_for(anext(chunks, b""), SILENCE_S):
            # Some 64 KB into the system's cache: too little to hand it to a thread.
            if file.tell() + file.write(chunk) > most_bytes:
                return Problem(413, "too_big", f"a file has at most {most_bytes >> 20} MB")
    except TimeoutError:
        return Problem(408, "too_slow", "the file did not come in time")
    except (ClientDisconnect, HTTPException):
        return Problem(400, "unreadable", "the file ended too early")
    return None
