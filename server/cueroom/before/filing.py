"""Filing: the files of papers, each kept once in the data folder, under the SHA-256 of what is in it."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from cueroom.show.papers import Attachment

LONGEST_NAME = 100
HEAD_BYTES = 12
"""The kinds of files tell themselves apart within so many bytes."""
EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
"""What a paper's file may be."""

_DIGEST = re.compile("[0-9a-f]{64}")


def media_type_of(head: bytes) -> str | None:
    """What kind of file begins like that, whatever it is called; None for one that no paper may be."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def clean_name(name: str, media_type: str) -> str:
    """What a file may be called on anybody's disk: one line, no path, and an ending that says what it is."""
    printable = "".join(char if char.isprintable() and char not in '<>:"|?*' else " " for char in name)
    last = " ".join(re.split(r"[/\\]", printable)[-1].split()).lstrip(". ")
    ending = EXTENSIONS[media_type]
    endings = {ending, ".jpeg"} if ending == ".jpg" else {ending}
    stem = last[: -len(Path(last).suffix)] if Path(last).suffix.lower() in endings else last
    return f"{stem[: LONGEST_NAME - len(ending)] or 'paper'}{ending}"


class Filing:
    """The folder `papers` in the data folder: `ab/abcdef…` for what has that digest."""

    def __init__(self, data: str) -> None:
        self._folder = Path(data) / "papers"

    def begin(self) -> "Intake":
        """Begins to take a file in."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Intake(self)

    def path(self, digest: str) -> Path | None:
        """Where that file is kept; None where this machine's data folder has none."""
        path = self.place(digest)
        return path if _DIGEST.fullmatch(digest) and path.is_file() else None

    def find(self, digest: str, name: str) -> Attachment | None:
        """The file under a clean name; None where it is not kept."""
        path = self.path(digest)
        if path is None:
            return None
        with path.open("rb") as file:
            media_type = media_type_of(file.read(HEAD_BYTES))
        return Attachment(digest, clean_name(name, media_type), path.stat().st_size) if media_type else None

    def place(self, digest: str) -> Path:
        """Where a file of that digest belongs."""
        return self._folder / digest[:2] / digest

    def delete(self, digest: str) -> None:
        """That file is kept no more."""
        self.place(digest).unlink(missing_ok=True)

    @property
    def folder(self) -> Path:
        return self._folder


class Intake:
    """A file on its way in; what is not kept by the end of the context leaves nothing behind."""

    def __init__(self, filing: Filing) -> None:
        self._filing = filing
        self._digest = hashlib.sha256()
        self._file = tempfile.NamedTemporaryFile(dir=filing.folder, prefix=".coming-", delete=False)  # noqa: SIM115  # we close it
        self.head = b""

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def take(self, chunk: bytes) -> None:
        """The next bytes."""
        self.head += chunk[: HEAD_BYTES - len(self.head)]
        self._digest.update(chunk)
        self._file.write(chunk)

    @property
    def digest(self) -> str:
        """Of what was taken so far."""
        return self._digest.hexdigest()

    def keep(self) -> None:
        """Keeps the file, on the disk before this returns. One that is kept already stays."""
        self._file.flush()
        os.fsync(self._file.fileno())
        place = self._filing.place(self.digest)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        Path(self._file.name).replace(place)
        for folder in (place.parent, self._filing.folder, self._filing.folder.parent):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Makes what was put into the folder last."""
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
