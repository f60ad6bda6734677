"""Keeper: the parent of an embedded Redis, which ends it once the last command that used it has ended, in whatever way.

It runs as a program of its own, `keeper.py USERS ALIVE COMMAND …`, in few megabytes: so it knows nothing but Python."""

import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence

LOOK_S = 0.5


def keep(users: int, alive: int, command: Sequence[str]) -> int:
    """Run the server until it ends, is to end (SIGTERM), or nobody holds a shared lock on the file `users` any more;
    answers its exit status. The server inherits the file `alive`."""
    wakes, told_to_end = _wake_ups()
    with subprocess.Popen(command, pass_fds=(alive,)) as server:  # noqa: S603 - what our caller asks for
        while server.poll() is None:
            # The lock stays ours until the end: whoever comes now waits, and then starts a server anew.
            if told_to_end or _is_unused(users):
                server.terminate()
                return server.wait()
            if select.select([wakes], [], [], LOOK_S)[0]:
                os.read(wakes, 64)
        return server.returncode


def _wake_ups() -> tuple[int, list[int]]:
    """A file that can be read once the server has ended or we are told to end, and a list that is empty before the
    latter."""
    told: list[int] = []
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    signal.set_wakeup_fd(writes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    return reads, told


def _is_unused(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(keep(os.open(sys.argv[1], os.O_RDWR), int(sys.argv[2]), sys.argv[3:]))
