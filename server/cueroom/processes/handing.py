"""Handing over: one process accepts connections and gives each to the worker that has the fewest.

The kernel would spread them by chance, and eight feeds on four workers then lie anything but two and two. A worker is
given a connection over a channel, a pair of Unix sockets, as a byte with the connection's file beside it. It answers
how many it has taken and how many are open. The end of the channel is the end of the process on the other side."""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable

import structlog

ACCEPT_AT_ONCE = 64
"""Connections accepted or taken in one go, before anything else has its turn."""
SILENT_S = 2.0
"""A worker that told nothing for so long hangs; while others do not, it is given nothing."""
FULL_S = 0.5
"""Wait where no file can be opened, or no worker takes more, before the next try."""

_TOLD = struct.Struct("!QQ")
"""What a worker tells: connections taken since its start, and open now."""

log = structlog.get_logger()


class Outlet:
    """The channel to one worker, on the side that accepts. `ready` is set once the worker takes connections."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self.ready = asyncio.Event()
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(channel, self._hear)
        self._untaken: deque[socket.socket] = deque()
        self._taken = 0
        self._open = 0
        self._heard_s = 0.0

    @property
    def load(self) -> int:
        """Connections the worker has, or will have once it took those under way."""
        return self._open + len(self._untaken)

    def is_silent(self) -> bool:
        """Whether the worker hangs, by all that is known."""
        return self._loop.time() - self._heard_s > SILENT_S

    def give(self, connection: socket.socket) -> bool:
        """Hand a connection over; False where the channel takes no more now."""
        try:
            socket.send_fds(self._channel, [b"+"], [connection.fileno()])
        except OSError:
            return False
        self._untaken.append(connection)
        return True

    def close(self) -> list[socket.socket]:
        """End the channel; the connections that the worker never took."""
        self._loop.remove_reader(self._channel)
        self._channel.close()
        untaken, self._untaken = list(self._untaken), deque()
        return untaken

    def _hear(self) -> None:
        try:
            told = self._channel.recv(_TOLD.size * ACCEPT_AT_ONCE)
        except OSError:
            return
        if not told:
            self._loop.remove_reader(self._channel)  # its process ends, too, and whoever waits for that closes us
            return
        self.ready.set()
        self._heard_s = self._loop.time()
        taken, self._open = _TOLD.unpack(told[-_TOLD.size :])
        for _ in range(taken - self._taken):
            # Ours is a second handle: while it is open, a connection that the worker closed would not end.
            self._untaken.popleft().close()
        self._taken = taken


class Reception:
    """Accepts on a listening socket as long as there is a worker that takes more; meanwhile newcomers wait in its
    queue."""

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._outlets: list[Outlet] = []
        self._held: list[socket.socket] = []
        self._is_closed = False

    def admit(self, outlet: Outlet) -> None:
        """From now on this worker is given connections."""
        self._outlets.append(outlet)
        self._resume()

    def dismiss(self, outlet: Outlet) -> None:
        """From now on it is given none."""
        if outlet in self._outlets:
            self._outlets.remove(outlet)
        if not self._outlets and not self._is_closed:
            self._loop.remove_reader(self._listener)

    def close(self) -> None:
        """Accept no more."""
        self._is_closed = True
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for connection in self._held:
            connection.close()

    def pass_on(self, connection: socket.socket) -> None:
        """Give a connection to the worker that has the fewest; where none takes it now, hold it, and accept no other
        before. Once nothing is accepted any more, it ends."""
        if self._is_closed:
            connection.close()
            return
        for outlet in sorted(self._outlets, key=lambda outlet: (outlet.is_silent(), outlet.load)):
            if outlet.give(connection):
                return
        self._held.append(connection)
        self._pause()

    def _pause(self) -> None:
        self._loop.remove_reader(self._listener)
        self._loop.call_later(FULL_S, self._resume)

    def _resume(self) -> None:
        if self._is_closed or not self._outlets:
            return
        held, self._held = self._held, []
        for connection in held:
            self.pass_on(connection)
        if not self._held:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError, InterruptedError):
                return
            except OSError as error:
                log.error("no connection can be accepted", error=str(error))
                self._pause()
                return
            self.pass_on(connection)
            if self._held:
                return


class Inlet:
    """The same channel on the worker's side. `gone` is set when the other side has ended."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self.gone = asyncio.Event()
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._take: Callable[[socket.socket], None]
        self._count_open: Callable[[], int]
        self._taken = 0

    def open(self, take: Callable[[socket.socket], None], count_open: Callable[[], int]) -> None:
        """Have every connection that comes handed to `take`, and tell that it may come."""
        self._take, self._count_open = take, count_open
        self._loop.add_reader(self._channel, self._receive)
        self.tell()

    def close(self) -> None:
        """Take what is under way, and no more."""
        while self._receive():
            pass
        self._loop.remove_reader(self._channel)

    def tell(self) -> None:
        """Tell how many connections are open. What gets lost does no harm: the next time tells all of it."""
        with contextlib.suppress(OSError):
            self._channel.send(_TOLD.pack(self._taken, self._count_open()))

    def _receive(self) -> bool:
        """Take what has come; whether there may be more."""
        for _ in range(ACCEPT_AT_ONCE):
            try:
                byte, files, _, _ = socket.recv_fds(self._channel, 1, 1)
            except BlockingIOError:
                self.tell()
                return False
            except OSError:
                byte = b""
            if not byte:
                self.gone.set()
                self._loop.remove_reader(self._channel)
                return False
            self._taken += 1
            if files:
                connection = socket.socket(fileno=files[0])
                connection.set_inheritable(False)  # a process we start would keep it open after us
                self._take(connection)
            else:
                log.error("a connection was lost: too many open files")
        self.tell()
        return True
