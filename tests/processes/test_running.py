"""Laws of what a running server tells other commands."""

from pathlib import Path

from cueroom.clock import Clock
from cueroom.processes.running import FILE, Running, running_of, told_to_others
from cueroom.settings import Settings


def test_a_running_server_is_found_by_its_directory_and_no_longer_after_its_end(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "new"))
    running = Running("https://cue.example.org", Clock(1_790_000_000_000, 20.0))
    with told_to_others(settings, running):
        assert running_of(settings) == running
    assert running_of(settings) is None


def test_a_note_torn_by_a_crash_is_no_server(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"url": "http')
    assert running_of(Settings(data=str(tmp_path))) is None
