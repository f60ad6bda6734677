"""Laws of the house's plan: what the documents say of its floors is what the import linter holds."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_table_of_floors_is_the_linters() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    floors = project["tool"]["importlinter"]["contracts"][0]["layers"]
    readme = (ROOT / "server/README.md").read_text()
    table = readme.partition("| floor | modules |\n|---|---|\n")[2].partition("\n\n")[0]
    modules = {path.stem for path in (ROOT / "server/cueroom").iterdir() if path.stem != "lua"}
    told = [{name for name in re.findall(r"`(\w+)/?`", row) if name in modules} for row in table.splitlines()]
    assert told == [set(floor.split(" : ")) for floor in floors]
