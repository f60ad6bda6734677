"""Laws of filing: a file is kept once, by what is in it, and is called what it is."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.before.filing import EXTENSIONS, LONGEST_NAME, Filing, clean_name, media_type_of

PDF = b"%PDF-1.7\n" + bytes(range(256))


def keep(filing: Filing, content: bytes) -> str:
    with filing.begin() as intake:
        for at in range(0, len(content), 100):
            intake.take(content[at : at + 100])
        intake.keep()
        return intake.digest


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_by_its_digest_and_once_however_often_it_comes(tmp_path: Path) -> None:
    filing = Filing(str(tmp_path))
    digest = hashlib.sha256(PDF).hexdigest()
    assert [keep(filing, PDF), keep(filing, PDF)] == [digest, digest]
    assert files_in(tmp_path) == [digest]
    assert (tmp_path / "papers" / digest[:2] / digest).read_bytes() == PDF


def test_what_is_not_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    with Filing(str(tmp_path)).begin() as intake:
        intake.take(PDF)
    assert files_in(tmp_path) == []


def test_a_kept_file_is_found_again_with_its_clean_name_and_size(tmp_path: Path) -> None:
    filing = Filing(str(tmp_path))
    found = filing.find(keep(filing, PDF), "合同.PDF")
    assert found
    assert (found.name, found.size) == ("合同.pdf", len(PDF))


@pytest.mark.parametrize("digest", ["", "00" * 32, "../../etc/passwd", "AB" * 32, "."])
def test_what_is_no_digest_or_not_kept_is_nowhere(tmp_path: Path, digest: str) -> None:
    keep(Filing(str(tmp_path)), PDF)
    assert Filing(str(tmp_path)).find(digest, "x.pdf") is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<html>%PDF-", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_a_file_is_what_it_begins_like(head: bytes, kind: str | None) -> None:
    assert media_type_of(head) == kind


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("a.pdf", "a.pdf"),
        ("a.exe", "a.exe.pdf"),
        ("..\\..\\a.PDF", "a.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("..", "paper.pdf"),
        ("", "paper.pdf"),
        ('a"\r\nb.pdf', "a b.pdf"),
    ],
)
def test_a_name_says_what_the_file_is_and_leads_nowhere(told: str, kept: str) -> None:
    assert clean_name(told, "application/pdf") == kept


@given(st.text(), st.sampled_from(sorted(EXTENSIONS)))
def test_no_name_has_a_path_a_control_character_or_no_end(told: str, media_type: str) -> None:
    name = clean_name(told, media_type)
    assert name.endswith(EXTENSIONS[media_type])
    assert len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert not set(name) & set('/\\<>:"|?*')
    assert not name.startswith(".")
