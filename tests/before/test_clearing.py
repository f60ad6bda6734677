"""Laws of the papers' pages: files come in once and never open in a browser, and of two who edit one is told."""

import hashlib
import itertools
import os
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
import pytest

from conftest import Server, ShowOnServer, small_rundown
from cueroom.before.sweeping import await_papers
from cueroom.show.papers import Dossier, PaperKind, State
from cueroom.storage.dossiers import read_dossier
from waiting import PATIENCE_S

_SKUS = (f"保湿/{os.getpid()}-{n}" for n in itertools.count())
PDF = b"%PDF-1.7\n" + os.urandom(300_000)
MOST = 20 << 20


class Clerk:
    """A person at the papers of one product; `version` is what their page last saw."""

    def __init__(self, server: Server, key: str, sku: str) -> None:
        self.server = server
        self.http = httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)
        self.sku = sku
        self.version = 0

    def send(self, content: bytes) -> httpx2.Response:
        return self.http.post("/paper-files", content=content)

    def do(self, deed: str, lang: str = "en", **fields: Any) -> httpx2.Response:
        body = {"deed": deed, "version": self.version, "by": "王芳", **fields}
        answer = self.http.post(f"/papers/{quote(self.sku)}?lang={lang}", json=body)
        if answer.status_code == 204:
            self.version = self._kept()[1]
        return answer

    def hand_in(self, kind: str = "contract", **fields: Any) -> httpx2.Response:
        digest = self.send(PDF).json()["digest"]
        files = [{"digest": digest, "name": "合同.pdf"}]
        return self.do("hand_in", kind=kind, **{"number": "N-7", "files": files, **fields})

    def dossier(self) -> Dossier:
        return self._kept()[0]

    def page(self) -> str:
        answer = self.http.get(f"/papers/{quote(self.sku)}?lang=en")
        assert answer.status_code == 200
        return answer.text

    def _kept(self) -> tuple[Dossier, int]:
        return self.server.with_store(lambda store: read_dossier(store.house, self.sku))


@pytest.fixture
def clerk(server: Server, house_key: str) -> Clerk:
    return Clerk(server, house_key, next(_SKUS))


def test_a_paper_is_handed_in_approved_and_its_history_tells_by_whom(clerk: Clerk) -> None:
    assert clerk.hand_in().status_code == 204
    assert clerk.do("judge", kind="contract", state="approved").status_code == 204
    paper = clerk.dossier().papers[PaperKind.CONTRACT]
    assert [step.state for step in paper.steps] == [State.GIVEN, State.APPROVED]
    assert paper.files[0].digest == hashlib.sha256(PDF).hexdigest()
    page = clerk.page()
    assert "王芳 (producer" in page
    assert "contract missing" not in page


def test_mistakes_stand_at_their_fields_in_the_readers_language(clerk: Clerk) -> None:
    told = {lang: clerk.do("hand_in", lang, kind="contract", number="", by="").json() for lang in ("en", "zh-Hans")}
    for answer in told.values():
        assert (answer["code"], set(answer["faults"])) == ("bad_papers", {"by", "number", "files"})
    assert told["en"]["faults"] != told["zh-Hans"]["faults"]
    assert clerk.dossier().papers == {}


def test_of_two_who_edit_a_dossier_the_second_is_told(server: Server, house_key: str, clerk: Clerk) -> None:
    other = Clerk(server, house_key, clerk.sku)
    assert clerk.do("trade", trade="cross_border").status_code == 204
    refused = other.do("trade", trade="general")
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_papers")


def test_a_file_that_nobody_hands_in_within_a_day_goes_when_the_next_one_comes(clerk: Clerk) -> None:
    assert clerk.hand_in().status_code == 204
    handed_in = hashlib.sha256(PDF).hexdigest()
    forgotten, begun_anew = (clerk.send(b"%PDF-" + os.urandom(99)).json()["digest"] for _ in range(2))
    aged = [handed_in, forgotten, begun_anew]
    clerk.server.with_store(lambda store: await_papers(store.house, aged, 1_700_000_000_000))
    files = [{"digest": begun_anew, "name": "新合同.pdf"}]
    assert clerk.do("hand_in", kind="inspection", number="", files=files).status_code == 400
    clerk.send(b"%PDF-" + os.urandom(99))
    found = {digest: clerk.http.get(f"/paper-files/{digest}?name=x").status_code for digest in aged}
    assert found == {handed_in: 200, forgotten: 404, begun_anew: 200}


def test_a_file_is_only_ever_saved_and_comes_back_as_it_was(clerk: Clerk) -> None:
    digest = clerk.send(PDF).json()["digest"]
    assert clerk.send(PDF).json()["digest"] == digest
    answer = clerk.http.get(f"/paper-files/{digest}?name=..%2F合同.html")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote('合同.html.pdf')}"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html>", 415, "file_kind"),
        (b"", 415, "file_kind"),
        (b"%PDF-" + bytes(MOST), 413, "too_big"),
    ],
)
def test_what_is_no_paper_or_too_large_is_kept_nowhere(clerk: Clerk, content: bytes, status: int, code: str) -> None:
    answer = clerk.send(content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not list((clerk.server.data / "papers").rglob(".coming-*"))
    digest = hashlib.sha256(content).hexdigest()
    assert not (clerk.server.data / "papers" / digest[:2] / digest).exists()


def test_a_file_of_the_largest_size_comes_in(clerk: Clerk) -> None:
    content = b"%PDF-".ljust(MOST, b"x")
    assert clerk.send(content).json()["digest"] == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_not_there_is_told_so(clerk: Clerk) -> None:
    assert clerk.http.get(f"/paper-files/{'00' * 32}").status_code == 404


def test_the_list_tells_what_is_planned_and_what_lacks(server: Server, clerk: Clerk) -> None:
    plain = small_rundown(f"listed-{os.getpid()}")
    planned = msgspec.structs.replace(plain.items[0], sku=f"planned-{os.getpid()}", name=f"吸尘器 {os.getpid()}")
    ShowOnServer(server, msgspec.structs.replace(plain, items=(planned,)))
    clerk.hand_in()
    everything = clerk.http.get("/papers?lang=en").text
    assert clerk.sku in everything
    assert f"吸尘器 {os.getpid()}" in everything
    assert clerk.sku in clerk.http.get("/papers?lacking=contract").text
    clerk.do("judge", kind="contract", state="approved")
    assert clerk.sku not in clerk.http.get("/papers?lacking=contract").text
    assert clerk.sku in clerk.http.get("/papers?lacking=any").text


def test_any_product_can_be_opened_by_its_sku(clerk: Clerk) -> None:
    answer = clerk.http.get("/papers", params={"sku": clerk.sku})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/papers/{quote(clerk.sku)}")


@pytest.mark.parametrize("path", ["/papers", "/papers/V01", f"/paper-files/{'00' * 32}"])
def test_a_key_to_one_show_opens_no_papers(show: ShowOnServer, path: str) -> None:
    assert show.http.get(path, headers=show.headers("producer")).status_code in (401, 403)
    assert show.http.post("/paper-files", content=PDF, headers=show.headers("producer")).status_code in (401, 403)
