"""The process that feeds a demonstration: audience and crew on the show's clock, through the server's own doors."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from heapq import heappop, heappush

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from cueroom.audience import Afterwards, Audience, Crew, Habits, perform
from cueroom.audience.crew import act_of
from cueroom.demo.line import DemoLine
from cueroom.demo.shape import Order, crowd_of, read_order, show_of
from cueroom.feed import Event, Feed, FeedError, ingest_url, proxy_for, socket_url
from cueroom.show.state import State

_TICK_MS = 500
"""Of show time between two batches: age is counted in it."""
_LONGEST_TICK_S = 0.4
_SHORTEST_TICK_S = 0.02
_CATCH_UP_S = 120
"""Simulated seconds done in one go when the feed is behind its clock."""

_AFTER_SHOW_S = 300
"""Payments, parcels and complaints still come in after the end."""

_RETRY_S = 0.5
_ORPHAN_CHECK_S = 1.0
_HALF = 0.5
"""Producer and host share the people's reaction time between them."""


class Stage:
    """The show as its crew plays it: does what producers do and accept, and goes on by itself when nobody acts."""

    def __init__(self, order: Order) -> None:
        params = crowd_of(order)
        self.rundown = show_of(order)
        self.audience = Audience(self.rundown, params, order.seed)
        self._afterwards = Afterwards(order.seed)
        self._host = Crew(params, order.seed)
        self._producer = Crew(params, order.seed + 1) if order.autopilot else None
        self._met: set[str] = set()
        self._accepted: set[str] = set()
        self._habits = Habits(self.audience)
        self._presented_at = 0
        self._commanded = False
        self._order = [item.sku for item in self.rundown.items]
        self._ended_at: int | None = None

    @property
    def over(self) -> bool:
        """Whether the show has ended, and what comes in afterwards has come."""
        return self._ended_at is not None and self.audience.now_ms >= self._ended_at + _AFTER_SHOW_S * 1000

    def see(self, state: State) -> None:
        """The newest whole state: what producers did themselves is so, what they accepted will be done."""
        self._follow_commands(state)
        now = self.audience.now_ms
        for cue in (*state["cues"], *state["closed_cues"]):
            if cue["id"] not in self._met:
                self._met.add(cue["id"])
                if self._producer:
                    self._producer.heed(cue, now, _HALF)
            if cue["state"] == "accepted" and cue["id"] not in self._accepted:
                self._accepted.add(cue["id"])
                if act := act_of(cue):
                    self._host.follow(cue["id"], act, now, _HALF)

    def accepts(self) -> list[str]:
        """The cues that the simulated producer accepts now."""
        return list(self._producer.due(self.audience.now_ms)) if self._producer else []

    def step(self) -> list[Event]:
        """One more second of the show: what its feed reports."""
        if self.audience.second == 0:
            self.audience.start()
        if self._ended_at is None:
            for act in self._host.due(self.audience.now_ms).values():
                perform(self.audience, act)
            self._go_on()
        self._note()
        told = self.audience.step()
        return told + self._afterwards.step(told, self.audience.now_ms)

    def _follow_commands(self, state: State) -> None:
        live, known = state["live"], self.audience.till.reserve  # what was inserted the room knows nothing of
        # A state may be older than what the crew itself did last, but never than what it was commanded.
        news = live and (self._commanded or live["since"] > self._presented_at)
        if news and live["sku"] != self.audience.live and live["sku"] in known:
            self.audience.present(live["sku"], live["host"], silent=True)
            self._note()
            self._commanded = True
        self._order = [sku for sku in state["order"] if sku in known and sku not in state["skipped"]]
        for sku, reserve in list(known.items()):
            item = state["items"][sku]
            put_out = reserve - (item["stock_left"] - item["on_shelf"])
            if put_out > 0:
                self.audience.release(sku, put_out, silent=True)
        if state["phase"] == "ended" and self._ended_at is None:
            self._ended_at = self.audience.now_ms

    def _note(self) -> None:
        if self._habits.note():
            self._commanded = False
            self._presented_at = self.audience.now_ms

    def _go_on(self) -> None:
        if self.audience.second >= self.rundown.duration_min * 60:
            self._ended_at = self.audience.now_ms
            self.audience.end()
            return
        self._habits.go_on(self._order)


class Outbox:
    """Events of the second under way, each handed out once it has happened."""

    def __init__(self) -> None:
        self._events: list[tuple[int, int, Event]] = []
        self._put = 0

    def put(self, events: list[Event], since_ms: int) -> None:
        """Keep events reported in the second from `since_ms`; older ones among them are late and go out at once."""
        for event in events:
            self._put += 1
            heappush(self._events, (max(event["time"], since_ms), self._put, event))

    def take(self, now_ms: int) -> list[Event]:
        """Everything that has happened by now."""
        taken = []
        while self._events and self._events[0][0] <= now_ms:
            taken.append(heappop(self._events)[2])
        return taken


async def run_feed(order: Order) -> None:
    """Feed the show until some minutes after its end. Raises FeedError where the server will not have it."""
    stage = Stage(order)
    with DemoLine(stage.rundown) as line:
        async with Feed(ingest_url(order.url, order.show), order.ingest_key, order.producer) as feed:
            watching = asyncio.create_task(_watch(order, stage, line))
            try:
                outbox, tick_s = Outbox(), _tick_s(order)
                while not stage.over:
                    _play(stage, outbox, order.clock.now_ms())
                    await feed.send(outbox.take(order.clock.now_ms()))
                    await asyncio.gather(*(asyncio.to_thread(_accept, order, cue) for cue in stage.accepts()))
                    await asyncio.sleep(tick_s)
            finally:
                watching.cancel()


def _play(stage: Stage, outbox: Outbox, now_ms: int) -> None:
    for _ in range(_CATCH_UP_S):
        since_ms = stage.audience.now_ms
        if since_ms > now_ms:
            return
        outbox.put(stage.step(), since_ms)


def _tick_s(order: Order) -> float:
    """Batches go out at least twice a second, and more often the faster the clock runs."""
    return max(_SHORTEST_TICK_S, min(_LONGEST_TICK_S, order.clock.real_s(_TICK_MS)))


async def _watch(order: Order, stage: Stage, line: DemoLine) -> None:
    url = socket_url(order.url, f"/v1/shows/{order.show}/feed")
    while True:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(
                url, additional_headers=_authorization(order), compression=None, max_size=None, proxy=proxy_for(url)
            ) as socket:
                async for frame in socket:
                    state = json.loads(frame)
                    stage.see(state)
                    line.show(state)
        await asyncio.sleep(_RETRY_S)


def _accept(order: Order, cue: str) -> None:
    """The simulated producer presses accept; a cue that is gone by then is none of its worry."""
    request = urllib.request.Request(  # noqa: S310 (the address is our own server's)
        f"{order.url.rstrip('/')}/v1/shows/{order.show}/commands",
        data=json.dumps({"command": "accept", "cue": cue}).encode(),
        headers={**_authorization(order), "Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(urllib.error.URLError, OSError), direct.open(request, timeout=5):
        pass


def _authorization(order: Order) -> dict[str, str]:
    return {"Authorization": f"Bearer {order.producer_key}"}


async def _run_until_told() -> None:
    order = read_order(sys.stdin.buffer)
    feeding = asyncio.ensure_future(run_feed(order))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, feeding.cancel)
    orphaned = asyncio.ensure_future(_orphaned(order.parent))
    await asyncio.wait({feeding, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feeding


async def _orphaned(parent: int) -> None:
    """Returns once whoever started this process is gone: without a server there is nothing to feed."""
    while os.getppid() == parent:  # noqa: ASYNC110 (nobody tells an orphan)
        await asyncio.sleep(_ORPHAN_CHECK_S)


if __name__ == "__main__":
    try:
        asyncio.run(_run_until_told())
    except FeedError as error:
        sys.exit(f"The demonstration's feed ended: {error}")
