"""Laws of the URLs of the store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.errors import StoreRefused
from cueroom.storage.redis_url import Cluster, Login, SentinelSet, Single, parse_redis_url
from cueroom.storage.store import Store


@pytest.mark.parametrize("url", ["redis://h", "rediss://u:p@h:1/2", "unix:///run/redis.sock"])
def test_one_server_is_named_as_it_is(url: str) -> None:
    assert parse_redis_url(url) == Single(url)


def test_a_cluster_is_named_by_some_of_its_nodes() -> None:
    found = parse_redis_url("redis+cluster://cue:s%40crt@a:7000,b,[::1]:7002?socket_keepalive=yes")
    assert isinstance(found, Cluster)
    assert found.seeds == (("a", 7000), ("b", 6379), ("::1", 7002))
    assert found.login.url(("c", 1)) == "redis://cue:s%40crt@c:1/0?socket_keepalive=yes"
    assert found.login.url(("::1", 2)) == "redis://cue:s%40crt@[::1]:2/0?socket_keepalive=yes"


def test_a_sentinel_set_has_a_service_and_logins_of_its_own_for_servers_and_sentinels() -> None:
    found = parse_redis_url("rediss+sentinel://:pw@a,b:7/live/3?sentinel_password=s%3Fp&ssl_cert_reqs=none")
    assert isinstance(found, SentinelSet)
    assert (found.sentinels, found.service) == ((("a", 26379), ("b", 7)), "live")
    assert found.login.url(("c", 1)) == "rediss://:pw@c:1/3?ssl_cert_reqs=none"
    assert found.sentinel_login.url(("a", 2)) == "rediss://:s%3Fp@a:2/0?ssl_cert_reqs=none"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis+cluster://", "host is missing"),
        ("redis+cluster://a,,b", "host is missing"),
        ("redis+cluster://a:b", "redis\\+cluster://"),
        ("redis+cluster://a/2", "no numbered databases"),
        ("redis+sentinel://a", "service is missing"),
        ("redis+sentinel://a/live/x", "'x' is not a number"),
        ("redis://h:port", "cannot be used"),
        ("redis://h:99999", "Port out of range"),
        ("redis://[::1/0", "Invalid IPv6"),
        ("redis://h/0?no_such_option=1", "no_such_option"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_in_words(url: str, told: str) -> None:
    with pytest.raises(StoreRefused, match=told):
        Store(url, keep_days=30)


places = st.tuples(st.from_regex(r"[a-z][a-z0-9.-]{0,20}[a-z0-9]", fullmatch=True), st.integers(1, 65_535))


@given(st.lists(places, min_size=1, max_size=5).map(tuple))
def test_every_list_of_nodes_reads_back(seeds: tuple[tuple[str, int], ...]) -> None:
    url = "redis+cluster://" + ",".join(f"{host}:{port}" for host, port in seeds)
    assert parse_redis_url(url) == Cluster(seeds, Login("redis"))
