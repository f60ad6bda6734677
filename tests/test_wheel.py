"""Laws of what is shipped: the wheel works alone, and is not built without the scripts its screens need."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent
SHOW = """
[show]
id = "wheel"
title = "宠粉首播"
starts_at = 2026-11-22T20:00:00+08:00
duration_min = 60
currency = "CNY"
goal = 1_000_000
[[items]]
sku = "V01"
name = "无线吸尘器"
price = 9900
stock = 500
"""


def build(checkout: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=bare_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bare_environment() -> dict[str, str]:
    """Nothing that leads back to the checkout or to the settings of whoever runs the tests."""
    return {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LANG") if key in os.environ}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    built = build(ROOT, target)
    assert built.returncode == 0, built.stderr
    (path,) = target.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and what it declares to need, and nothing else.

    The needed packages are links to those the tests run with: so the test needs no network, and yet fails
    when Cueroom uses a package it does not declare, or finds files only in the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (info,) = site_packages.glob("cueroom-*.dist-info")
    for package in needed(PathDistribution(info), set()):
        link(package, site_packages)
    return folder


def needed(package: Distribution, seen: set[str], extras: frozenset[str] = frozenset()) -> Iterator[Distribution]:
    """Every distribution a package needs here, directly or not."""
    for requirement in map(Requirement, package.requires or []):
        marker, name = requirement.marker, f"{requirement.name}{sorted(requirement.extras)}"
        wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})
        if wanted and name not in seen:
            seen.add(name)
            found = distribution(requirement.name)
            yield found
            yield from needed(found, seen, frozenset(requirement.extras))


def link(package: Distribution, site_packages: Path) -> None:
    """Puts the package's files, or their top folders, into an environment's site-packages."""
    for name in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
        target = site_packages / name
        if not target.exists():
            target.symlink_to(Path(str(package.locate_file(name))))


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "show.toml"
    path.write_text(SHOW, "utf-8")
    return path


def test_the_wheel_alone_checks_a_show_file(environment: Path, show: Path) -> None:
    assert "0." in run(environment / "bin" / "cueroom", "--version", cwd=show.parent)
    run(environment / "bin" / "cueroom", "check", show, cwd=show.parent)


def test_the_wheel_alone_serves_a_console_with_all_its_files(environment: Path, show: Path) -> None:
    cueroom, data = environment / "bin" / "cueroom", show.parent / "data"
    command: list[str | Path] = [cueroom, "serve", show, "--port", "0", "--data", data]
    with subprocess.Popen(
        command, cwd=show.parent, env=bare_environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            base = next(line for line in server.stdout or () if line.startswith("ready ")).split()[1]
            link = run(cueroom, "keys", "wheel", "--role", "producer", "--link", "--data", data, cwd=show.parent)
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            console = browser.open(link.strip(), timeout=PATIENCE_S).read().decode()
            assert "无线吸尘器" in console
            files = re.findall(r'(?:src|href)="(/static/[^"]+)"', console)
            assert any("vendor" in file for file in files)
            assert all(browser.open(base + file, timeout=PATIENCE_S).read() for file in files)
        finally:
            server.terminate()
        assert server.wait(PATIENCE_S) == 0


def test_the_wheel_holds_all_web_files_and_nothing_of_the_tests(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    scripts = json.loads((ROOT / "web" / "vendor.json").read_text("utf-8")).values()
    assert {f"cueroom/web/static/vendor/{name}" for name in scripts} <= names
    assert {name.split("/")[0] for name in names if not re.match(r"cueroom-.*\.dist-info", name)} == {"cueroom"}
    templates = {f"cueroom/web/templates/{path.name}" for path in (ROOT / "web" / "templates").glob("*.html")}
    assert templates <= names


def test_no_wheel_is_built_without_the_browser_scripts(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    shutil.copytree(ROOT / "web", checkout / "web", ignore=shutil.ignore_patterns("node_modules", "vendor"))
    built = build(checkout, tmp_path / "dist")
    assert built.returncode != 0
    assert "htmx.min.js" in built.stderr
