"""Laws of the house's plan: what the documents say of its floors is what the import linter holds."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNTOLD = ("__init__", "__pycache__", "lua", "shows")


def test_the_table_of_floors_is_the_linters() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    floors = project["tool"]["importlinter"]["contracts"][0]["layers"]
    readme = (ROOT / "server/README.md").read_text()
    table = readme.partition("| floor | rooms |\n|---|---|\n")[2].partition("\n\n")[0]
    told = [set(re.findall(r"`(\w+)/?`", row)) for row in table.splitlines()]
    assert told == [set(floor.split(" : ")) for floor in floors]


def test_the_table_of_rooms_names_every_module_in_them() -> None:
    readme = (ROOT / "server/README.md").read_text()
    table = readme.partition("| room | who is there |\n|---|---|\n")[2].partition("\n\n")[0]
    for row in table.splitlines():
        room, *told = re.findall(r"`(\w+)/?`", row)
        rooms = (ROOT / "server/cueroom" / room).iterdir()
        assert sorted(set(told) - {"lua"}) == sorted(path.stem for path in rooms if path.stem not in UNTOLD)
