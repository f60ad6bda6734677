"""axe-core in the tests' browser: what it has to say against a page."""

from typing import Any

from playwright.sync_api import Page

from cueroom.web_files import web_dir

AXE = web_dir() / "node_modules" / "axe-core" / "axe.min.js"

IS_LOST = "document.documentElement.classList.contains('is-lost')"
"""Whether the page says that its link is silent, as it may on a busy machine: then it is dimmed on purpose."""


def complaints(page: Page, options: str = "{}") -> list[Any]:
    """What axe-core complains about: the rule and where."""
    page.evaluate(AXE.read_text())
    while True:
        page.wait_for_function(f"() => !({IS_LOST})")
        found = page.evaluate(f"axe.run({options}).then((result) => result.violations)")
        if not page.evaluate(IS_LOST):
            break
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]
