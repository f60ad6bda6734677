"""Photographs of every screen, taken of a running `cueroom demo` in Chromium: to be looked at by people."""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import track

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"desk": (1440, 900), "wide": (1920, 1080), "phone": (390, 844)}
LANGUAGES = {"zh-Hans": "zh-CN", "en": "en-US"}
PLACES = {
    "shows": ("console", "/"),
    "plan": ("console", "/shows/{show}/plan"),
    "links": ("console", "/shows/{show}/links"),
    "console": ("console", "/shows/{show}/console"),
    "prompter": ("prompter", "/shows/{show}/prompter"),
    "mirrored": ("prompter", "/shows/{show}/prompter?mirror=1"),
    "lit": ("prompter", "/shows/{show}/prompter?theme=light&plan=1"),
    "overlay": ("overlay", "/shows/{show}/overlay"),
    "overlay-right": ("overlay", "/shows/{show}/overlay?position=top-right&stock=0"),
    "recap": ("console", "/shows/{show}/recap"),
    "options": ("console", "/shows/{show}/options"),
    "no-link": ("", "/join/none"),
    "no-page": ("", "/shows/{show}/nowhere"),
}
"""Name of the picture → whose link opens the place, and its address."""
SILENCE_MS = 5_000


@contextmanager
def demo(speed: float) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A demo on a free port, and the links it printed."""
    command = [sys.executable, "-m", "cueroom.cli", "demo", "--autopilot", "--port", "0", "--speed", str(speed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process, links_of(process)
    finally:
        process.terminate()
        process.wait()


def links_of(process: subprocess.Popen[str]) -> dict[str, str]:
    """Reads what the demo prints until it has named all its screens."""
    links: dict[str, str] = {}
    for line in process.stdout or ():
        if match := re.match(r"\s+(console|prompter|overlay)\s+(http\S+)", line):
            links[match[1]] = match[2]
        if len(links) == len({"console", "prompter", "overlay"}):
            return links
    sys.exit("the demo ended before it named its screens")


def main() -> None:
    arguments = read_arguments()
    arguments.to.mkdir(parents=True, exist_ok=True)
    own = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with demo(arguments.speed) as (process, links), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-gpu"])
        wait(browser, arguments.wait_s)
        shots = [(name, size, lang) for name in PLACES for size in SIZES for lang in LANGUAGES]
        for name, size, lang in track(shots, description="photographing"):
            page = open_place(browser, links, name, size, lang)
            take(page, arguments.to / f"{name}-{size}-{lang}.png")
        lost = [(name, open_place(browser, links, name, "wide", "zh-Hans")) for name in ("console", "prompter")]
        process.terminate()
        for name, page in lost:
            page.wait_for_timeout(SILENCE_MS)
            take(page, arguments.to / f"{name}-lost-zh-Hans.png")
        browser.close()
    print(f"{len(shots) + len(lost)} pictures in {arguments.to}")


def wait(browser: Browser, seconds: float) -> None:
    """Lets the show come to life."""
    page = browser.new_page()
    page.wait_for_timeout(seconds * 1000)
    page.close()


def open_place(browser: Browser, links: dict[str, str], name: str, size: str, lang: str) -> Page:
    """The place as a newcomer sees it who has that link."""
    key, address = PLACES[name]
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LANGUAGES[lang], reduced_motion="reduce"
    )
    page = context.new_page()
    base, _, token = links["console"].partition("/join/")
    if key:
        page.goto(links[key])
    page.goto(base + address.format(show=token.partition(".")[0]))
    page.wait_for_timeout(1_500)
    return page


def take(page: Page, file: Path) -> None:
    """Takes the picture and closes the page."""
    page.screenshot(path=file, omit_background=True)
    page.context.close()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots", help="folder of the pictures [screenshots]")
    parser.add_argument("--speed", type=float, default=4, help="how fast the show runs [4 times real time]")
    parser.add_argument("--wait-s", type=float, default=60, help="seconds before the first picture [60]")
    return parser.parse_args()


if __name__ == "__main__":
    main()
