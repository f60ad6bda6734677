"""Ports for servers that are told theirs, or that come back on it after a restart."""

import contextlib
import itertools
import os
import socket

_LANE = itertools.count(15_000 + os.getpid() % 200 * 64)


def free_ports(n: int) -> list[int]:
    """Ports nobody listens on now. The system gives them to nobody else meanwhile, since they lie below those that it
    hands out by itself, nor does a test that runs in another process."""
    found: list[int] = []
    while len(found) < n:
        port = next(_LANE)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found
