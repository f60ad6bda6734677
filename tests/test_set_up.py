"""Laws of the set-up: nothing is done twice, nothing half done is taken for whole, and never two at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import set_up
from set_up import Step

PLACES = {"ROOT": ".", "VENV": ".venv", "STAMPS": ".venv/set-up", "UNFINISHED": ".venv/unfinished"}


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an environment and one file that steps depend on."""
    for name, path in PLACES.items():
        monkeypatch.setattr(set_up, name, tmp_path / path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / "pyproject.toml").write_text("first")
    return tmp_path


def step(make: Callable[[], None]) -> Step:
    return Step("package", "a package", ("pyproject.toml",), lambda: True, make)


def test_a_step_is_done_until_what_it_depends_on_changes(checkout: Path) -> None:
    package = step(lambda: None)
    assert not package.is_done()
    package.do()
    assert package.is_done()
    (checkout / "pyproject.toml").write_text("second")
    assert not package.is_done()


def test_a_step_that_was_interrupted_is_not_done() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    step(lambda: None).do()
    with pytest.raises(KeyboardInterrupt):
        step(interrupted).do()
    assert not step(lambda: None).is_done()


def test_a_step_whose_result_was_removed_is_not_done() -> None:
    gone = Step("scripts", "scripts", (), lambda: False, lambda: None)
    gone.do()
    assert not gone.is_done()


def test_an_environment_with_an_interrupted_installation_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_command: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(set_up, "PYTHON", Path(sys.executable))
    assert set_up.is_environment_there()
    monkeypatch.setattr(set_up, "fetch", killed)
    with pytest.raises(KeyboardInterrupt):
        set_up.pip_install("anything")
    assert not set_up.is_environment_there()


def test_a_discarded_folder_is_gone_with_what_an_earlier_try_left(checkout: Path) -> None:
    (checkout / ".venv.discarded" / "half").mkdir(parents=True)
    set_up.discard(checkout / ".venv")
    assert sorted(path.name for path in checkout.iterdir()) == ["pyproject.toml"]


def test_a_command_that_fails_ends_the_set_up_with_its_last_words() -> None:
    with pytest.raises(SystemExit, match="no such package"):
        set_up.run([sys.executable, "-c", "raise SystemExit('no such package')"])


def test_what_the_network_refused_once_is_fetched_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "PAUSES_S", (0.0, 0.0))
    once = "import pathlib, sys; log = pathlib.Path('log'); log.open('a').write('x'); sys.exit(log.read_text() == 'x')"
    set_up.fetch([sys.executable, "-c", once], folder=checkout)
    assert (checkout / "log").read_text() == "xx"
    with pytest.raises(SystemExit, match="refused"):
        set_up.fetch([sys.executable, "-c", "raise SystemExit('refused')"])


def test_npm_needs_no_home_that_can_be_written(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(checkout))
    assert "npm_config_cache" not in set_up.npm_environment(checkout / "tools")
    monkeypatch.setenv("HOME", str(checkout / "nowhere"))
    assert set_up.npm_environment(checkout / "tools")["npm_config_cache"] == str(checkout / "tools" / "npm")


def test_the_checkout_may_lie_in_a_folder_whose_letters_the_locale_does_not_know(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = checkout / "直播 控制室"
    packages = root / ".venv" / "lib" / "python3.11" / "site-packages"
    for folder in (packages, root / "server"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(set_up, "ROOT", root)
    monkeypatch.setattr(set_up, "VENV", root / ".venv")
    (packages / "_cueroom.pth").write_text(f"{root}/server")
    set_up.point_from_the_environment()
    ask = "import site, sys; site.addsitedir(sys.argv[1]); print(ascii(sys.path[-1]))"
    asked = subprocess.run(
        [sys.executable, "-c", ask, packages], env={"LC_ALL": "C"}, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == ascii(str(root / "server"))


HOLD = """
import sys, pathlib, set_up
set_up.ROOT = pathlib.Path(sys.argv[1])
with set_up.only_one():
    print("in", flush=True)
    sys.stdin.readline()
"""


def test_a_second_set_up_waits_for_the_first_and_a_killed_one_frees_the_way(checkout: Path) -> None:
    scripts = Path(set_up.__file__).parent

    def start() -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", HOLD, str(checkout)]
        return subprocess.Popen(command, cwd=scripts, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    with start() as first:
        assert first.stdout
        assert first.stdout.readline() == "in\n"
        with start() as second:
            assert second.stderr
            assert second.stdout
            assert "waiting" in second.stderr.readline()
            first.kill()
            assert second.stdout.readline() == "in\n"
            second.kill()


def test_what_the_tests_need_includes_what_the_demo_needs() -> None:
    demo, test = ([step.name for step in set_up.steps(kind)] for kind in ("demo", "test"))
    assert test[: len(demo)] == demo
