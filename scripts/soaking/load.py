"""The load: made-up shows, one after the other on one server, with a feed, screens and people; one beside to count."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from benches.serving import Serving, put_with_keys, show_of
from cueroom.clock import Clock
from cueroom.demo.shape import Order, Shape, load_show, start_feed
from cueroom.show.access import Role
from cueroom.show.rundown import Rundown
from soaking.counting import Count, count_show

MESSAGE_EVERY_MS = 60_000
PATHS = ("console", "prompter", "overlay")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How long to soak, in real minutes, and with what; `rate` are the events a second of the show that is counted."""

    minutes: float
    speed: float
    screens: int
    workers: int
    shape: Shape
    rate: int


class Seen(msgspec.Struct):
    """What those at work have seen: how long each command took since somebody last looked, and the counts."""

    commands_ms: list[float] = []
    count: Count = msgspec.field(default_factory=Count)


class Stage(msgspec.Struct, frozen=True):
    """One show under way: its id and its keys, and who notes what is seen."""

    server: Serving
    clock: Clock
    show: str
    keys: dict[str, str]
    seen: Seen

    def headers(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


async def play_shows(server: Serving, clock: Clock, plan: Plan, seen: Seen) -> None:
    """Show after show, each beside one that is counted, until cancelled."""
    number = 0
    while True:
        number += 1
        rundown = load_show(plan.shape, clock.now_ms() + 60_000)
        stage = await _put(server, clock, msgspec.structs.replace(rundown, id=f"soak-{number}"), seen)
        beside = await _put(server, clock, show_of(f"counted-{number}"), seen)
        async with counted(beside, plan), at_work(stage, plan, rundown.starts_at) as feed:
            await feed.wait()


async def _put(server: Serving, clock: Clock, rundown: Rundown, seen: Seen) -> Stage:
    keys = await asyncio.to_thread(server.with_store, lambda store: put_with_keys(store, rundown, clock.now_ms()))
    return Stage(server, clock, rundown.id, keys, seen)


@contextlib.asynccontextmanager
async def counted(stage: Stage, plan: Plan) -> AsyncIterator[None]:
    """A show that is fed as long as the context is open, and counted then."""
    enough = asyncio.Event()
    counting = asyncio.create_task(
        count_show(_base(stage), stage.show, stage.keys, rate=plan.rate, enough=enough, count=stage.seen.count)
    )
    try:
        yield
    finally:
        enough.set()
        await counting


@contextlib.asynccontextmanager
async def at_work(stage: Stage, plan: Plan, starts_at: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A made-up show with everybody at work, as long as the context is open; the process that feeds it."""
    order = Order(
        url=_base(stage),
        show=stage.show,
        ingest_key=stage.keys[Role.INGEST],
        producer_key=stage.keys[Role.PRODUCER],
        shape=plan.shape,
        starts_at=starts_at,
        clock=stage.clock,
        autopilot=True,
    )
    feed = await start_feed(order)
    people = [asyncio.create_task(_watch(stage, PATHS[n % len(PATHS)])) for n in range(plan.screens)]
    people += [asyncio.create_task(_paint(stage)), asyncio.create_task(_command(stage))]
    try:
        yield feed
    finally:
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
        if feed.returncode is None:
            feed.terminate()
            await feed.wait()


async def _frames(stage: Stage, path: str, role: Role) -> AsyncIterator[str | bytes]:
    """What a screen is sent, for ever, however often it has to come back."""
    url = f"ws://127.0.0.1:{stage.server.port}{path}"
    while True:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(url, additional_headers=stage.headers(role), max_size=None, proxy=None) as socket:
                async for frame in socket:
                    yield frame
        await asyncio.sleep(0.5)


async def _watch(stage: Stage, screen: str) -> None:
    """Somebody's screen: it reads what it is sent."""
    async for _ in _frames(stage, f"/shows/{stage.show}/{screen}/live", Role.PRODUCER):
        pass


async def _paint(stage: Stage) -> None:
    """A prompter that paints every cue at once and says so."""
    async with httpx2.AsyncClient(headers=stage.headers(Role.HOST)) as http:
        async for frame in _frames(stage, f"/v1/shows/{stage.show}/feed", Role.HOST):
            for cue in json.loads(frame).get("changed", []):
                if cue["state"] == "issued":
                    await _post(http, f"{_base(stage)}/shows/{stage.show}/cues/{cue['id']}/shown", {})


async def _command(stage: Stage) -> None:
    """A producer who has something to say every minute of the show."""
    async with httpx2.AsyncClient(headers=stage.headers(Role.PRODUCER)) as http:
        while True:
            await asyncio.sleep(stage.clock.real_s(MESSAGE_EVERY_MS))
            words = {"command": "message", "text": time.strftime("%H:%M:%S")}
            began_s = time.perf_counter()
            await _post(http, f"{_base(stage)}/v1/shows/{stage.show}/commands", words)
            stage.seen.commands_ms.append(1000 * (time.perf_counter() - began_s))


async def _post(http: httpx2.AsyncClient, url: str, body: dict[str, Any]) -> None:
    with contextlib.suppress(httpx2.HTTPError):
        await http.post(url, json=body)


def _base(stage: Stage) -> str:
    return f"http://127.0.0.1:{stage.server.port}"
