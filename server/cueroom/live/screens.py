"""Screens' sockets: the state as JSON for programs and as HTML for our pages."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import structlog
from starlette.websockets import WebSocket

from cueroom.edge import closing
from cueroom.edge.closing import Close
from cueroom.edge.doors import SCREENS, admit, refuse
from cueroom.edge.lines import framed, line_of
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.live.hub import Hub
from cueroom.live.moments import Moment
from cueroom.live.presence import screen_id_of
from cueroom.live.seats import FrameOf, Seat
from cueroom.show.access import ROLE_OF, KeyRecord
from cueroom.show.cues import Cue
from cueroom.show.events import Millis
from cueroom.show.state import Screen
from cueroom.show.wire import UNREADABLE
from cueroom.views.parts import CUT, changes, whole
from cueroom.views.render import render_push

log = structlog.get_logger()


class Painted(msgspec.Struct):
    """A screen's report: it has painted the frame whose `time` this is."""

    time: Millis


async def handle_feed(socket: WebSocket) -> None:
    """`GET /v1/shows/{show}/feed`: whole states as JSON; `changed` holds the cues that were issued or moved."""
    key = await admit(socket, socket.path_params["show"], SCREENS)
    if isinstance(key, Problem):
        return await refuse(socket, key)
    return await _stream(socket, key, _screen(socket, "feed", key), _feed_frame)


async def handle_console(socket: WebSocket) -> None:
    """`GET /shows/{show}/console/live`."""
    await _stream_html(socket, "console")


async def handle_prompter(socket: WebSocket) -> None:
    """`GET /shows/{show}/prompter/live?host=`."""
    await _stream_html(socket, "prompter")


async def handle_overlay(socket: WebSocket) -> None:
    """`GET /shows/{show}/overlay/live`."""
    await _stream_html(socket, "overlay")


def _feed_frame(moment: Moment, cues: tuple[Cue, ...], _: Moment | None) -> bytes:
    def make(moment: Moment) -> bytes:
        return framed(msgspec.json.encode(moment.state | {"changed": msgspec.to_builtins(cues)}))

    # Whoever has missed nothing reads of the same changes.
    return moment.once(" ".join(("feed", *(f"{cue.id} {cue.state}" for cue in cues))), make)


async def _stream_html(socket: WebSocket, screen: str) -> None:
    key = await admit(socket, socket.path_params["show"], frozenset({ROLE_OF[screen]}))
    if isinstance(key, Problem):
        return await refuse(socket, key)
    rundown = await services_of(socket).store.rundown(socket.path_params["show"])
    context = screen_context(socket, screen, key)
    frame_of = _shared_frames(socket, screen, locale_of(socket, rundown.locale), context)
    return await _stream(socket, key, _screen(socket, screen, key, context.get("host")), frame_of)


def _shared_frames(socket: WebSocket, screen: str, locale: str, context: dict[str, Any]) -> FrameOf:
    """How the frames of this screen are made, as those of all others of its kind are."""
    hub: Hub = socket.app.state.hub
    kind = f"{screen} {locale} {context.get('host')}"
    frames = _html_frames(kind, partial(render_push, screen, locale, CUT, **context))
    return hub.frames.setdefault((socket.path_params["show"], kind), frames)


def _html_frames(kind: str, render: Callable[..., str]) -> FrameOf:
    """How the frames of this kind of screen are made, from what `render` makes of a moment's context."""
    in_all, in_changes = f"{kind} whole", f"{kind} changes"

    def html(moment: Moment) -> str:
        return moment.once(kind, lambda _: render(**moment_context(moment)))

    def all_of(moment: Moment) -> bytes:
        return framed(whole(html(moment)).encode())

    def changes_to(moment: Moment) -> bytes:
        return framed(changes(html(moment), html(moment.before) if moment.before else "").encode())

    def frame_of(moment: Moment, _: tuple[Cue, ...], had: Moment | None) -> bytes:
        if had and had is moment.before:
            return moment.once(in_changes, changes_to)
        return moment.once(in_all, all_of)

    return frame_of


def _screen(socket: WebSocket, name: str, key: KeyRecord, host: str | None = None) -> Screen:
    now = services_of(socket).clock.now_ms()
    return Screen(id=screen_id_of(socket), screen=name, host=host, role=key.role.value, since=now)


def screen_context(connection: Any, screen: str, key: KeyRecord) -> dict[str, Any]:
    """What a screen's template gets from the request: the options in its address, and who looks at it."""
    options = connection.query_params
    context: dict[str, Any] = {
        "show_id": connection.path_params["show"],
        "all_shows": key.all_shows,
        "clock_speed": services_of(connection).clock.speed,
    }
    if screen == "prompter":
        context |= {"host": options.get("host"), "mirror": options.get("mirror") == "1", "size": options.get("size")}
    if screen == "overlay":
        context["options"] = options
    return context


def moment_context(moment: Moment) -> dict[str, Any]:
    """What a screen's template gets from the show."""
    board = moment.snapshot.board
    return {
        "state": moment.state,
        "rundown": moment.snapshot.rundown,
        "last_act": (board.last_act, board.last_act_at),
        "uncleared": moment.uncleared,
    }


async def _stream(socket: WebSocket, key: KeyRecord, screen: Screen, frame_of: FrameOf) -> None:
    services, show = services_of(socket), socket.path_params["show"]
    fields = {"show": show, "role": key.role.value, "path": socket.url.path}
    with services.open_socket(socket):
        await socket.accept()
        services.metrics.screen_opened(key.role.value)
        log.info("screen connected", **fields)
        line = line_of(socket)
        try:
            close = await _sit(socket, Seat(line, screen, key, frame_of))
        finally:
            services.metrics.screen_closed(key.role.value)
        if close.code == closing.TRY_LATER:
            services.metrics.screen_drops.inc()
        log.info("screen closed", code=close.code, reason=close.reason, **fields)
        line.hang_up(close)


async def _sit(socket: WebSocket, seat: Seat) -> Close:
    """Shows the show until one of the reasons to end comes true; answers which."""
    hub: Hub = socket.app.state.hub
    with hub.seated(socket.path_params["show"], seat):
        leaving = asyncio.ensure_future(_wait_for_leave(socket, seat))
        try:
            await asyncio.wait((leaving, seat.ended), return_when=asyncio.FIRST_COMPLETED)
            return seat.ended.result() if seat.ended.done() else leaving.result()
        finally:
            leaving.cancel()


async def _wait_for_leave(socket: WebSocket, seat: Seat) -> Close:
    """A screen tells when it has painted a frame, and nothing else: a person acts over HTTP."""
    clock = services_of(socket).clock
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return Close(message.get("code") or closing.NO_STATUS, "the screen left")
        with contextlib.suppress(*UNREADABLE):
            painted = msgspec.json.decode(message.get("text") or b"", type=Painted)
            # From the moment the state was read until now, both by this clock: the screen's may be wrong.
            seat.painted(round(max(0.0, clock.real_s(clock.now_ms() - painted.time)) * 1000))
