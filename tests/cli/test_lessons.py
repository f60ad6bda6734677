"""Laws of `cueroom lessons`: it prints what was learned, and learns from a recording."""

import json
from pathlib import Path

from commands_run import SHOWFILE, cueroom, write_show

START = 1_795_348_800_000


def recording(into: Path, seconds: int) -> Path:
    """V01 on air, two of it ordered every second before 500 viewers, four clicks an order."""
    lines = [{"type": "item.presented", "sku": "V01", "time": START}]
    for second in range(seconds):
        at = START + 1000 * second
        lines += [
            {"type": "room.online", "n": 500, "time": at},
            {"type": "product.clicked", "sku": "V01", "n": 8, "time": at},
        ]
        lines += [{"type": "order.paid", "id": f"o{second}-{n}", "sku": "V01", "qty": 1, "time": at} for n in range(2)]
    log = into / "log.ndjson"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return log


def test_a_recording_teaches_and_its_lesson_is_kept(tmp_path: Path) -> None:
    data, log = tmp_path / "data", recording(tmp_path, 240)
    showfile = write_show(tmp_path, SHOWFILE.replace("stock = 100", "stock = 10000"))
    before = cueroom("lessons", "--data", data, "--locale", "en", COLUMNS="200")
    assert (before.returncode, before.stderr) == (0, "")
    assert "Everything" in before.stdout
    learned = cueroom("lessons", "--data", data, "--from", log, "--showfile", showfile, "--locale", "en", COLUMNS="200")
    assert (learned.returncode, learned.stderr) == (0, "")
    (line,) = [line for line in learned.stdout.splitlines() if "无线吸尘器" in line]
    assert "Hot" in line
    assert 70 < float(line.split("│")[2].split()[0]) < 170
    again = cueroom("lessons", "--data", data, "--locale", "en", COLUMNS="200")
    assert again.stdout == learned.stdout
    narrow = cueroom("lessons", "--data", data, "--locale", "en", COLUMNS="70")
    assert "│" in narrow.stdout
    assert "…" not in narrow.stdout  # every figure whole, if on two lines


def test_a_recording_in_which_nothing_was_on_air_for_a_minute_teaches_nothing(tmp_path: Path) -> None:
    log, showfile = recording(tmp_path, 30), write_show(tmp_path)
    told = cueroom("lessons", "--data", tmp_path / "data", "--from", log, "--showfile", showfile)
    assert told.returncode == 1
    assert "teaches nothing" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_recording_needs_its_show_file(tmp_path: Path) -> None:
    told = cueroom("lessons", "--data", tmp_path / "data", "--from", recording(tmp_path, 1))
    assert told.returncode == 2
    assert "--from LOG goes with --showfile FILE" in told.stderr
