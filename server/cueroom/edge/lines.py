"""Lines: the sockets of screens, which take frames that were made once for all of them and never queue up."""

import socket
from collections.abc import Callable
from typing import Any, Protocol

from starlette.requests import HTTPConnection
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from cueroom.edge.closing import Close

EXTENSION = "cueroom.line"
"""Under this name an ASGI scope carries its line."""

KERNEL_BYTES = 128 * 1024
"""What the kernel may hold of a screen's frames. More would only be older by the time a slow screen took it."""

GOODBYE_S = 10.0
"""How long a screen may take to take its goodbye."""


def framed(text: bytes) -> bytes:
    """A text message (UTF-8) as it goes over any line (RFC 6455, section 5.2)."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)


class Writer(Protocol):
    """Who puts frames on a line. It may do so until it is told to pause, and again once told to go on."""

    def pause(self) -> None:
        """Something that was written still waits to be taken, or the line has ended."""

    def go_on(self) -> None:
        """Everything that was written is on its way."""


class Line(Protocol):
    """Where one screen's frames go."""

    def use(self, writer: Writer, /) -> Callable[[bytes], object]:
        """Begins with frames; answers with what takes them."""

    def hang_up(self, close: Close, /) -> None:
        """Says goodbye, behind whatever still waits to be taken, and ends the line, taken or not."""


class LineProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which is a `Line` besides.

    Between messages its engine holds nothing to send, and no extension changes what is sent, so a whole frame may go
    to the transport directly. That saves each screen its own framing and its way through the app. The writer is given
    the transport's own function, and keeps in mind itself whether it may write: one look into this large object, for
    each of thousands of screens, none of them in the processor's cache, costs a fifth of the write itself."""

    _writer: Writer | None = None

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"line": self}
        try:
            await super().run_asgi()
        finally:
            del self.scope["extensions"][EXTENSION]  # or we and the scope would keep each other until a collection

    def use(self, writer: Writer, /) -> Callable[[bytes], object]:
        self._writer = writer
        self.transport.set_write_buffer_limits(high=0)  # whatever the kernel does not take at once makes it pause
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        return self.transport.write

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writer:
            self._writer.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writer and not self.transport.is_closing():
            self._writer.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._take_no_more()
        super().connection_lost(exc)

    def hang_up(self, close: Close, /) -> None:
        self._take_no_more()
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(close.code, close.short_reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(GOODBYE_S, self.transport.abort)

    def _take_no_more(self) -> None:
        if self._writer:
            self._writer.pause()
            self._writer = None


def line_of(connection: HTTPConnection) -> Line:
    """The line of a socket that this server serves."""
    extension: dict[str, Any] = connection.scope["extensions"][EXTENSION]
    line: Line = extension["line"]
    return line
