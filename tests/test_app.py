"""Laws of the addresses: what is there, and what is said where nothing is."""

import json

import httpx2
import pytest
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from conftest import Server, ShowOnServer
from cueroom.app import create_app
from cueroom.errors import CueroomError, NotLeading, OtherForm, UnknownShow
from cueroom.settings import Settings
from waiting import PATIENCE_S


@pytest.fixture
def http(server: Server) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def storeless(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The app while its store is away."""
    return TestClient(create_app(Settings(redis=f"unix://{tmp_path_factory.mktemp('away')}/nobody.sock")))


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/v1/shows/x"),
        ("POST", "/v1/shows/x/events"),
        ("POST", "/v1/shows/x/commands"),
        ("POST", "/shows/x/links"),
        ("POST", "/shows/x/cues/c-1/shown"),
        ("GET", "/join/x.key.secret"),
        ("GET", "/"),
    ],
)
def test_while_the_store_is_away_programs_are_asked_to_come_back(
    storeless: TestClient, method: str, address: str
) -> None:
    problem = storeless.request(method, address)
    assert (problem.status_code, problem.json()["code"]) == (503, "store_unavailable")
    assert int(problem.headers["retry-after"]) > 0


@pytest.mark.parametrize("address", ["/", "/shows/x/console", "/shows/x/recap", "/join/x.key.secret"])
def test_while_the_store_is_away_people_are_told_in_words(storeless: TestClient, address: str) -> None:
    page = storeless.get(address, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 503
    assert page.text.startswith("<!doctype html>")
    assert "the store does not answer" in page.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(UnknownShow("x"), 404, "unknown_show"), (OtherForm("x"), 500, "failed"), (NotLeading("x"), 500, "failed")],
)
def test_nobody_is_asked_to_come_back_for_what_coming_back_does_not_heal(
    storeless: TestClient, monkeypatch: pytest.MonkeyPatch, error: CueroomError, status: int, code: str
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("cueroom.storage.store.Store.get_key", fail)
    problem = storeless.get("/join/x.key.secret")
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert problem.json()["detail"] == str(error)
    assert "retry-after" not in problem.headers


def test_a_server_says_that_it_is_up_and_ready(http: httpx2.Client) -> None:
    assert http.get("/healthz").status_code == 200
    assert http.get("/readyz").status_code == 200


def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(http: httpx2.Client) -> None:
    problem = http.get("/v1/nothing")
    assert (problem.status_code, problem.json()["code"]) == (404, "no_such_address")
    page = http.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/healthz/", "/healthz"),
        ("/join/show.id.secret/?a=1&b=%2F", "/join/show.id.secret?a=1&b=%2F"),
        ("/shows/%E5%AE%A0%3F%25/console/", "/shows/%E5%AE%A0%3F%25/console"),
        ("//elsewhere.example/", "/elsewhere.example"),
        ("/nothing/%0D%0ASet-Cookie:%20a=b/", "/nothing/%0D%0ASet-Cookie%3A%20a%3Db"),
    ],
)
def test_a_slash_too_many_leads_to_the_address_without_it_and_never_to_another_host_or_scheme(
    server: Server, http: httpx2.Client, asked: str, led_to: str
) -> None:
    response = http.get(f"{server.url}{asked}", headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.headers["location"]) == (307, led_to)


def test_a_wrong_method_is_told_the_right_one(http: httpx2.Client) -> None:
    response = http.delete("/healthz")
    assert (response.status_code, response.json()["code"]) == (405, "wrong_method")
    assert "GET" in response.headers["allow"]


def test_a_socket_to_no_address_is_refused_with_404(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{server.ws_url}/v1/shows/x/ingestx", open_timeout=PATIENCE_S)
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body)["code"] == "no_such_address"


def test_a_sockets_address_without_an_upgrade_says_so(show: ShowOnServer) -> None:
    assert show.http.get(f"/v1/shows/{show.id}/ingest").status_code == 426


def test_every_answer_forbids_foreign_scripts(http: httpx2.Client) -> None:
    for address in ("/", "/healthz", "/nothing", "/static/css/base.css"):
        headers = http.get(address).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
