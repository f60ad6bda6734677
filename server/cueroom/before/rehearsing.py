"""Rehearsing: a plan is played in a process of its own, and told to the page show by show; leaving the page ends it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cueroom.before.planning import admit_to_plan, rundown_of
from cueroom.before.playing import COMMAND, SEEDS
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.rehearsal import Rehearsed
from cueroom.show.rundown import Rundown
from cueroom.views.preview import rehearsed_view

LINE_BYTES = 8 << 20

log = structlog.get_logger()


class Rehearsing:
    """`POST /shows/{show}/plan/rehearsal`: one rehearsal a process at a time, since each keeps a core busy."""

    def __init__(self) -> None:
        self._busy = False

    async def handle(self, request: Request) -> Response:
        """Streams what the simulated shows came to so far, a line of JSON after each."""
        plan = await admit_to_plan(request)
        if isinstance(plan, Problem):
            return plan.response()
        rundown = rundown_of(plan, request.path_params["show"])
        if isinstance(rundown, Problem):
            return rundown.response()
        if self._busy:
            detail = "another rehearsal runs; try again when it is done"
            return Problem(429, "rehearsing", detail, retry_after_s=10).response()
        # Declared as a stream of events, so that no line waits to be compressed with the next.
        return StreamingResponse(self._tell(request, rundown), media_type="text/event-stream")

    async def _tell(self, request: Request, rundown: Rundown) -> AsyncGenerator[bytes, None]:
        locale, draining = locale_of(request, rundown.locale), services_of(request).draining
        shows: list[Rehearsed] = []
        self._busy = True  # here and not before: a page that is gone by now never asks for the first line
        try:
            async with contextlib.aclosing(play(rundown, draining)) as played:
                async for show in played:
                    shows.append(show)
                    view = rehearsed_view(locale, rundown, shows) | {"n": len(shows), "of": len(SEEDS)}
                    yield msgspec.json.encode(view) + b"\n"
        finally:
            self._busy = False
            log.info("rehearsed", show=rundown.id, shows=len(shows))


async def play(rundown: Rundown, draining: asyncio.Event) -> AsyncGenerator[Rehearsed, None]:
    """The simulated shows as they are done; the process that plays them ends with whoever wanted them."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, limit=LINE_BYTES)
    assert process.stdin  # noqa: S101  # it is a pipe
    assert process.stdout  # noqa: S101  # so is it
    stopping = asyncio.ensure_future(draining.wait())
    try:
        process.stdin.write(msgspec.msgpack.encode(rundown))
        process.stdin.close()
        while line := await _line_unless(process.stdout, stopping):
            yield msgspec.json.decode(line, type=Rehearsed)
    finally:
        stopping.cancel()
        with contextlib.suppress(ProcessLookupError):  # it is done
            process.kill()


async def _line_unless(stream: asyncio.StreamReader, stopping: asyncio.Future[Any]) -> bytes:
    """The next line; nothing at the end, or once the server stops."""
    line: asyncio.Future[Any] = asyncio.ensure_future(stream.readline())
    try:
        await asyncio.wait([line, stopping], return_when=asyncio.FIRST_COMPLETED)
        return line.result() if line.done() else b""
    finally:
        line.cancel()
