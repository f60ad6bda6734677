"""The assortment on a server: a pool comes in, a host is described, a show is proposed and becomes a plan."""

import html
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from conftest import Server
from cueroom.storage.pools import CHUNKS
from waiting import PATIENCE_S

HEAD = "货号,名称,类目,品牌标签,价格,佣金率,库存,48小时发货,供应商"
HOST = {"name": "阿美", "currency": "CNY", "tags": "宠物 3, 家居", "price_low": "29", "price_high": "199"}
WISH = {"length_min": "60", "goal": "50000", "count.least": "6", "count.most": "8", "category_most": "4"}


class Desk:
    """A producer with a key to all shows."""

    def __init__(self, server: Server) -> None:
        headers = {"Authorization": f"Bearer {server.new_house_key()}"}
        self.http = httpx2.Client(base_url=server.url, headers=headers, timeout=PATIENCE_S)

    def upload(self, content: bytes, currency: str = "CNY") -> list[Any]:
        answer = self.http.post(f"/products?currency={currency}&file=pool.csv&lang=zh-Hans", content=content)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    def describe(self, **typed: str) -> str:
        """A new host; the profile's id."""
        before = self.hosts()
        answer = self.http.put("/hosts/new", json={"typed": HOST | typed})
        assert answer.status_code == 200, answer.text
        (profile,) = self.hosts() - before
        return profile

    def hosts(self) -> set[str]:
        return set(re.findall(r'href="/hosts/([0-9a-f]+)"', self.http.get("/hosts").text))

    def propose(self, profile: str, **sent: Any) -> httpx2.Response:
        typed = WISH | {"profile": profile} | sent.pop("typed", {})
        return self.http.post("/assortment?lang=en", json={"typed": typed, **sent})

    def items(self, profile: str, **sent: Any) -> list[Any]:
        """What is proposed, as items of a show file."""
        answer = self.propose(profile, **sent)
        assert answer.status_code == 200, answer.text
        told = re.search(r'data-items="([^"]*)"', answer.text)
        assert told, answer.text
        items: list[Any] = json.loads(html.unescape(told[1]))
        return items


def rows(count: int, first: int = 0) -> bytes:
    lines = (
        f"P{at:06},商品{at},类目{at % 5},宠物,{1_000 + at},{at % 40}%,{100 + at},50,华美" for at in range(first, count)
    )
    return "\n".join((HEAD, *lines)).encode()


@pytest.fixture(scope="module")
def desk(server: Server) -> Iterator[Desk]:
    desk = Desk(server)
    yield desk
    desk.http.close()


@pytest.fixture(scope="module")
def profile(desk: Desk) -> str:
    """A host, and a pool of forty products."""
    desk.upload(rows(40))
    return desk.describe()


def test_an_upload_tells_its_progress_and_every_mistake(desk: Desk) -> None:
    *_, told = desk.upload(f"{HEAD}\nA,杯子,家居,,9900,,5,,\nB,,家居,,99.5,,5,,\n".encode())

    assert (told["rows"], told["taken"], told["flawed"]) == (2, 1, 2)
    assert [(flaw["at"], flaw["shown"]) for flaw in told["flaws"]] == [
        ("第 3 行 · B3 · 名称", ""),
        ("第 3 行 · E3 · 价格", "99.5"),
    ]
    assert "A" in desk.http.get("/products").text


def test_a_file_without_a_single_product_replaces_nothing(desk: Desk) -> None:
    desk.upload(rows(3))

    *_, told = desk.upload(b"nothing of the kind")

    assert (told["taken"], told["flawed"]) == (0, 2)
    assert "P000002" in desk.http.get("/products").text


def test_a_hundred_thousand_rows_come_in_and_the_old_ones_go(desk: Desk, server: Server) -> None:
    desk.upload(rows(3))

    told = desk.upload(rows(100_000))

    assert [line["rows"] for line in told[:-1]] == list(range(1_000, 100_001, 1_000))
    assert told[-1]["taken"] == 100_000
    assert len(server.with_store(lambda store: store.house.ids(CHUNKS))) == 100
    page = desk.http.get("/products?q=p09999&page=1").text
    assert [f"P09999{n}" in page for n in range(10)] == [True] * 10
    assert "P000002" not in page
    desk.upload(rows(3))


def test_of_two_uploads_at_once_one_holds_whole(desk: Desk, server: Server) -> None:
    with ThreadPoolExecutor(2) as both:
        ends = [told[-1] for told in both.map(desk.upload, (rows(3_000), rows(5_000)))]

    kept = [end["taken"] for end in ends if not end["problem"]]
    assert 1 <= len(kept) <= 2
    assert all(end["problem"] in ("", "stale_pool") for end in ends)
    found = re.search(r"([\d,]+) (?:products|found)", desk.http.get("/products?lang=en").text)
    assert found
    assert int(found[1].replace(",", "")) in kept
    desk.upload(rows(3))
    assert len(server.with_store(lambda store: store.house.ids(CHUNKS))) == 1


@pytest.mark.parametrize(("path", "status"), [("/products?currency=yuan", 400), ("/products?currency=CNY&file=a", 200)])
def test_an_upload_names_its_currency(desk: Desk, path: str, status: int) -> None:
    assert desk.http.post(path, content=rows(3)).status_code == status


def test_the_template_is_a_workbook(desk: Desk) -> None:
    assert desk.http.get("/products/template.xlsx").content.startswith(b"PK")


def test_nobody_comes_in_without_a_key_to_all_shows(server: Server) -> None:
    for path in ("/products", "/products/template.xlsx", "/hosts", "/hosts/new", "/assortment"):
        assert httpx2.get(f"{server.url}{path}", timeout=PATIENCE_S).status_code == 401
    for path in ("/products?currency=CNY", "/assortment"):
        assert httpx2.post(f"{server.url}{path}", content=b"{}", timeout=PATIENCE_S).status_code == 401


def test_a_host_is_kept_from_the_version_that_was_seen(desk: Desk) -> None:
    profile = desk.describe(name="小美")
    page = desk.http.get(f"/hosts/{profile}").text
    seen = re.search(r'data-version="(\d+)"', page)
    assert seen
    version = int(seen[1])

    answers = [
        desk.http.put(f"/hosts/{profile}", json={"typed": HOST | {"name": name}, "version": version})
        for name in ("大美", "老美")
    ]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert "大美" in desk.http.get(f"/hosts/{profile}").text


def test_a_wrong_host_is_told_field_by_field_in_the_readers_language(desk: Desk) -> None:
    answer = desk.http.put("/hosts/new?lang=zh-Hans", json={"typed": HOST | {"price_low": "free"}})

    assert answer.status_code == 422
    assert answer.json()["faults"] == {"price_low": "大于零的金额，如 99.00"}


def test_a_proposal_fulfils_the_wish_and_says_why(desk: Desk, profile: str) -> None:
    desk.upload(rows(40))

    answer = desk.propose(profile)

    assert answer.status_code == 200
    items = desk.items(profile)
    assert 6 <= len(items) <= 8
    assert sum(item["minutes"] for item in items) <= 60
    assert answer.text.count('class="why"') == len(items)
    assert "Expected, not promised" in answer.text
    assert items[0].keys() == {
        *("sku", "name", "category", "role", "price", "stock", "minutes", "ship_48h", "supplier"),
    }


def test_pins_are_in_and_bans_are_not_whatever_they_are_worth(desk: Desk, profile: str) -> None:
    desk.upload(rows(40))
    best = [item["sku"] for item in desk.items(profile)]
    left = next(f"P{at:06}" for at in range(40) if f"P{at:06}" not in best)

    items = desk.items(profile, pins={left: "benefit"}, bans=best[:2])

    assert {item["sku"]: item["role"] for item in items}[left] == "benefit"
    assert not {item["sku"] for item in items} & set(best[:2])


def test_no_selection_is_told_in_words(desk: Desk, profile: str) -> None:
    desk.upload(rows(3))

    answer = desk.propose(profile)

    assert answer.status_code == 200
    assert "6 items are wanted at least, but only 3 can be had" in answer.text


def test_a_wish_that_cannot_be_read_is_told_at_its_fields(desk: Desk, profile: str) -> None:
    desk.upload(rows(40))

    answer = desk.propose(profile, typed={"goal": "", "length_min": "long"})

    assert answer.status_code == 422
    assert answer.json()["faults"].keys() == {"goal", "length_min"}


def test_a_pool_and_a_host_in_two_currencies_make_no_show(desk: Desk, profile: str) -> None:
    desk.upload(rows(40), "USD")

    answer = desk.propose(profile)

    assert (answer.status_code, answer.json()["code"]) == (409, "other_currency")


def test_what_is_accepted_becomes_the_draft_of_a_show(desk: Desk, profile: str) -> None:
    desk.upload(rows(40))
    items = desk.items(profile)
    show = {"id": "put-together", "title": "组货", "duration_min": 60, "goal": 5_000_000, "currency": "CNY"}

    made = desk.http.post("/new", json={"document": {"show": show, "items": items}})

    assert made.status_code == 201
    page = html.unescape(desk.http.get(made.json()["url"]).text)
    for item in items:
        assert json.dumps(item["sku"]) in page
    assert '"supplier":' in page.replace(" ", "")


def test_a_proposal_names_the_hour_at_which_the_fans_watch(desk: Desk, profile: str) -> None:
    assert "A start at" not in desk.propose(profile).text
    night_owls = desk.describe(active_hours="22-1")
    assert "A start at 22:00 meets" in desk.propose(night_owls, typed={"length_min": "240"}).text
