"""One worker process: `python -m cueroom.worker FD REASON` serves the connections it is given over the channel FD until
its supervisor asks it to stop, or is gone."""

import asyncio
import os
import signal
import socket
import sys

from cueroom.app import create_app
from cueroom.draining import run, serve_app
from cueroom.handing import Inlet
from cueroom.logs import set_up_logs
from cueroom.metrics import Start
from cueroom.settings import load


async def work(file: int, start: Start) -> None:
    """Serve the connections that come over the channel `file`; `start` says why this worker is there."""
    settings = load({}, os.environ)
    set_up_logs(settings.log_level, settings.log_format)
    inlet, app = Inlet(socket.socket(fileno=file)), create_app(settings)
    app.state.services.metrics.count_start(start)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_app(app, settings, inlet))
        await inlet.gone.wait()
        serving.cancel()


if __name__ == "__main__":
    # A closing terminal hangs up on all its processes; what that means is for the supervisor to say.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run(work(int(sys.argv[1]), Start(sys.argv[2])))
