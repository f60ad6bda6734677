"""Laws of `cueroom recap`."""

import re
from pathlib import Path

from python_calamine import CalamineWorkbook

from commands_run import cueroom
from conftest import Server, ShowOnServer
from cueroom.cli.recap import split

WIDE = {"COLUMNS": "400", "LC_ALL": "en_GB.UTF-8"}


def fed(show: ShowOnServer) -> ShowOnServer:
    """The show with one item on air, two orders, and a message that rich and Excel would like to read as code."""
    show.command("present", sku="V01")
    paid = [{"type": "order.paid", "id": str(n), "sku": "V01", "qty": 1, "amount": 123_457} for n in range(2)]
    assert show.post([*paid, {"type": "viewer.entered", "n": 12_345}]).status_code == 200
    show.command("message", text="[red]=再讲1分钟[/]")
    return show


def test_it_prints_the_counters_to_the_last_unit(server: Server, tmp_path: Path) -> None:
    show = fed(server.new_show())
    file = tmp_path / "recap.xlsx"
    told = cueroom("recap", show.id, "--data", server.data, "--xlsx", file, **WIDE)
    assert (told.returncode, told.stderr) == (0, "")
    state = show.state()
    assert state["totals"]["gmv"] == 246_914
    assert re.search(r"│ GMV +│ +¥2,469\.14 │", told.stdout)
    assert re.search(r"│ Entries \(PV\) +│ +12,345 │", told.stdout)
    assert "[red]=再讲1分钟[/]" in told.stdout
    names = CalamineWorkbook.from_path(file).sheet_names
    assert names[:3] == ["Live data", "Shop data", "Product data"]
    assert names[-1] == "Cues"


def test_it_speaks_the_language_asked_for_else_the_terminals_else_the_shows(server: Server) -> None:
    show = server.new_show()

    def title(*options: str, **variables: str) -> str:
        told = cueroom("recap", show.id, "--data", server.data, *options, **{"LC_ALL": "", "LANG": "C"} | variables)
        return told.stdout.splitlines()[3].strip()

    assert title("--locale", "zh-Hant", LANG="en_US.UTF-8") == "直播數據"
    assert title(LANG="en_US.UTF-8") == "Live data"
    assert title(LANG="zh_TW.UTF-8") == "直播數據"
    assert title() == "直播数据"


def test_an_unknown_show_is_told_in_words_and_leaves_no_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "recap.xlsx"
    told = cueroom("recap", "none", "--data", server.data, "--xlsx", file)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: there is no show 'none'")
    assert not file.exists()


def test_columns_that_do_not_fit_go_on_below_with_the_first() -> None:
    assert list(split([5, 10, 10, 10], 100)) == [[0, 1, 2, 3]]
    assert list(split([5, 10, 10, 10], 25)) == [[0, 1, 2], [0, 3]]
    assert list(split([5, 90, 10], 25)) == [[0, 1], [0, 2]]
