"""Laws of access."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.show.access import (
    COVERS,
    Credential,
    KeyRecord,
    Role,
    authorise,
    cookie_name,
    credentials_of,
    join_token,
    judge,
    new_key,
    read_key,
    read_token,
    same_origin,
)

NOW = 1_790_000_000_000
HOUR = 3_600_000
READERS = frozenset({Role.VIEWER})


def made(role: Role) -> tuple[KeyRecord, Credential]:
    record, plain = new_key(role, HOUR, NOW)
    credential = read_key(plain)
    assert credential
    return record, credential


def test_only_the_hash_of_a_secret_is_kept_and_no_two_keys_are_alike() -> None:
    record, plain = new_key(Role.HOST, HOUR, NOW)
    key_id, secret = plain.split(".")
    assert record.id == key_id
    assert secret not in str(record)
    assert len({new_key(Role.HOST, HOUR, NOW)[1] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.INGEST, {Role.INGEST}),
        (Role.PRODUCER, {Role.PRODUCER, Role.HOST, Role.VIEWER}),
        (Role.HOST, {Role.HOST, Role.VIEWER}),
        (Role.VIEWER, {Role.VIEWER}),
    ],
)
def test_a_key_acts_in_its_role_and_those_below(role: Role, allowed: set[Role]) -> None:
    record, credential = made(role)
    statuses = {needed: judge(credential, record, frozenset({needed}), NOW).status for needed in Role}
    assert statuses == {needed: 200 if needed in allowed else 403 for needed in Role}


def test_every_role_covers_itself() -> None:
    assert all(role in COVERS[role] for role in Role)


def test_a_key_ends_when_its_time_is_over() -> None:
    record, credential = made(Role.VIEWER)
    assert judge(credential, record, READERS, NOW + HOUR - 1).status == 200
    assert judge(credential, record, READERS, NOW + HOUR).status == 401


def test_an_unknown_id_and_a_wrong_secret_look_the_same() -> None:
    record, credential = made(Role.VIEWER)
    wrong = Credential(credential.id, "guess")
    assert judge(wrong, record, READERS, NOW) == judge(credential, None, READERS, NOW)
    assert judge(Credential("", ""), None, READERS, NOW).status == 401


@given(st.text(), st.sampled_from(Role))
def test_no_other_secret_opens_a_key(secret: str, role: Role) -> None:
    record, credential = made(role)
    if secret != credential.secret:
        assert judge(Credential(record.id, secret), record, frozenset(Role), NOW).status == 401


@given(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), st.sampled_from(Role))
def test_a_link_leads_to_its_show_and_key(show: str, role: Role) -> None:
    _, plain = new_key(role, HOUR, NOW)
    token = join_token(show, plain)
    assert read_token(token) == (show, plain)
    assert all(char.isascii() and (char.isalnum() or char in "-._") for char in token)


@pytest.mark.parametrize("token", ["", ".", "show", "show.", "show.id", "show.id.", ".id.secret", "show..secret"])
def test_a_broken_link_leads_nowhere(token: str) -> None:
    assert read_token(token) is None


def test_a_key_is_read_from_the_header_or_else_from_the_shows_cookies() -> None:
    cookies = {
        cookie_name("launch", Role.HOST): "h.1",
        cookie_name("launch", Role.PRODUCER): "p.2",
        cookie_name("other", Role.PRODUCER): "o.3",
    }
    by_header = (Credential("k", "s"),)
    by_cookie = (Credential("p", "2", by_cookie=True), Credential("h", "1", by_cookie=True))
    assert credentials_of("launch", "Bearer k.s", cookies) == by_header
    assert credentials_of("launch", "bearer  k.s", {}) == by_header
    assert credentials_of("launch", None, cookies) == by_cookie
    assert credentials_of("launch", "Basic azpz", cookies) == ()
    assert credentials_of("launch", "Bearer", cookies) == ()
    assert credentials_of("launch", None, {}) == ()


def verdict_of(credentials: tuple[Credential, ...], *records: KeyRecord, needed: Role) -> tuple[int, bool]:
    kept = {("launch", record.id): record for record in records}

    async def lookup(show: str, key_id: str) -> KeyRecord | None:
        return kept.get((show, key_id))

    verdict = asyncio.run(authorise(lookup, "launch", credentials, frozenset({needed}), NOW))
    return verdict.status, verdict.by_cookie


def test_one_of_several_cookies_is_enough() -> None:
    producer, credential = made(Role.PRODUCER)
    stale = Credential("gone", "x", by_cookie=True)
    by_cookie = Credential(credential.id, credential.secret, by_cookie=True)
    assert verdict_of((stale, by_cookie), producer, needed=Role.PRODUCER) == (200, True)
    assert verdict_of((credential,), producer, needed=Role.PRODUCER) == (200, False)


def test_the_nearest_miss_is_told() -> None:
    host, credential = made(Role.HOST)
    stale = Credential("gone", "x")
    assert verdict_of((stale, credential), host, needed=Role.PRODUCER)[0] == 403
    assert verdict_of((stale,), host, needed=Role.PRODUCER)[0] == 401
    assert verdict_of((), host, needed=Role.PRODUCER)[0] == 401


@pytest.mark.parametrize(
    ("origin", "host", "public_url", "ours"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", "", True),
        ("https://cue.example.org", "cue.example.org", "", True),
        ("https://CUE.example.org", "cue.example.org:443", "", True),
        ("http://[::1]:8080", "[::1]:8080", "", True),
        ("https://cue.example.org", "10.0.0.7:8080", "https://cue.example.org/", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", "", False),
        ("https://evil.example", "cue.example.org", "https://cue.example.org", False),
        ("https://cue.example.org.evil.example", "cue.example.org", "", False),
        ("https://cue.example.org@evil.example", "cue.example.org", "", False),
        ("null", "cue.example.org", "", False),
        ("", "cue.example.org", "", False),
        (None, "cue.example.org", "", False),
        ("http://:80", "", "", False),
        ("http://a:port", "a:port", "", False),
        ("https://cue.example.org", None, "", False),
    ],
)
def test_only_our_own_pages_are_same_origin(origin: str | None, host: str | None, public_url: str, ours: bool) -> None:
    assert same_origin(origin, host, public_url) is ours
