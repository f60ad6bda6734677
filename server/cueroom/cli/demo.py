"""`cueroom demo`."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import structlog
from rich.console import Console

from cueroom.cli.common import Finite, with_settings
from cueroom.clock import clock_of
from cueroom.demo.shape import SEED, Order, Shape, load_show, start_feed
from cueroom.processes.draining import run
from cueroom.processes.embedded import is_abandoned
from cueroom.serve import announce, serve
from cueroom.settings import Settings, http_url
from cueroom.show.access import HOUSE, ROLE_OF, Role, join_token, new_key
from cueroom.show.rundown import Rundown
from cueroom.storage.store import Store

KEY_MS = 30 * 24 * 3_600_000
WELCOME = """\
You are the producer: open the console, and in a second window the prompter, which is the host's.
The overlay is for OBS; the shows page lists every show and begins new ones."""
PREFIX = "cueroom-demo-"
LEAD_S = 2
"""Real time the server has to come up before the show starts."""

log = structlog.get_logger()


class Demo(msgspec.Struct, frozen=True):
    """What the person asked for."""

    shape: Shape
    seed: int
    autopilot: bool


@click.command()
@click.option("--shape", type=click.Choice([shape.value for shape in Shape]), default=Shape.LAUNCH.value)
@click.option("--speed", type=Finite(1, 60), default=1, help="times real time [default 1]")
@click.option("--autopilot", is_flag=True, help="the simulated producer accepts the cues; otherwise that is you")
@click.option("--seed", type=int, default=SEED, help=f"another seed is another audience [default {SEED}]")
@click.option("--data", "kept", type=click.Path(file_okay=False), help="keep the show here [default: nowhere]")
@with_settings("host", "port", "redis", "workers", "public_url", quiet=True)
def command(settings: Settings, *, shape: str, speed: float, autopilot: bool, seed: int, kept: str | None) -> None:
    """Serve a made-up show whose events come in through the real ingest socket, and print links to its screens."""
    with _data_dir(kept) as data:
        settings = msgspec.structs.replace(settings, data=data, clock_origin=_now_ms(), clock_speed=speed)
        show = load_show(Shape(shape), settings.clock_origin + round(LEAD_S * 1000 * speed))
        if kept:
            # Every run is a show of its own; the last one's figures stay beside it.
            show = msgspec.structs.replace(show, id=f"{show.id}-{datetime.now(UTC):%m%d-%H%M%S}")
        run(_demonstrate(settings, show, Demo(Shape(shape), seed, autopilot)))


@contextmanager
def _data_dir(kept: str | None) -> Iterator[str]:
    """Where the show is kept; what demonstrations that were killed left behind goes."""
    if kept:
        yield str(Path(kept).absolute())
        return
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as directory:
        yield directory


async def _demonstrate(settings: Settings, show: Rundown, demo: Demo) -> None:
    served: asyncio.Future[Settings] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, (show,), served.set_result, lambda: (show,)))
        settings = await served
        keys, house_key = await _make_keys(settings, show.id)
        announce(settings)
        _print_links(settings, show, keys, house_key)
        order = Order(
            url=http_url(settings.host, settings.port),
            show=show.id,
            ingest_key=keys[Role.INGEST],
            producer_key=keys[Role.PRODUCER],
            shape=demo.shape,
            seed=demo.seed,
            starts_at=show.starts_at,
            clock=clock_of(settings),
            autopilot=demo.autopilot,
        )
        await _feed(order)


async def _make_keys(settings: Settings, show: str) -> tuple[dict[Role, str], str]:
    """A key of the show for each role, and one to all shows."""
    store, now = Store(settings.redis, settings.keep_days), clock_of(settings).now_ms()
    keys = {}
    try:
        for role in Role:
            record, keys[role] = new_key(role, KEY_MS, now)
            await store.put_key(show, record)
        record, house_key = new_key(Role.PRODUCER, KEY_MS, now, all_shows=True)
        await store.put_key(HOUSE, record)
    finally:
        await store.close()
    return keys, house_key


def _print_links(settings: Settings, show: Rundown, keys: dict[Role, str], house_key: str) -> None:
    base, console = settings.base_url(settings.port), Console(highlight=False)
    console.print(f"\n[bold]{show.title}[/] · {len(show.items)} items · {show.duration_min:.0f} min\n")
    console.print(f"{WELCOME}\n", soft_wrap=True)
    # A link that is broken in two opens nothing.
    for screen, role in ROLE_OF.items():
        console.print(f"  {screen:<9} {base}/join/{join_token(show.id, keys[role])}", soft_wrap=True)
    console.print(f"  {'shows':<9} {base}/join/{join_token(HOUSE, house_key)}", soft_wrap=True)
    console.print(f"  {'metrics':<9} {base}/metrics\n\nCtrl-C ends it.\n", soft_wrap=True)


async def _feed(order: Order) -> None:
    """Run the feeding process until it is done, or until we are asked to stop."""
    feeding = await start_feed(order)
    try:
        if await feeding.wait():
            log.error("the demonstration's feed failed", status=feeding.returncode)
    finally:
        if feeding.returncode is None:
            feeding.terminate()
            await feeding.wait()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
