"""Laws of `cueroom keys`."""

from pathlib import Path

import httpx2
import pytest

from commands_run import cueroom, write_show
from conftest import Server, ShowOnServer
from cueroom.show.access import read_key, read_token
from waiting import PATIENCE_S


def keys(show: ShowOnServer, *options: str) -> str:
    told = cueroom("keys", show.id, "--data", show.server.data, *options)
    assert told.stderr == ""
    assert told.returncode == 0
    return told.stdout


def status(show: ShowOnServer, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return show.http.get(f"/v1/shows/{show.id}", headers=headers).status_code


def test_it_prints_a_key_that_works_on_the_running_server_and_nothing_else(show: ShowOnServer) -> None:
    line = keys(show, "--role", "viewer")
    assert line.count("\n") == 1
    assert read_key(line.strip())
    assert status(show, line.strip()) == 200


def test_a_link_leads_to_the_running_server_wherever_it_listens(show: ShowOnServer) -> None:
    link = keys(show, "--role", "producer", "--link").strip()
    base, _, token = link.partition("/join/")
    read = read_token(token)
    assert base == show.server.url
    assert read
    assert read[0] == show.id
    assert status(show, read[1]) == 200


def test_a_link_starts_with_the_public_url(show: ShowOnServer) -> None:
    link = keys(show, "--role", "host", "--link", "--public-url", "https://cue.example.org/")
    assert link.startswith(f"https://cue.example.org/join/{show.id}.")


def test_a_revoked_key_is_worth_nothing(show: ShowOnServer) -> None:
    key = keys(show, "--role", "viewer").strip()
    key_id = key.partition(".")[0]
    assert any(line.startswith(f"{key_id}  viewer") for line in keys(show, "--list").splitlines())
    assert keys(show, "--revoke", key_id) == ""
    assert key_id not in keys(show, "--list")
    assert status(show, key) == 401
    again = cueroom("keys", show.id, "--data", show.server.data, "--revoke", key_id)
    assert again.returncode == 1
    assert f"has no key {key_id}" in again.stderr


def test_a_key_ends_after_the_hours_it_was_given_and_is_listed_no_more(show: ShowOnServer) -> None:
    key = keys(show, "--role", "viewer", "--ttl-h", "0.0000001").strip()
    assert status(show, key) == 401
    assert key.partition(".")[0] not in keys(show, "--list")


def test_it_works_where_no_server_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert Server(data, str(write_show(tmp_path))).stop() == 0
    key = cueroom("keys", "launch-0630", "--role", "viewer", "--data", data).stdout.strip()
    listed = cueroom("keys", "launch-0630", "--list", "--data", data).stdout
    assert listed.startswith(key.partition(".")[0])


def test_an_unknown_show_is_told_in_words(show: ShowOnServer) -> None:
    told = cueroom("keys", "nobody", "--role", "viewer", "--data", show.server.data)
    assert (told.returncode, told.stdout) == (1, "")
    assert "there is no show 'nobody'" in told.stderr
    assert f"this is {show.server.data}" in told.stderr  # whoever forgot to name the store sees which one it was


@pytest.mark.parametrize("options", [(), ("--list", "--role", "host"), ("--role", "emperor")])
def test_it_asks_for_one_clear_wish(options: tuple[str, ...]) -> None:
    assert cueroom("keys", "launch-0630", *options).returncode == 2


def house_keys(show: ShowOnServer, *options: str) -> str:
    told = cueroom("keys", "--all-shows", "--data", show.server.data, *options)
    assert (told.returncode, told.stderr) == (0, "")
    return told.stdout


def test_a_key_to_all_shows_opens_each_of_them_until_it_is_revoked(show: ShowOnServer) -> None:
    other = show.server.new_show()
    key = house_keys(show, "--role", "producer").strip()
    assert (status(show, key), status(other, key)) == (200, 200)
    key_id = key.partition(".")[0]
    assert key_id in house_keys(show, "--list")
    assert key_id not in keys(show, "--list")
    house_keys(show, "--revoke", key_id)
    assert status(show, key) == 401


@pytest.mark.parametrize("words", [("--role", "producer"), ("launch-0630", "--all-shows", "--list")])
def test_it_asks_for_one_show_or_for_all(words: tuple[str, ...]) -> None:
    told = cueroom("keys", *words)
    assert told.returncode == 2
    assert "--all-shows" in told.stderr


@pytest.mark.parametrize("role", ["ingest", "host", "viewer"])
def test_only_producers_get_a_key_to_all_shows(role: str) -> None:
    assert cueroom("keys", "--all-shows", "--role", role).returncode == 2


def test_an_empty_installation_says_how_to_get_in_and_is_opened_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = Server(data)
    try:
        assert "cueroom keys --all-shows --role producer --link" in (tmp_path / "data.log").read_text()
        link = cueroom("keys", "--all-shows", "--role", "producer", "--link", "--data", data).stdout.strip()
        with httpx2.Client(headers={"Accept": "text/html"}, timeout=PATIENCE_S) as browser:
            assert httpx2.get(f"{server.url}/", timeout=PATIENCE_S).status_code == 401
            joined = browser.get(link)
            assert (joined.status_code, joined.headers["location"]) == (303, "/?joined=1")
            assert browser.get(f"{server.url}/").status_code == 200
    finally:
        server.stop()
