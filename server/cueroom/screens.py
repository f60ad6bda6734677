"""Screens' sockets: the state as JSON for programs and as HTML for our pages; a slow screen delays no other."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from cueroom import closing
from cueroom.access import HOUSE, KeyRecord, Role
from cueroom.closing import Close
from cueroom.cues import Cue
from cueroom.doors import SCREENS, admit, refuse
from cueroom.hub import Moment, Watcher
from cueroom.locales import locale_of
from cueroom.presence import connected, screen_id_of
from cueroom.problems import Problem
from cueroom.render import render_push
from cueroom.services import Services, services_of
from cueroom.state import Screen

SLOW_S = 5.0
"""A screen that has not taken a frame for this long is closed with 1013; its browser comes back by itself."""

FrameOf = Callable[[Moment, list[Cue]], str]
log = structlog.get_logger()


async def handle_feed(socket: WebSocket) -> None:
    """`GET /v1/shows/{show}/feed`: whole states as JSON; `changed` holds the cues that were issued or moved."""
    key = await admit(socket, socket.path_params["show"], SCREENS)
    if isinstance(key, Problem):
        return await refuse(socket, key)
    return await _stream(socket, key, _screen(socket, "feed", key), _feed_frame)


async def handle_console(socket: WebSocket) -> None:
    """`GET /shows/{show}/console/live`."""
    await _stream_html(socket, "console", frozenset({Role.PRODUCER}))


async def handle_prompter(socket: WebSocket) -> None:
    """`GET /shows/{show}/prompter/live?host=`."""
    await _stream_html(socket, "prompter", frozenset({Role.HOST}))


async def handle_overlay(socket: WebSocket) -> None:
    """`GET /shows/{show}/overlay/live`."""
    await _stream_html(socket, "overlay", frozenset({Role.VIEWER}))


def _feed_frame(moment: Moment, cues: list[Cue]) -> str:
    # Without changed cues the frame is the same for every reader; it is encoded once.
    if not cues and "feed" in moment.rendered:
        return moment.rendered["feed"]
    frame = msgspec.json.encode(moment.state | {"changed": msgspec.to_builtins(cues)}).decode()
    if not cues:
        moment.rendered["feed"] = frame
    return frame


async def _stream_html(socket: WebSocket, screen: str, needed: frozenset[Role]) -> None:
    key = await admit(socket, socket.path_params["show"], needed)
    if isinstance(key, Problem):
        return await refuse(socket, key)
    context = screen_context(socket, screen, key)
    rundown = await services_of(socket).store.rundown(socket.path_params["show"])
    locale = locale_of(socket, rundown.locale)
    name = (screen, locale, key.role, context.get("host"))

    def frame_of(moment: Moment, _: list[Cue]) -> str:
        if name not in moment.rendered:
            moment.rendered[name] = render_push(screen, locale, **context, **moment_context(moment))
        return moment.rendered[name]

    return await _stream(socket, key, _screen(socket, screen, key, context.get("host")), frame_of)


def _screen(socket: WebSocket, name: str, key: KeyRecord, host: str | None = None) -> Screen:
    now = services_of(socket).clock.now_ms()
    return Screen(id=screen_id_of(socket), screen=name, host=host, role=key.role.value, since=now)


def screen_context(connection: Any, screen: str, key: KeyRecord) -> dict[str, Any]:
    """What a screen's template gets from the request: the options in its address, and who looks at it."""
    options = connection.query_params
    context: dict[str, Any] = {
        "show_id": connection.path_params["show"],
        "role": key.role.value,
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
    return {"state": moment.state, "rundown": moment.snapshot.rundown}


async def _stream(socket: WebSocket, key: KeyRecord, screen: Screen, frame_of: FrameOf) -> None:
    services, show = services_of(socket), socket.path_params["show"]
    fields = {"show": show, "role": key.role.value, "path": socket.url.path}
    with services.open_socket(socket):
        await socket.accept()
        services.metrics.screen_opened(key.role.value)
        log.info("screen connected", **fields)
        async with connected(services, show, screen):
            try:
                close = await _serve(socket, services, key, frame_of)
            finally:
                services.metrics.screen_closed(key.role.value)
            log.info("screen closed", code=close.code, reason=close.reason, **fields)
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it may be gone already
                await socket.close(close.code, close.short_reason)


async def _serve(socket: WebSocket, services: Services, key: KeyRecord, frame_of: FrameOf) -> Close:
    """Sends frames until one of the reasons to end comes true; answers which."""
    show = socket.path_params["show"]
    watcher: Watcher = socket.app.state.hub.watcher(show)
    revoked: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    def hear_revoked(key_id: str) -> None:
        if key_id == key.id and not revoked.done():
            revoked.set_result(Close(closing.KEY_REVOKED, "this link was revoked"))

    listening = services.store.notices.listening
    with listening(show, "revoked", hear_revoked), listening(HOUSE, "revoked", hear_revoked):
        tasks: list[asyncio.Future[Close]] = [
            asyncio.ensure_future(_send_all(socket, services, watcher, key, frame_of)),
            asyncio.ensure_future(_wait_for_leave(socket)),
            asyncio.ensure_future(_wait_for_drain(services)),
            revoked,
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _send_all(
    socket: WebSocket, services: Services, watcher: Watcher, key: KeyRecord, frame_of: FrameOf
) -> Close:
    async with watcher.mailbox() as box:
        while services.clock.now_ms() < key.expires_at:
            moment, cues = await box.take()
            try:
                async with asyncio.timeout(SLOW_S):
                    await socket.send_text(frame_of(moment, cues))
            except TimeoutError:
                services.metrics.screen_drops.inc()
                return Close(closing.TRY_LATER, "too slow; come back")
            except (WebSocketDisconnect, RuntimeError):
                return Close(closing.NO_STATUS, "the screen left")
    return Close(closing.KEY_REVOKED, "this link has expired")


async def _wait_for_leave(socket: WebSocket) -> Close:
    """What a screen sends is not looked at: a person acts over HTTP."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return Close(message.get("code") or closing.NO_STATUS, "the screen left")


async def _wait_for_drain(services: Services) -> Close:
    await services.draining.wait()
    return Close(closing.RESTART, "this server stops; connect again")
