"""One worker process: `python -m cueroom.worker FD` serves on an inherited socket until its supervisor asks it to
stop, or is gone."""

import asyncio
import os
import socket
import sys

from cueroom.app import create_app
from cueroom.draining import run, serve_app
from cueroom.logs import set_up_logs
from cueroom.settings import load


async def work(file: int) -> None:
    """Serve on the listening socket `file`; say so with one line."""
    settings = load({}, os.environ)
    set_up_logs(settings.log_level, settings.log_format)
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_app(create_app(settings), settings, socket.socket(fileno=file), ready))
        await ready.wait()
        print("ready", flush=True)
        await _orphaned()
        serving.cancel()


async def _orphaned() -> None:
    """Ends when the supervisor does, whatever way: it holds the other end of our standard input."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


if __name__ == "__main__":
    run(work(int(sys.argv[1])))
