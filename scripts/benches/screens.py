"""`scripts/bench screens`: how soon a cue is painted among many screens, and what three hours cost a console."""

import contextlib
import json
import queue
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Protocol

import click
import httpx2
import msgspec
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, sync_playwright
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_sync
from websockets.sync.server import ServerConnection, serve

from benches.growth import STARTS_S
from benches.load import ENVIRONMENT
from benches.memory import HOUR_S, listening
from benches.results import Cell, Promise, Results, Table, p99, publish
from benches.serving import Serving, serving, show_of
from cueroom.live.hub import SPACING_S
from set_up import find_browser

GOAL_MS = 100
SHOWN_WITHIN_S = 3.0
"""A message that is not on screen by then was covered by a more urgent cue."""
CALLED_WITHIN_S = 60.0
DESK: ViewportSize = {"width": 1440, "height": 900}
MB = 1_000_000
HOUR_MS = 3_600_000
AHEAD = 20
"""Frames that may be on their way to the page."""
FRAMES = 3
"""Frames of a console's own to choose from."""
A_SECOND = round(1 / SPACING_S)
PROTOCOL: Any = "cueroom.v1.json"
VIEWERS = 1_000
"""Viewer events a second beside the orders that call for cues."""
SHELF, BATCH = 20, 1_000
"""Units of the batches of which a cue asks for the second."""
CPU_S = 20
"""How long frames come as often as the busiest show sends them, to see what they cost."""

_SOCKETS_TO = """
    const Own = WebSocket;
    window.WebSocket = class extends Own { constructor() { super("ws://127.0.0.1:%d/"); } };
"""
_WATCH_PAINTS = """() => {
    window.paints = {};
    document.addEventListener("cueroom:frame", () => {
        for (const { dataset } of document.querySelectorAll("[data-cue]")) {
            if (dataset.cue in paints) continue;
            paints[dataset.cue] = 0;
            requestAnimationFrame(() => requestAnimationFrame(() => (paints[dataset.cue] = Date.now())));
        }
    });
}"""

_NEWLY_PAINTED = """(known) => Object.keys(paints).find((cue) =>
    paints[cue] && !known.includes(cue) && document.querySelector(`.kind-release[data-cue="${cue}"]`))"""

Row = list[Cell]


class Shown(msgspec.Struct):
    """A show on a server of its own: its address and the keys of its screens."""

    url: str
    show: str
    keys: dict[str, str]

    def state(self) -> Any:
        """The whole state, as a program gets it."""
        return httpx2.get(f"{self.url}/v1/shows/{self.show}", headers=self._headers).json()

    def command(self, command: str, **fields: Any) -> Any:
        """What a producer does; the answer's JSON."""
        asked = {"command": command, **fields}
        return httpx2.post(f"{self.url}/v1/shows/{self.show}/commands", json=asked, headers=self._headers).json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['console']}"}

    def link(self, screen: str) -> str:
        return f"{self.url}/join/{self.show}.{self.keys[screen]}"


@click.command("screens")
@click.option("--screens", default=200, show_default=True, help="prompters connected beside the one in Chromium")
@click.option("--cues", default=200, show_default=True, help="called for one after the other, by events and by people")
@click.option("--hours", default=3, show_default=True, help="simulated hours a console stays open")
@click.option("--frames", default=3_600, show_default=True, help="frames in each of these hours")
def command(*, screens: int, cues: int, hours: int, frames: int) -> None:
    """Measure paints and memory in Chromium, on loopback: of cues that events call for, and in a made-up show."""
    began_s = time.monotonic()
    with in_batches(cues + 1) as (shown, feed), chromium() as browser, audience(shown, screens):
        called = measure_events(shown, browser, feed, cues)
    with demo() as shown, chromium() as browser:
        with audience(shown, screens):
            painted, receipts = measure_paints(shown, browser, cues)
        console, share = measure_console(shown, browser, hours, frames)
    rows = [
        _row("from the event that calls for it to its paint on the console", called),
        _row("from a person's message to its paint on the prompter", painted),
        _row("from the message to its receipt on the server", receipts),
    ]
    columns = ("", "painted", "p50 ms", "p99 ms", "most ms")
    note = f"{cues} of each; some messages are covered by more urgent cues"
    tables = [
        Table(f"A cue, with {screens} more screens", columns, rows, note),
        Table("A console's page", ("", "heap MB", "nodes", "listeners"), console, share),
    ]
    seconds = time.monotonic() - began_s
    publish(Results(name="screens", tables=tables, promises=[_promise(called, screens)], seconds=seconds))


def _row(what: str, times_ms: list[float]) -> Row:
    return [what, len(times_ms), *((median(times_ms), _p99(times_ms), max(times_ms)) if times_ms else (None,) * 3)]


def _p99(times_ms: list[float]) -> float:
    return p99(times_ms) if len(times_ms) > 1 else times_ms[0]


def _promise(called_ms: list[float], screens: int) -> Promise:
    return Promise(
        f"99 of 100 cues painted on a console, from the event that called for them, with {screens} more screens and "
        f"{VIEWERS:,} viewer events a second",
        f"≤ {GOAL_MS} ms",
        f"{_p99(called_ms):.0f} ms (median {median(called_ms):.0f})",
        _p99(called_ms) <= GOAL_MS,
    )


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The one that the set-up found or brought."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextlib.contextmanager
def demo() -> Iterator[Shown]:
    """`cueroom demo` in real time on a free port."""
    arguments = [sys.executable, "-m", "cueroom.cli", "demo", "--autopilot", "--port", "0", "--speed", "1"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield _read_links(process)
    finally:
        process.terminate()
        process.wait()


def _read_links(process: subprocess.Popen[str]) -> Shown:
    found: dict[str, tuple[str, str, str]] = {}
    for line in process.stdout or ():
        if match := re.match(r"\s+(console|prompter|overlay)\s+(http\S+)/join/([^.]+)\.(\S+)", line):
            found[match[1]] = (match[2], match[3], match[4])
        if len(found) == 3:  # noqa: PLR2004  # console, prompter, overlay
            url, show, _ = found["console"]
            return Shown(url, show, {screen: key for screen, (_, _, key) in found.items()})
    sys.exit("the demo ended before it named its screens")


def audience(shown: Shown, screens: int) -> contextlib.AbstractContextManager[None]:
    """So many prompters beside the screen that is measured."""
    url = f"{shown.url.replace('http', 'ws', 1)}/shows/{shown.show}/prompter/live"
    return listening(url, shown.keys["prompter"], screens)


class Feed:
    """A feed that tells one event at a time."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._seq = 0
        self._ask({"hello": {"producer": "bench"}})

    def tell(self, **event: Any) -> None:
        """Returns once it is acknowledged."""
        self._seq += 1
        self._ask({"seq": self._seq, "events": [event]})

    def _ask(self, message: dict[str, Any]) -> None:
        self._socket.send(json.dumps(message))
        self._socket.recv()


@contextlib.contextmanager
def in_batches(items: int) -> Iterator[tuple[Shown, Feed]]:
    """A busy show whose items have a small batch on the shelf and a large one held back, the first on air; and its
    feed."""
    rundown = show_of("painted", items)
    batched = (msgspec.structs.replace(item, stock=SHELF + BATCH, batches=(SHELF, BATCH)) for item in rundown.items)
    with serving(msgspec.structs.replace(rundown, items=tuple(batched))) as server:
        keys = server.keys[rundown.id]
        screens = {"console": keys["producer"], "prompter": keys["host"]}
        shown = Shown(f"http://127.0.0.1:{server.port}", rundown.id, screens)
        shown.command("present", sku="S1")
        address, headers = server.ingest_url(rundown.id), {"Authorization": f"Bearer {keys['ingest']}"}
        with (
            busy(server, rundown.id),
            connect_sync(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket,
        ):
            yield shown, Feed(socket)


@contextlib.contextmanager
def busy(server: Serving, show: str) -> Iterator[None]:
    """Viewers keep the show, and with it the engine, at work."""
    load = server.load(show, feeds=2, batch=50, orders=0.0, skus=1, seconds=HOUR_S, rate=VIEWERS)
    command = [sys.executable, "-m", "benches.load", msgspec.json.encode(load).decode()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    try:
        time.sleep(STARTS_S)
        yield
    finally:
        process.kill()
        process.wait()


def measure_events(shown: Shown, browser: Browser, feed: Feed, cues: int) -> list[float]:
    """Takes all that is on the shelf of one item after the other by a single order, so that a cue asks for its next
    batch; milliseconds from before the order is sent until the cue is painted."""
    painted: dict[str, float] = {}
    apart = random.Random(1)
    with watching(shown, browser, "console") as page:
        for number in range(2, cues + 2):
            time.sleep(apart.uniform(0.2, 0.5))  # out of the rhythm of the frames
            sku, began_ms = f"S{number}", time.time_ns() / 1e6
            feed.tell(type="order.created", id=f"o-{number}", sku=sku, qty=SHELF)
            found = page.wait_for_function(_NEWLY_PAINTED, arg=list(painted), timeout=CALLED_WITHIN_S * 1000)
            cue = found.json_value()
            painted[cue] = page.evaluate("(cue) => paints[cue]", cue) - began_ms
            shown.command("release", sku=sku, units=BATCH)
    return list(painted.values())


@contextlib.contextmanager
def watching(shown: Shown, browser: Browser, screen: str) -> Iterator[Page]:
    """A page with that screen which notes when each cue is painted."""
    page = browser.new_context(viewport=DESK).new_page()
    page.goto(shown.link(screen))
    page.evaluate(_WATCH_PAINTS)
    yield page
    page.context.close()


def measure_paints(shown: Shown, browser: Browser, cues: int) -> tuple[list[float], list[float]]:
    """Sends messages; milliseconds until each was painted, by the browser's clock, and until its receipt had come."""
    times: list[tuple[float, float]] = []
    apart = random.Random(1)
    with watching(shown, browser, "prompter") as page:
        for number in range(cues):
            time.sleep(apart.uniform(0.2, 0.5))
            cue = shown.command("message", text=f"{number}")["cue"]
            if painted := _wait_for_paint(shown, page, cue):
                times.append(painted)
            shown.command("recall", cue=cue)
    return [painted for painted, _ in times], [receipt for _, receipt in times]


def _wait_for_paint(shown: Shown, page: Page, cue: str) -> tuple[float, float] | None:
    """Milliseconds until it was painted, and until its receipt had arrived."""
    try:
        page.wait_for_function("(cue) => paints[cue] > 0", arg=cue, timeout=SHOWN_WITHIN_S * 1000)
    except Error:
        return None
    while True:
        state = shown.state()
        seen = next(one for one in (*state["cues"], *state["closed_cues"]) if one["id"] == cue)
        if receipt := next((step["at"] for step in seen["steps"] if step["state"] == "shown"), None):
            return page.evaluate("(cue) => paints[cue]", cue) - seen["issued_at"], receipt - seen["issued_at"]


def measure_console(shown: Shown, browser: Browser, hours: int, an_hour: int) -> tuple[list[Row], str]:
    """Pushes hours of frames at a console, all figures in them changed each time, and tells what the page holds after
    each; then as many a second as a server sends, and tells what they cost."""
    frames = frames_of(shown)
    frame = min(frames, key=len)  # one of changes; the first, and one every ten seconds, is whole
    with stage(browser) as (context, sockets):
        page = context.new_page()
        page.goto(shown.link("console"))
        socket = sockets.get()
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        socket.send(frames[0])
        push = _pusher(page, socket, frame)
        push(0, an_hour // 10)  # warm
        rows = [_memory_row("at first", _metrics(session))]
        for hour in range(1, hours + 1):
            push(hour, an_hour)
            rows.append(_memory_row(f"after {hour} h", _metrics(session)))
        before_s = _page_cpu_s(browser)
        push(hours + 1, CPU_S * A_SECOND, 1 / A_SECOND)
        each_ms = 1_000 * (_page_cpu_s(browser) - before_s) / (CPU_S * A_SECOND)
    size_kb, share = len(frame) / 1_000, each_ms * A_SECOND / 10
    return rows, f"{each_ms:.1f} ms of CPU a frame of {size_kb:.0f} KB: {share:.1f} % of a core at {A_SECOND}/s"


def frames_of(shown: Shown) -> list[str]:
    """The first frames that the show sends a console."""
    address = f"{shown.url.replace('http', 'ws', 1)}/shows/{shown.show}/console/live"
    headers = {"Authorization": f"Bearer {shown.keys['console']}"}
    with connect_sync(address, additional_headers=headers, max_size=None) as socket:
        return [str(socket.recv()) for _ in range(FRAMES)]


@contextlib.contextmanager
def stage(browser: Browser) -> Iterator[tuple[BrowserContext, queue.Queue[ServerConnection]]]:
    """A browser context whose pages take their frames from here instead of from the show's server, and their sockets
    as they connect. A real socket: frames that Playwright hands in cost the page as much again."""
    sockets: queue.Queue[ServerConnection] = queue.Queue()

    def hold(socket: ServerConnection) -> None:
        sockets.put(socket)
        for _ in socket:  # what the page has painted
            pass

    with serve(hold, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever).start()
        context = browser.new_context(viewport=DESK, bypass_csp=True)
        context.add_init_script(_SOCKETS_TO % server.socket.getsockname()[1])
        yield context, sockets
        context.close()
        server.shutdown()


def _page_cpu_s(browser: Browser) -> float:
    """CPU time that the browser's pages have used, all their threads together."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(one["cpuTime"] for one in processes if one["type"] == "renderer"))


class Push(Protocol):
    """Sends the frames of an hour, evenly apart in show time: as fast as the page takes them, or `apart_s`."""

    def __call__(self, hour: int, count: int, apart_s: float = 0) -> None: ...


def _pusher(page: Page, socket: ServerConnection, frame: str) -> Push:
    began = int(re.search(r'data-time="(\d+)"', frame)[1])  # type: ignore[index]  # every frame tells its time
    figures = random.Random(1)

    def push(hour: int, count: int, apart_s: float = 0) -> None:
        for place in range(count):
            changed = re.sub(r">\d[\d,.]*<", lambda _: f">{figures.randrange(10**5):,}<", frame)
            changed = re.sub(
                r'data-(gmv|orders|online)="\d+"', lambda it: f'data-{it[1]}="{figures.randrange(10**6)}"', changed
            )
            at = began + hour * HOUR_MS + place * HOUR_MS // count
            socket.send(re.sub(r'data-time="\d+"', f'data-time="{at}"', changed, count=1))
            if apart_s:
                time.sleep(apart_s)
            elif place % AHEAD == AHEAD - 1:
                page.wait_for_function("(at) => Number(document.getElementById('live').dataset.time) >= at", arg=at)

    return push


def _metrics(session: Any) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def _memory_row(when: str, metrics: dict[str, float]) -> Row:
    return [when, metrics["JSHeapUsedSize"] / MB, metrics["Nodes"], metrics["JSEventListeners"]]
