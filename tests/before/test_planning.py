"""Laws of planning: what is typed is kept, told in full, and goes into the show once it is right."""

import io
import itertools
import os
from typing import Any

import pytest
import xlsxwriter

from conftest import Server, ShowOnServer
from cueroom import showfile
from cueroom.before.planning import as_json
from cueroom.show.rundown import Rundown
from cueroom.showfile.book import to_workbook
from cueroom.showfile.document import document_of
from cueroom.showfile.writing import to_toml
from cueroom.storage.dossiers import keep_dossier
from cueroom.storage.house import NEW
from desk import Desk
from papers_given import cleared

_NAMES = (f"planned-{os.getpid()}-{n}" for n in itertools.count())
RIGHT = {
    "title": "新场",
    "starts_at": "2026-11-22T20:00:00+08:00",
    "duration_min": 60,
    "currency": "CNY",
    "goal": 1_000_000,
}
ITEM = {"sku": "V01", "name": "面膜", "price": 9_900, "stock": 100, "minutes": 10}


@pytest.fixture
def desk(server: Server, house_key: str) -> Desk:
    return Desk(server, house_key, next(_NAMES))


@pytest.fixture
def shows_desk(show: ShowOnServer) -> Desk:
    """The producer of a show that is there."""
    return Desk(show.server, show.keys["producer"], show.id).look()


def document(show: str, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"show": {**RIGHT, "id": show, **changes}, "items": list(items) or [dict(ITEM)]}


def test_a_show_is_made_from_nothing_and_can_then_be_played(desk: Desk) -> None:
    begun = desk.begin(title="新场")
    assert (begun.status_code, begun.json()["url"]) == (201, f"/shows/{desk.show}/plan")
    assert f"/shows/{desk.show}/plan" in desk.http.get("/").text
    answer = desk.look().type(document(desk.show)).json()
    assert answer["preview"]["faults"] == []
    assert desk.publish().status_code == 200
    state = desk.http.get(f"/v1/shows/{desk.show}").json()
    assert (state["show"]["title"], state["phase"], list(state["items"])) == ("新场", "planned", ["V01"])
    assert desk.http.post(f"/v1/shows/{desk.show}/commands", json={"command": "start"}).status_code == 200
    assert desk.opened()["version"] == 0


@pytest.mark.parametrize("show", ["", "Große Show", "+house", 7])
def test_a_show_begins_with_a_right_id(desk: Desk, show: Any) -> None:
    answer = desk.http.post("/new", json={"document": {"show": {"id": show}}})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_show_id")


def test_nobody_begins_a_show_that_is_there(desk: Desk, show: ShowOnServer) -> None:
    desk.begin()
    assert desk.begin().status_code == 409
    desk.show = show.id
    assert desk.begin().json()["code"] == "known_show"


def test_what_was_typed_is_there_again_with_all_its_mistakes(desk: Desk) -> None:
    desk.begin()
    typed = document(desk.show, {**ITEM, "price": "viel"}, dict(ITEM), goal="")
    told = desk.look().type(typed).json()["preview"]
    assert {fault["at"] for fault in told["faults"]} == {"items.0.price", "show.goal", "items.1.sku"}
    opened = desk.opened()
    assert opened["document"] == typed
    assert opened["preview"] == told
    assert desk.publish().json()["code"] == "plan_has_mistakes"


def test_of_two_who_type_the_second_is_told_and_may_keep_their_own(desk: Desk, server: Server, house_key: str) -> None:
    desk.begin()
    other = Desk(server, house_key, desk.show).look()
    desk.look().type(document(desk.show, title="mine"))
    refused = other.type(document(desk.show, title="theirs"))
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_plan")
    assert desk.opened()["document"]["show"]["title"] == "mine"
    kept = other.type(document(desk.show, title="theirs"), version=refused.json()["version"])
    assert kept.status_code == 200
    assert desk.publish().status_code == 412


def test_a_draft_that_is_sent_again_by_a_page_that_does_not_know_is_no_conflict(desk: Desk) -> None:
    desk.begin()
    before = dict(desk.look().seen)
    first = desk.type(document(desk.show, title="mine"))
    again = desk.type(document(desk.show, title="mine"), **before)
    assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])


def test_a_draft_over_an_older_show_is_not_put_over_a_newer_one(shows_desk: Desk, show: ShowOnServer) -> None:
    shows_desk.type(document(show.id))
    newer = document_of(show.rundown) | {"policy": {"encore_most": 1}}
    rundown = showfile.parse(to_toml(show.rundown).encode() + b"\n[policy]\nencore_most = 1\n")
    assert isinstance(rundown, Rundown)
    assert document_of(rundown) == newer
    show.server.with_store(lambda store: store.put_show(rundown, 0))
    assert shows_desk.publish().json()["code"] == "stale_plan"


def test_what_was_sold_stays_in_the_show_and_the_refusal_says_so(shows_desk: Desk, show: ShowOnServer) -> None:
    show.command("present", sku="V02")
    shows_desk.type(document(show.id))
    refused = shows_desk.publish()
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_change")
    assert "V02" in refused.json()["detail"]
    edited = as_json(document_of(show.rundown))
    edited["items"][0]["minutes"] = 3.5
    shows_desk.type(edited)
    assert shows_desk.publish().status_code == 200
    assert show.state()["items"]["V01"]["minutes"] == 3.5
    assert show.state()["live"]["sku"] == "V02"


def test_a_draft_is_forgotten_when_it_is_discarded(desk: Desk, shows_desk: Desk, show: ShowOnServer) -> None:
    shows_desk.type(document(show.id, title="other"))
    gone = shows_desk.http.delete(f"/shows/{show.id}/plan/draft")
    assert gone.json()["url"] == f"/shows/{show.id}/plan"
    assert shows_desk.opened()["document"] == as_json(document_of(show.rundown))
    desk.begin()
    assert desk.http.delete(f"/shows/{desk.show}/plan/draft").json()["url"] == "/"
    assert desk.http.get(f"/shows/{desk.show}/plan").status_code == 404


def test_a_plan_opens_for_its_producers_alone(desk: Desk, show: ShowOnServer) -> None:
    desk.begin()
    for role, expected in (("host", 403), ("viewer", 403), ("ingest", 403)):
        assert show.http.get(f"/shows/{show.id}/plan", headers=show.headers(role)).status_code == expected
    for path in (f"/shows/{desk.show}/plan", "/new", "/new/template.xlsx"):
        assert show.http.get(path, headers=show.headers("producer")).status_code in (401, 404)
        assert show.http.get(path).status_code in (401, 404)
    nowhere = desk.http.get("/shows/nowhere/plan")
    assert nowhere.status_code == 404


def test_a_file_becomes_what_is_typed_whatever_is_wrong_with_it(desk: Desk, show: ShowOnServer) -> None:
    broken = to_toml(show.rundown).replace("price = 9900", 'price = "99 yuan"')
    read = desk.http.post("/new/read", content=broken.encode())
    assert read.json()["document"]["items"][0]["price"] == "99 yuan"
    for content in (to_toml(show.rundown).encode(), to_workbook(show.rundown, "zh-Hant")):
        read = desk.http.post("/new/read", content=content)
        assert desk.http.post(f"/shows/{show.id}/plan/read", content=content).json() == read.json()
        desk.seen = {"version": 0, "base": ""}
        desk.show = next(_NAMES)
        desk.http.post("/new", json={"document": {"show": {"id": desk.show}}})
        assert desk.look().type(read.json()["document"]).json()["preview"]["faults"] == []
    assert desk.http.post("/new/read", content=b"\x00nothing").json()["code"] == "unreadable_file"
    assert desk.http.post("/new/read", content=b"PKnothing").json()["code"] == "unreadable_file"


def test_what_a_workbook_cannot_mean_is_left_out_and_said(desk: Desk) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("商品")
        sheet.write_row(0, 0, ["sku", "price (yuan)", "minutes", "colour", "货号"])
        sheet.write_row(1, 0, ["A", 99, "", "red", "B"])
        sheet.write_row(2, 0, ["C", 99])
        sheet.merge_range(1, 2, 2, 2, 9)
    read = desk.http.post("/new/read", content=content.getvalue(), headers={"Accept-Language": "en"}).json()
    assert read["document"]["items"] == [{"sku": "A", "minutes": 9}, {"sku": "C"}]
    assert read["notes"] == [
        "商品!B1 · Not read: money must be in minor units, such as 9900 for 99.00",
        "商品!D1 · No such column; it was not read",
        "商品!E1 · A second column for the same; it was not read",
        "商品!C3 · Not read: the cell is merged with the one above it",
    ]


@pytest.mark.parametrize("form", ["toml", "xlsx"])
def test_a_plan_is_downloaded_as_a_file_of_that_plan(shows_desk: Desk, show: ShowOnServer, form: str) -> None:
    answer = shows_desk.http.get(f"/shows/{show.id}/plan/file.{form}")
    assert f'filename="{show.id}.{form}"' in answer.headers["content-disposition"]
    assert showfile.parse(answer.content) == show.rundown


@pytest.mark.parametrize(
    ("locale", "mistake"), [("zh-Hans", "商品 2 价格: "), ("zh-Hant", "商品 2 價格: "), ("en", "items 2 price: ")]
)
def test_a_plan_with_mistakes_is_no_file_and_says_what_to_mend_and_where(desk: Desk, locale: str, mistake: str) -> None:
    desk.begin()
    desk.look().type(document(desk.show, dict(ITEM), {**ITEM, "sku": "V02", "price": "viel"}))
    answer = desk.http.get(f"/shows/{desk.show}/plan/file.toml?lang={locale}")
    assert answer.status_code == 409
    assert f"<li>{mistake}" in answer.text
    assert f'href="/shows/{desk.show}/plan"' in answer.text


def test_an_empty_workbook_is_there_to_be_filled_in(desk: Desk) -> None:
    answer = desk.http.get("/new/template.xlsx?lang=en")
    assert answer.content.startswith(b"PK")
    problems = showfile.parse(answer.content)
    assert isinstance(problems, list)
    assert not [problem for problem in problems if "unknown" in str(problem)]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"document": 1}', b'{"document": {"show": 9}, "version": "x"}'])
def test_what_no_page_of_ours_sends_is_refused_in_words(desk: Desk, body: bytes) -> None:
    desk.begin()
    answer = desk.http.put(f"/shows/{desk.show}/plan/draft", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_no_number_in_a_file_or_a_draft_is_too_large_to_be_told(desk: Desk, show: ShowOnServer) -> None:
    desk.begin()
    huge = to_toml(show.rundown).replace("price = 9900", f"price = {10**40}")
    read = desk.http.post("/new/read", content=huge.encode())
    assert read.status_code == 200, read.text
    told = desk.look().type(read.json()["document"])
    assert "items.0.price" in {fault["at"] for fault in told.json()["preview"]["faults"]}


def test_a_plan_that_requires_papers_goes_into_the_show_once_every_item_has_them(desk: Desk, server: Server) -> None:
    desk.begin()
    sku = f"{desk.show}-V01"
    typed = desk.look().type(document(desk.show, {**ITEM, "sku": sku}, papers=True)).json()["preview"]
    assert [(fault["at"], fault["way"]) for fault in typed["faults"]] == [("items.0.name", f"/papers/{sku}")]
    assert desk.opened()["preview"] == typed
    refused = desk.publish()
    assert (refused.status_code, refused.json()["code"], list(refused.json()["lacks"])) == (
        409,
        "papers_missing",
        [sku],
    )
    server.with_store(lambda store: keep_dossier(store.house, cleared(sku), NEW))
    assert desk.opened()["preview"]["faults"] == []
    assert desk.publish().status_code == 200
