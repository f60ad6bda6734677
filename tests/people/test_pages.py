"""Laws of the pages: who gets in, by which link, and what others are told."""

import httpx2
import pytest

from conftest import ShowOnServer
from cueroom.show.access import HOUSE
from cueroom.views.options import OPTIONS
from waiting import PATIENCE_S

SCREENS = {"producer": "console", "host": "prompter", "viewer": "overlay"}


def browser(show: ShowOnServer) -> httpx2.Client:
    return httpx2.Client(
        base_url=show.server.url, headers={"Accept": "text/html", "Accept-Language": "en"}, timeout=PATIENCE_S
    )


def link(show: ShowOnServer, role: str) -> str:
    return f"/join/{show.id}.{show.keys[role]}"


@pytest.mark.parametrize(("role", "screen"), SCREENS.items())
def test_a_link_turns_into_a_cookie_no_script_reads_and_leads_to_the_screen(
    show: ShowOnServer, role: str, screen: str
) -> None:
    client = browser(show)
    response = client.get(link(show, role))
    assert response.status_code == 303
    assert response.headers["location"].startswith(f"/shows/{show.id}/{screen}")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = client.get(response.headers["location"])
    assert page.status_code == 200
    assert "测试场" in page.text or screen != "console"


def test_a_browser_that_kept_its_cookie_back_is_sent_round_once_more(show: ShowOnServer) -> None:
    page = browser(show).get(f"/shows/{show.id}/console?joined=1&lang=en")
    assert page.status_code == 200
    assert f'content="0;url=/shows/{show.id}/console?lang=en"' in page.text


def test_a_screen_is_only_for_its_role(show: ShowOnServer) -> None:
    client = browser(show)
    client.get(link(show, "host"))
    assert client.get(f"/shows/{show.id}/prompter").status_code == 200
    assert client.get(f"/shows/{show.id}/console").status_code == 403
    assert client.get("/").status_code == 401
    assert browser(show).get(f"/shows/{show.id}/prompter").status_code == 401


def test_the_shows_are_those_the_browser_has_a_producers_key_for(show: ShowOnServer) -> None:
    other = show.server.new_show("other")
    client = browser(show)
    client.get(link(show, "producer"))
    page = client.get("/").text
    assert f"/shows/{show.id}/console" in page
    assert other.id not in page


def test_a_key_to_all_shows_lists_and_opens_every_one(show: ShowOnServer) -> None:
    other = show.server.new_show("other")
    client = browser(show)
    joined = client.get(f"/join/{HOUSE}.{show.server.new_house_key()}", follow_redirects=True)
    assert joined.status_code == 200
    for one in (show, other):
        assert f"/shows/{one.id}/console" in joined.text
        assert client.get(f"/shows/{one.id}/console").status_code == 200
    assert client.get("/shows/nowhere/console").status_code == 404
    assert client.get(f"/shows/{HOUSE}/console").status_code == 404


def test_the_key_of_one_show_is_none_to_all(show: ShowOnServer) -> None:
    assert browser(show).get(f"/join/{HOUSE}.{show.keys['producer']}").status_code == 401


def test_every_page_in_the_frame_says_where_one_is(show: ShowOnServer) -> None:
    client = browser(show)
    client.get(link(show, "producer"))
    for name in ("plan", "links", "policy", "options"):
        page = client.get(f"/shows/{show.id}/{name}").text
        assert f'href="/shows/{show.id}/{name}" aria-current="page"' in page
        assert f'href="/shows/{show.id}/console"' in page
        assert 'href="/"' in page


def test_a_broken_link_is_said_to_be_none(show: ShowOnServer) -> None:
    for token in ("x", f"{show.id}.nothing.at-all", f"nowhere.{show.keys['host']}", f"{show.id}.{show.keys['ingest']}"):
        response = browser(show).get(f"/join/{token}")
        assert response.status_code == 401
        assert "set-cookie" not in response.headers


def test_a_prompter_for_nobody_is_refused_in_words(show: ShowOnServer) -> None:
    client = browser(show)
    client.get(link(show, "host"))
    assert client.get(f"/shows/{show.id}/prompter?host=guest").status_code == 200
    page = client.get(f"/shows/{show.id}/prompter?host=nobody")
    assert page.status_code == 404
    assert "lead, guest" in page.text


def test_a_chosen_language_is_kept(show: ShowOnServer) -> None:
    client = browser(show)
    client.get(link(show, "producer"))
    console = f"/shows/{show.id}/console"
    assert '<html lang="en"' in client.get(console).text
    client.get(f"{console}?lang=zh-Hant")
    assert '<html lang="zh-Hant"' in client.get(console).text


def test_every_option_of_a_screen_is_listed_with_its_values(show: ShowOnServer) -> None:
    client = browser(show)
    client.get(link(show, "producer"))
    page = client.get(f"/shows/{show.id}/options").text
    for screen, options in OPTIONS.items():
        links = [f"/shows/{show.id}/{screen}?{option.name}={value}" for option in options for value in option.values]
        assert [link for link in links if f'href="{link}"' not in page] == []


def test_the_policy_page_shows_what_holds_now(show: ShowOnServer) -> None:
    show.command("policy", set={"host_gap_s": 33.0})
    client = browser(show)
    client.get(link(show, "producer"))
    page = client.get(f"/shows/{show.id}/policy?lang=en")
    assert page.status_code == 200
    row = page.text.partition('id="policy-host_gap_s"')[2].partition("</tr>")[0]
    assert 'value="33"' in row
    assert "Back to 20" in row
    assert "set during the show" in row
    assert browser(show).get(f"/shows/{show.id}/policy").status_code == 401
