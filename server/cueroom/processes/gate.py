"""The gate: uvicorn's two protocols, bounded: how many connections there are, and how long a request's head may take.

uvicorn by itself waits for ever for the rest of a head, takes one of any length and any number of connections."""

import asyncio
from http import HTTPStatus
from typing import cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from websockets.frames import Close

from cueroom.edge.burden import RETRY_AFTER_S, Burden
from cueroom.edge.lines import LineProtocol
from cueroom.metrics import Refusal
from cueroom.settings import Settings

ANTEROOM = 128
"""Connections beyond the bound that may still send a request: sockets are refused there, in words, but pages and
commands are answered."""

HEAD_BYTES = 65_536
"""Longest head of a request; cookies and a long query are far below."""

PING_S = 10.0
"""A screen or feed that is gone without a goodbye is noticed after this long and as long again."""

SILENCE_S = 1.0
"""Who sent what cannot be read has finished sending once nothing came for this long."""

GOODBYE_S = 2
"""How long sockets may take to close after the drain."""


class GatedConfig(uvicorn.Config):
    """uvicorn's settings with ours, and what the protocols below share: the burden, and the connections that have not
    sent a whole head yet, the longest waiting first."""

    def __init__(self, app: Starlette, settings: Settings, burden: Burden) -> None:
        super().__init__(
            app,
            http=GatedHttp,
            ws=PatientSocket,
            ws_max_size=settings.max_bytes,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PING_S,
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_S,
        )
        self.max_connections = settings.max_connections
        self.head_s = settings.head_s
        self.burden = burden
        self.headless: dict[GatedHttp, None] = {}


class GatedHttp(HttpToolsProtocol):
    """A connection until it is a WebSocket. Where even the anteroom is full, the one that has been silent for longest
    gives way to the newcomer: who sends a request at once always comes in."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._gate = cast(GatedConfig, config)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await_head()
        self._gate.burden.connections = len(self.connections)
        if len(self.connections) > self._gate.max_connections + ANTEROOM:
            next(iter(self._gate.headless)).turn_away(HTTPStatus.SERVICE_UNAVAILABLE, Refusal.CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)
        self._gate.burden.connections = len(self.connections)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.turn_away(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Refusal.LONG_HEAD)
        elif self.cycle is not None and self.cycle.response_complete:
            self._await_head()  # a body that nobody wants is no reason to stay either

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._await_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        if len(self.connections) - len(self._gate.headless) > self._gate.max_connections:
            self.turn_away(HTTPStatus.SERVICE_UNAVAILABLE, Refusal.CONNECTIONS)
        else:
            super().handle_websocket_upgrade()
            # From here on the connection is the socket's. The parser and we would keep each other until a collection,
            # and where a request was answered before, we would wait for the head of a next one.
            self.parser = self.cycle = None  # type: ignore[assignment]  # as uvicorn has them at either end

    def send_400_response(self, msg: str) -> None:
        self._gate.burden.count(Refusal.UNREADABLE)
        super().send_400_response(msg)

    def turn_away(self, status: HTTPStatus, refusal: Refusal) -> None:
        """Closes the connection with an answer in a few words, whatever it was about to send."""
        self._stop_waiting()
        self._gate.burden.count(refusal)
        retry = f"retry-after: {RETRY_AFTER_S}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{retry}content-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(
                self._gate.head_s, self.turn_away, HTTPStatus.REQUEST_TIMEOUT, Refusal.SLOW_HEAD
            )
            self._gate.headless[self] = None

    def _stop_waiting(self) -> None:
        self._head_bytes = None
        self._gate.headless.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class PatientSocket(LineProtocol):
    """A WebSocket that is not blamed for a missing pong while it is we who do not read, and may hear our goodbye to its
    end: uvicorn closes at once where it cannot read on, or stops, which resets a connection whose other side is still
    sending, and the goodbye is lost with it."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.conn.parser.close()  # the engine and its generator would keep each other until a collection
        cast(GatedConfig, self.config).burden.connections = len(self.connections)

    def keepalive_timeout(self) -> None:
        if self.read_paused:
            self.pong_timer = None
            self.schedule_ping()
        else:
            super().keepalive_timeout()

    def handle_parser_exception(self) -> None:
        """Says why nothing more can be read, and throws away what still comes, until nothing does."""
        why = self.conn.close_sent
        if why is not None and not self.close_sent:
            self._say(why)
        elif self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(SILENCE_S, self.transport.close)

    def _say(self, why: Close) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": why.code, "reason": why.reason})
        self._take_no_more()
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.resume_reading()
        self.close_sent = True

    def shutdown(self) -> None:
        super().stop_keepalive()
        if not self.close_sent:
            super().shutdown()
        elif self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(GOODBYE_S / 2, self.transport.close)
