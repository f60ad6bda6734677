"""Redis URLs: one server, a cluster or a Sentinel set, told apart and taken apart."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from cueroom.errors import StoreRefused

REDIS_PORT = 6379
SENTINEL_PORT = 26379
_SEVERAL = re.compile(r"(?P<scheme>rediss?)\+(?P<kind>cluster|sentinel)://(?P<rest>.*)")
_RIGHT = {
    "cluster": "redis+cluster://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…]",
    "sentinel": "redis+sentinel://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…]/SERVICE[/DB]",
}

Place = tuple[str, int]
"""A host and a port."""


class Login(msgspec.Struct, frozen=True):
    """What the URLs of all servers of a set share: how to get in, and the options of a connection."""

    scheme: str
    user: str = ""
    db: str = "0"
    options: str = ""

    def url(self, place: Place) -> str:
        """The URL of one server."""
        host, port = place
        host = f"[{host}]" if ":" in host else host
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{host}:{port}/{self.db}" + (f"?{self.options}" if self.options else "")


class Single(msgspec.Struct, frozen=True):
    """One server, or an address that always leads to the right one."""

    url: str


class Cluster(msgspec.Struct, frozen=True):
    """A cluster, by some of its nodes."""

    seeds: tuple[Place, ...]
    login: Login


class SentinelSet(msgspec.Struct, frozen=True):
    """One primary with its replicas, by the sentinels that know which is which."""

    sentinels: tuple[Place, ...]
    service: str
    login: Login
    sentinel_login: Login


def parse_redis_url(url: str) -> Single | Cluster | SentinelSet:
    """What a URL of the settings leads to. Raises StoreRefused, with what would be right."""
    several = _SEVERAL.fullmatch(url)
    if several is None:
        return Single(url)
    scheme, kind = several["scheme"], several["kind"]
    try:
        # By hand, since urlsplit takes an IPv6 address among several hosts for a mistake in some versions of Python.
        address, _, query = several["rest"].partition("?")
        netloc, _, path = address.partition("/")
        user, _, nodes = netloc.rpartition("@")
        options = dict(parse_qsl(query, strict_parsing=bool(query)))
        if kind == "cluster":
            return Cluster(_places(nodes, REDIS_PORT), _cluster_login(scheme, user, path, options))
        return _sentinel_set(scheme, user, _places(nodes, SENTINEL_PORT), path, options)
    except ValueError as error:
        raise StoreRefused(f"the URL of the store cannot be used: {error}; right would be {_RIGHT[kind]}") from error


def _places(nodes: str, default_port: int) -> tuple[Place, ...]:
    return tuple(_place(node, default_port) for node in nodes.split(","))


def _place(node: str, default_port: int) -> Place:
    parts = urlsplit(f"//{node}")
    if not parts.hostname:
        raise ValueError("a host is missing")
    return parts.hostname, parts.port or default_port


def _cluster_login(scheme: str, user: str, path: str, options: dict[str, str]) -> Login:
    if path.strip("/") not in ("", "0"):
        raise ValueError("a cluster has no numbered databases")
    return Login(scheme, user, options=urlencode(options))


def _sentinel_set(
    scheme: str, user: str, sentinels: tuple[Place, ...], path: str, options: dict[str, str]
) -> SentinelSet:
    service, _, db = path.strip("/").partition("/")
    if not service:
        raise ValueError("the name of the service is missing")
    if not (db or "0").isdecimal():
        raise ValueError(f"the database {db!r} is not a number")
    name, password = options.pop("sentinel_username", ""), options.pop("sentinel_password", "")
    sentinel_user = f"{quote(name, safe='')}:{quote(password, safe='')}" if password else ""
    shared = urlencode(options)
    return SentinelSet(
        sentinels, service, Login(scheme, user, db or "0", shared), Login(scheme, sentinel_user, options=shared)
    )
