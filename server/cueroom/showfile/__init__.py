"""The show file: TOML or a workbook in, a rundown or every problem at once out."""

from pathlib import Path

from cueroom.show.rundown import Rundown
from cueroom.showfile import toml, workbook
from cueroom.showfile.draft import Draft, Problem
from cueroom.showfile.rules import check, warnings

__all__ = ["Problem", "draft_of", "parse", "read", "warnings"]

ZIP_MAGIC = b"PK"
"""How every workbook begins."""


def read(path: Path) -> Rundown | list[Problem]:
    """The rundown in that file, or everything that is wrong with it, in the order of the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return [Problem(str(path), f"cannot be read: {error.strerror}")]
    # A workbook that is broken does not even begin like one.
    return _checked(workbook.draft(content)) if path.suffix.lower() == ".xlsx" else parse(content)


def parse(content: bytes) -> Rundown | list[Problem]:
    """The rundown in a file's content; what kind of file it is, the content itself says."""
    return _checked(draft_of(content))


def draft_of(content: bytes) -> Draft | Problem:
    """What a file's content says, unjudged; or the one thing that keeps it from being read at all."""
    return workbook.draft(content) if content.startswith(ZIP_MAGIC) else toml.draft(content)


def _checked(draft: Draft | Problem) -> Rundown | list[Problem]:
    return check(draft) if isinstance(draft, Draft) else [draft]
