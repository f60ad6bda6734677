"""One worker: serves the connections it is given over a channel. `python -m cueroom.worker FD REASON` does so as a
process, until its supervisor asks it to stop, or is gone."""

import asyncio
import os
import signal
import socket
import sys

from cueroom.app import create_app
from cueroom.logs import set_up_logs
from cueroom.metrics import Start
from cueroom.processes.draining import run, serve_app
from cueroom.processes.handing import Inlet
from cueroom.settings import Settings, load


async def attend(settings: Settings, inlet: Inlet, start: Start) -> None:
    """Serve the connections that come in there until cancelled, then drain; `start` says why this worker is there."""
    app = create_app(settings)
    app.state.services.metrics.count_start(start)
    await serve_app(app, settings, inlet)


async def work(file: int, start: Start) -> None:
    """The same over the channel `file`, and until its other side is gone."""
    settings = load({}, os.environ)
    set_up_logs(settings.log_level, settings.log_format)
    inlet = Inlet(socket.socket(fileno=file))
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(attend(settings, inlet, start))
        await inlet.gone.wait()
        serving.cancel()


if __name__ == "__main__":
    # A closing terminal hangs up on all its processes; what that means is for the supervisor to say.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run(work(int(sys.argv[1]), Start(sys.argv[2])))
