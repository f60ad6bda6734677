"""Where the web folder lies: inside the package in a wheel, beside `server/` in a checkout."""

from functools import cache
from pathlib import Path


@cache
def web_dir() -> Path:
    """The folder that holds `templates`, `static` and `locales`."""
    package = Path(__file__).resolve().parent
    packed = package / "web"
    return packed if packed.is_dir() else package.parent.parent / "web"
