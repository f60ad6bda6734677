"""Photographs of every screen in every state, of a show that runs, in Chromium: to be looked at by people."""

import argparse
import base64
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from set_up import find_browser

ROOT = Path(__file__).resolve().parent.parent
SHOWFILE = ROOT / "server" / "cueroom" / "demo" / "shows" / "launch.toml"
SHOW = "launch"
SIZES = {"desk": (1440, 900), "wide": (1920, 1080), "phone": (390, 844)}
LANGUAGES = {"zh-Hans": "zh-CN", "en": "en-US"}
ROLES = {"console": "producer", "prompter": "host", "overlay": "viewer"}
PLACES = {
    "shows": ("console", "/"),
    "plan": ("console", f"/shows/{SHOW}/plan"),
    "links": ("console", f"/shows/{SHOW}/links"),
    "policy": ("console", f"/shows/{SHOW}/policy"),
    "options": ("console", f"/shows/{SHOW}/options"),
    "recap": ("console", f"/shows/{SHOW}/recap"),
    "console": ("console", f"/shows/{SHOW}/console"),
    "prompter": ("prompter", f"/shows/{SHOW}/prompter"),
    "prompter-mirrored": ("prompter", f"/shows/{SHOW}/prompter?mirror=1"),
    "prompter-light": ("prompter", f"/shows/{SHOW}/prompter?theme=light&plan=1"),
    "overlay": ("overlay", f"/shows/{SHOW}/overlay"),
    "overlay-right": ("overlay", f"/shows/{SHOW}/overlay?position=top-right&stock=0"),
    "no-link": ("", "/join/none"),
    "no-page": ("", f"/shows/{SHOW}/nowhere"),
}
"""Name of the picture → whose link opens the place, and its address."""
README = {"console-cue-desk-en": "console", "prompter-cue-wide-zh-Hans": "prompter"}
"""The pictures that the README shows, and their names in `scripts/pictures`."""
LIVE = ("console", "prompter", "overlay")
AS_WEBP = """async (url) => {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.82);
}"""
SETTLE_MS = 1_500
SILENCE_MS = 5_000
CUE_MS = 300_000

Links = dict[str, str]
Pose = Callable[[Page], Any]


class Album:
    """Takes pictures of a running server's places, each at every size and in every language, for a newcomer's eyes."""

    def __init__(self, browser: Browser, links: Links, folder: Path) -> None:
        self._browser = browser
        self._links = links
        self._folder = folder

    @contextmanager
    def opened(self, place: str) -> Iterator[dict[str, Page]]:
        """The place at every size and in every language, all open at once: size and language → page."""
        with ExitStack() as stack:
            pages = {
                f"{size}-{lang}": stack.enter_context(self._page(place, size, lang))
                for size in SIZES
                for lang in LANGUAGES
            }
            next(iter(pages.values())).wait_for_timeout(SETTLE_MS)
            yield pages

    def take(self, place: str, state: str = "", pose: Pose = lambda _: None) -> None:
        """Opens the place, has each page take its pose, and takes the pictures, named after place and state."""
        with self.opened(place) as pages:
            for page in pages.values():
                pose(page)
            self.keep("-".join(filter(None, (place, state))), pages)

    def keep(self, name: str, pages: dict[str, Page]) -> None:
        """Takes a picture of each of these pages."""
        for kind, page in pages.items():
            page.screenshot(path=self._folder / f"{name}-{kind}.png", omit_background=True)
        print(f"{name}: {len(pages)}", flush=True)

    def command(self, **command: Any) -> None:
        """What another producer does meanwhile."""
        with self._page("console", "desk", "en") as page:
            url = f"{self._base}/v1/shows/{SHOW}/commands"
            headers = {"Content-Type": "application/json", "Origin": self._base}
            answer = page.request.post(url, data=json.dumps(command), headers=headers)
            if not answer.ok:
                sys.exit(f"{command}: {answer.status} {answer.text()}")

    @property
    def _base(self) -> str:
        return self._links["console"].partition("/join/")[0]

    @contextmanager
    def _page(self, place: str, size: str, lang: str) -> Iterator[Page]:
        key, address = PLACES[place]
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale=LANGUAGES[lang],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            has_touch=size == "phone",
            is_mobile=size == "phone",
        )
        page = context.new_page()
        if key:
            page.goto(self._links[key])
        page.goto(self._base + address)
        yield page
        context.close()


def main() -> None:
    arguments = read_arguments()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        with waiting_show() as links:
            photograph_planned(Album(browser, links, arguments.to))
        with demo(arguments.speed) as (process, links):
            album = Album(browser, links, arguments.to)
            wait_for_cue(browser, links)
            photograph_live(album)
            photograph_lost(album, process)
        with demo(arguments.speed) as (_, links):
            wait_for_cue(browser, links)
            photograph_ended(Album(browser, links, arguments.to))
        if arguments.readme:
            renew_readme(browser, arguments.to)
        browser.close()


def photograph_planned(album: Album) -> None:
    """Before the show."""
    for place in (*LIVE, "plan", "shows"):
        album.take(place, "planned")


def photograph_live(album: Album) -> None:
    """While it runs: every place, and what only some moments show."""
    for place in PLACES:
        album.take(place)
    with album.opened("console") as pages:
        for page in pages.values():
            page.locator(".cue").first.wait_for(timeout=CUE_MS)
        album.keep("console-cue", pages)
    with album.opened("prompter") as pages:
        album.command(command="message", text="再讲1分钟")
        for page in pages.values():
            page.locator(".lane .cue").wait_for()
        album.keep("prompter-cue", pages)
    album.take("console", "keys", lambda page: page.keyboard.press("?"))
    album.take("console", "editing", lambda page: page.keyboard.press("e"))
    album.take("prompter", "keys", lambda page: page.keyboard.press("?"))
    album.take("prompter", "blackout", lambda page: page.keyboard.press("b"))
    with album.opened("console") as pages:
        for page in pages.values():
            page.evaluate("document.getElementById('link').remove()")  # this one no longer hears of anything
        album.command(command="next")
        for page in pages.values():
            page.keyboard.press("n")
            page.locator("#said[data-tone=bad]").wait_for()
        album.keep("console-conflict", pages)


def photograph_lost(album: Album, process: subprocess.Popen[str]) -> None:
    """When the server has gone."""
    with album.opened("console") as consoles, album.opened("prompter") as prompters:
        stop(process)
        next(iter(consoles.values())).wait_for_timeout(SILENCE_MS)
        album.keep("console-lost", consoles)
        album.keep("prompter-lost", prompters)


def photograph_ended(album: Album) -> None:
    """After the show."""
    album.command(command="end")
    for place in (*LIVE, "policy", "recap", "shows"):
        album.take(place, "ended")


def renew_readme(browser: Browser, folder: Path) -> None:
    """Makes the README's pictures of those just taken, small enough to be kept."""
    page = browser.new_page()
    for name, kept in README.items():
        picture = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
        data = page.evaluate(AS_WEBP, f"data:image/png;base64,{picture}").partition(",")[2]
        (ROOT / "scripts" / "pictures" / f"{kept}.webp").write_bytes(base64.b64decode(data))
    page.close()


@contextmanager
def waiting_show() -> Iterator[Links]:
    """The demonstration's show, served an hour before it starts; links to its screens."""
    with tempfile.TemporaryDirectory() as data:
        starts_at = datetime.now(UTC) + timedelta(hours=1)
        sheet = Path(data) / "show.toml"
        text = SHOWFILE.read_text("utf-8")
        sheet.write_text(re.sub(r"starts_at = .*", f"starts_at = {starts_at:%Y-%m-%dT%H:%M:%SZ}", text), "utf-8")
        process = start("serve", str(sheet), "--data", data, "--port", "0")
        try:
            address = (process.stdout or sys.exit("the server says nothing")).readline().split()[-1]
            yield {screen: new_link(data, address, role) for screen, role in ROLES.items()}
        finally:
            stop(process)


def new_link(data: str, address: str, role: str) -> str:
    """A link to the screen of that role."""
    command = ["keys", SHOW, "--role", role, "--link", "--data", data, "--public-url", address]
    made = subprocess.run([sys.executable, "-m", "cueroom.cli", *command], check=True, capture_output=True, text=True)
    return made.stdout.strip()


@contextmanager
def demo(speed: float) -> Iterator[tuple[subprocess.Popen[str], Links]]:
    """A demonstration on a free port, and the links it printed."""
    process = start("demo", "--port", "0", "--speed", str(speed))
    try:
        yield process, links_of(process)
    finally:
        stop(process)


def start(*command: str) -> subprocess.Popen[str]:
    """A command of Cueroom whose lines can be read."""
    whole = [sys.executable, "-m", "cueroom.cli", *command]
    return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()


def links_of(process: subprocess.Popen[str]) -> Links:
    """Reads what the demonstration prints until it has named all its screens."""
    links: Links = {}
    for line in process.stdout or ():
        if match := re.match(r"\s+(console|prompter|overlay)\s+(http\S+)", line):
            links[match[1]] = match[2]
        if len(links) == len(ROLES):
            return links
    sys.exit("the demonstration ended before it named its screens")


def wait_for_cue(browser: Browser, links: Links) -> None:
    """Lets the show come to life: until its first cue."""
    page = browser.new_page()
    page.goto(links["console"])
    page.locator(".cue, .past-cue").first.wait_for(timeout=CUE_MS)
    page.close()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots", help="folder of the pictures [screenshots]")
    parser.add_argument("--speed", type=float, default=3, help="how fast the show runs [3 times real time]")
    parser.add_argument("--readme", action="store_true", help="renew the README's pictures too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
