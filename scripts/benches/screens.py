"""`scripts/bench screens`: how soon a cue is painted among many screens, and what three hours cost a console."""

import asyncio
import contextlib
import queue
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any, Protocol

import click
import httpx2
import msgspec
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, sync_playwright
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_sync
from websockets.sync.server import ServerConnection, serve

from cueroom.live.hub import SPACING_S

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHOWN_WITHIN_S = 3.0
"""A message that is not on screen by then was covered by a more urgent cue."""
DESK: ViewportSize = {"width": 1440, "height": 900}
MB = 1_000_000
HOUR_MS = 3_600_000
AHEAD = 20
"""Frames that may be on their way to the page."""
FRAMES = 3
"""Frames of a console's own to choose from."""
A_SECOND = round(1 / SPACING_S)
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


class Demo(msgspec.Struct):
    """A made-up show on a server of its own: its address and the keys of its links."""

    url: str
    show: str
    keys: dict[str, str]

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """A program's request with the producer's key; the answer's JSON."""
        headers = {"Authorization": f"Bearer {self.keys['console']}"}
        return httpx2.request("POST" if body else "GET", self.url + path, json=body, headers=headers).json()

    def link(self, screen: str) -> str:
        return f"{self.url}/join/{self.show}.{self.keys[screen]}"


@click.command("screens")
@click.option("--screens", default=200, show_default=True, help="prompters connected beside the one in Chromium")
@click.option("--cues", default=200, show_default=True, help="messages sent one after the other")
@click.option("--hours", default=3, show_default=True, help="simulated hours a console stays open")
@click.option("--frames", default=3_600, show_default=True, help="frames in each of these hours")
def command(*, screens: int, cues: int, hours: int, frames: int) -> None:
    """Measure paints and memory in Chromium, on loopback, during a made-up show."""
    own = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with demo() as shown, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-gpu"])
        with audience(shown, screens):
            measure_paints(shown, browser, cues)
        measure_console(shown, browser, hours, frames)
        browser.close()


@contextlib.contextmanager
def demo() -> Iterator[Demo]:
    """`cueroom demo` in real time on a free port."""
    arguments = [sys.executable, "-m", "cueroom.cli", "demo", "--autopilot", "--port", "0", "--speed", "1"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield _read_links(process)
    finally:
        process.terminate()
        process.wait()


def _read_links(process: subprocess.Popen[str]) -> Demo:
    found: dict[str, tuple[str, str, str]] = {}
    for line in process.stdout or ():
        if match := re.match(r"\s+(console|prompter|overlay)\s+(http\S+)/join/([^.]+)\.(\S+)", line):
            found[match[1]] = (match[2], match[3], match[4])
        if len(found) == 3:  # noqa: PLR2004  # console, prompter, overlay
            url, show, _ = found["console"]
            return Demo(url, show, {screen: key for screen, (_, _, key) in found.items()})
    sys.exit("the demo ended before it named its screens")


@contextlib.contextmanager
def audience(shown: Demo, screens: int) -> Iterator[None]:
    """So many prompters that take every frame, in a thread of their own."""
    ready, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_listen(shown, screens, ready, ended)))
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        ended.set()
        thread.join()


async def _listen(shown: Demo, screens: int, ready: threading.Event, ended: threading.Event) -> None:
    address = f"{shown.url.replace('http', 'ws', 1)}/shows/{shown.show}/prompter/live"
    headers = {"Authorization": f"Bearer {shown.keys['prompter']}"}

    async def listen() -> None:
        async with connect(address, additional_headers=headers, max_size=None) as socket:
            taken.release()
            async for _ in socket:
                pass

    taken = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(listen()) for _ in range(screens)]
    for _ in tasks:
        await taken.acquire()
    ready.set()
    await asyncio.to_thread(ended.wait)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def measure_paints(shown: Demo, browser: Browser, cues: int) -> None:
    """Sends messages and prints after how long they were painted, by the browser's clock and by the receipt."""
    page = browser.new_context(viewport=DESK).new_page()
    page.goto(shown.link("prompter"))
    page.evaluate(_WATCH_PAINTS)
    moments = random.Random(1)  # noqa: S311
    painted: list[float] = []
    receipts: list[float] = []
    for number in range(cues):
        time.sleep(moments.uniform(0.2, 0.5))  # apart from the rhythm of the frames
        cue = shown.call(f"/v1/shows/{shown.show}/commands", {"command": "message", "text": f"{number}"})["cue"]
        times = _wait_for_paint(shown, page, cue)
        if times:
            painted.append(times[0])
            receipts.append(times[1])
        shown.call(f"/v1/shows/{shown.show}/commands", {"command": "recall", "cue": cue})
    click.echo(f"cues painted: {len(painted)} of {cues}; any others were covered by more urgent ones")
    _tell("from its issue to its paint, by the browser's clock", painted)
    _tell("from its issue to its receipt, by the server's clock", receipts)
    page.context.close()


def _wait_for_paint(shown: Demo, page: Page, cue: str) -> tuple[float, float] | None:
    """Milliseconds until it was painted, and until its receipt had arrived."""
    try:
        page.wait_for_function("(cue) => paints[cue] > 0", arg=cue, timeout=SHOWN_WITHIN_S * 1000)
    except Error:
        return None
    while True:
        state = shown.call(f"/v1/shows/{shown.show}")
        seen = next(one for one in (*state["cues"], *state["closed_cues"]) if one["id"] == cue)
        if receipt := next((step["at"] for step in seen["steps"] if step["state"] == "shown"), None):
            return page.evaluate("(cue) => paints[cue]", cue) - seen["issued_at"], receipt - seen["issued_at"]


def _tell(what: str, times: list[float]) -> None:
    if not times:
        click.echo(f"  {what}: unknown")
        return
    p99 = quantiles(times, n=100, method="inclusive")[98] if len(times) > 1 else times[0]
    click.echo(f"  {what}: p50 {median(times):.0f} ms, p99 {p99:.0f} ms, most {max(times):.0f} ms")


def measure_console(shown: Demo, browser: Browser, hours: int, an_hour: int) -> None:
    """Pushes hours of frames at a console, all figures in them changed each time, and prints what the page holds after
    each; then as many a second as a server sends, and prints what they cost."""
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
        _tell_memory("at first", _metrics(session))
        for hour in range(1, hours + 1):
            push(hour, an_hour)
            _tell_memory(f"after {hour} h", _metrics(session))
        before_s = _page_cpu_s(browser)
        push(hours + 1, CPU_S * A_SECOND, 1 / A_SECOND)
        each_ms = 1_000 * (_page_cpu_s(browser) - before_s) / (CPU_S * A_SECOND)
    size_kb, share = len(frame) / 1_000, each_ms * A_SECOND / 10
    click.echo(f"  {each_ms:.1f} ms of CPU a frame of {size_kb:.0f} KB: {share:.1f} % of a core at {A_SECOND}/s")


def frames_of(shown: Demo) -> list[str]:
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
    began = int(re.search(r'data-time="(\d+)"', frame)[1])  # type: ignore[index]
    figures = random.Random(1)  # noqa: S311

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


def _tell_memory(when: str, metrics: dict[str, float]) -> None:
    heap, nodes, listeners = (metrics[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners"))
    click.echo(f"console {when}: heap {heap / MB:.1f} MB, {nodes:.0f} nodes, {listeners:.0f} listeners")
