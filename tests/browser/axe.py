"""axe-core in the tests' browser: what it has to say against a page."""

from typing import Any

from playwright.sync_api import Page

from cueroom.web_files import web_dir

AXE = web_dir() / "node_modules" / "axe-core" / "axe.min.js"


def complaints(page: Page, options: str = "{}") -> list[Any]:
    """What axe-core complains about: the rule and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run({options}).then((result) => result.violations)")
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]
