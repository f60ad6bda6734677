"""Where the web folder lies: inside the package in a wheel, beside `server/` in a checkout; its files' addresses."""

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def web_dir() -> Path:
    """The folder that holds `templates`, `static` and `locales`."""
    package = Path(__file__).resolve().parent
    packed = package / "web"
    return packed if packed.is_dir() else package.parent.parent / "web"


def asset(path: str) -> str:
    """The address of a file of `static`. It changes with what the file holds, so browsers may keep it for ever."""
    return f"/static/{path}?{asset_query(path)}"


@cache
def asset_query(path: str) -> str:
    """The query under which a file of `static` never changes."""
    return f"v={sha256((web_dir() / 'static' / path).read_bytes()).hexdigest()[:12]}"
