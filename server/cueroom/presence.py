"""Presence: which screens are connected, and how late each one paints."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from cueroom.doors import SCREENS, admit
from cueroom.errors import CueroomError, StoreUnavailable
from cueroom.events import Millis
from cueroom.posting import read_body
from cueroom.problems import Problem, store_problem
from cueroom.services import Services, services_of
from cueroom.state import Screen
from cueroom.wire import UNREADABLE

BEAT_S = 5.0
"""How often a connected screen is put down again; the store forgets it after three beats without one."""
REPORT_BYTES = 200

_ID = re.compile(r"[0-9a-f]{16}")


class Painted(msgspec.Struct):
    """A screen's report: it has painted the frame whose `time` this is."""

    time: Millis


def new_screen_id() -> str:
    """An id for a page that is about to open its socket."""
    return secrets.token_hex(8)


def screen_id_of(connection: HTTPConnection) -> str:
    """The id that a page gave to its socket, the same over all its connections; a new one for who gives none."""
    asked = connection.query_params.get("screen", "")
    return asked if _ID.fullmatch(asked) else new_screen_id()


@contextlib.asynccontextmanager
async def connected(services: Services, show: str, screen: Screen) -> AsyncIterator[None]:
    """Every process sees this screen while the context lasts."""
    beating = asyncio.create_task(_beat(services, show, screen))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        with contextlib.suppress(CueroomError):  # then it is forgotten in a while
            await services.store.forget_screen(show, screen.id)


async def _beat(services: Services, show: str, screen: Screen) -> None:
    while True:
        with contextlib.suppress(CueroomError):  # the screen goes on without being seen
            await services.store.see_screen(show, screen)
        await asyncio.sleep(BEAT_S)


async def handle_delay(request: Request) -> Response:
    """`POST /shows/{show}/screens/{id}/delay`: a screen has painted a frame. Its delay runs from the moment the state
    was read until this report, both by the server's clock."""
    services, show = services_of(request), request.path_params["show"]
    key = await admit(request, show, SCREENS)
    if isinstance(key, Problem):
        return key.response()
    body = await read_body(request, REPORT_BYTES)
    if isinstance(body, Problem):
        return body.response()
    try:
        painted = msgspec.json.decode(body, type=Painted)
        delay_s = services.clock.real_s(services.clock.now_ms() - painted.time)
        known = await services.store.time_screen(show, request.path_params["id"], round(max(0.0, delay_s) * 1000))
    except UNREADABLE as error:
        return Problem(400, "unreadable", f"{error}; send the time of the frame").response()
    except StoreUnavailable as error:
        return store_problem(error).response()
    return Response(status_code=204) if known else Problem(404, "unknown_screen", "no such screen now").response()
