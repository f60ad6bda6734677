"""Access: keys by show or for all of them, by role, and who may do what with them."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

ID_BYTES = 8
SECRET_BYTES = 24
"""192 bits: nobody guesses one, so a plain fast hash of it is safe to keep."""

HOUSE = "+house"
"""Where the keys to all shows are kept, in the place of a show's id; no show can be called so."""


class Role(StrEnum):
    """What a key is for."""

    INGEST = "ingest"
    PRODUCER = "producer"
    HOST = "host"
    VIEWER = "viewer"


COVERS: Mapping[Role, frozenset[Role]] = {
    Role.INGEST: frozenset({Role.INGEST}),
    Role.PRODUCER: frozenset({Role.PRODUCER, Role.HOST, Role.VIEWER}),
    Role.HOST: frozenset({Role.HOST, Role.VIEWER}),
    Role.VIEWER: frozenset({Role.VIEWER}),
}
"""A key's role → the roles it may act in."""

ROLE_OF: Mapping[str, Role] = {"console": Role.PRODUCER, "prompter": Role.HOST, "overlay": Role.VIEWER}
"""A screen → the role that opens it."""


class KeyRecord(msgspec.Struct, frozen=True):
    """A key as it is kept: its public id, its role, the SHA-256 of its secret, and when it was made and ends (ms).
    One to `all_shows` opens every show and the pages that belong to none."""

    id: str
    role: Role
    digest: str
    created_at: int
    expires_at: int
    all_shows: bool = False

    @property
    def holder(self) -> str:
        """Who did something with this key, as logs and screens tell it: the role and the start of its public id."""
        return f"{self.role.value} {self.id[:4]}"


class Credential(msgspec.Struct, frozen=True):
    """A key as somebody presents it. What comes by cookie the browser adds by itself, so such a request must also
    show where it comes from (`same_origin`)."""

    id: str
    secret: str
    by_cookie: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """Whether the request may go on: with which key, or else the HTTP status and the reason."""

    status: int = 200
    reason: str = ""
    key: KeyRecord | None = None
    by_cookie: bool = False


Lookup = Callable[[str, str], Awaitable[KeyRecord | None]]
"""(show or HOUSE, key id) → the key as it is kept, such as `Store.get_key`."""


def new_key(role: Role, ttl_ms: int, now: int, all_shows: bool = False) -> tuple[KeyRecord, str]:
    """A fresh key: what to keep, and the plain `ID.SECRET` that is shown once and never again."""
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    return KeyRecord(key_id, role, _digest(secret), now, now + ttl_ms, all_shows), f"{key_id}.{secret}"


def join_token(show: str, plain: str) -> str:
    """The token of a `/join/` link. All its parts are safe in a URL, and none has a dot."""
    return f"{show}.{plain}"


def read_token(token: str) -> tuple[str, str] | None:
    """The show and the plain key of a `/join/` link."""
    show, _, plain = token.partition(".")
    return (show, plain) if show and read_key(plain) else None


def read_key(plain: str, by_cookie: bool = False) -> Credential | None:
    """A plain key taken apart; None where it is none."""
    key_id, _, secret = plain.partition(".")
    return Credential(key_id, secret, by_cookie) if key_id and secret else None


def cookie_name(show: str, role: Role) -> str:
    """The cookie in which a browser keeps its key."""
    return f"cueroom-{show}-{role.value}"


def credentials_of(show: str, authorization: str | None, cookies: Mapping[str, str]) -> tuple[Credential, ...]:
    """The keys a request presents for a show: the one in `Authorization: Bearer`, and only where that header is
    missing those in its cookies, the show's own before that to all shows, the most powerful first."""
    if authorization is not None:
        scheme, _, plain = authorization.partition(" ")
        found = [read_key(plain.strip())] if scheme.lower() == "bearer" else []
    else:
        names = [cookie_name(show, role) for role in (Role.PRODUCER, Role.HOST, Role.VIEWER)]
        names.insert(1, cookie_name(HOUSE, Role.PRODUCER))
        found = [read_key(cookies.get(name, ""), by_cookie=True) for name in names]
    return tuple(credential for credential in found if credential)


async def authorise(
    lookup: Lookup, show: str, credentials: tuple[Credential, ...], needed: frozenset[Role], now: int
) -> Verdict:
    """The first of the credentials that lets the request act in one of the roles needed, or why none does: the
    nearest miss (403 before 401) is the one to tell."""
    verdicts = []
    for credential in credentials:
        record = await lookup(show, credential.id) or await lookup(HOUSE, credential.id)
        verdicts.append(judge(credential, record, needed, now))
    return min(verdicts, key=lambda verdict: (200, 403, 401).index(verdict.status), default=MISSING)


def judge(credential: Credential, record: KeyRecord | None, needed: frozenset[Role], now: int) -> Verdict:
    """What one key allows. Whether an id is unknown, its secret wrong or its time over is the same to a stranger."""
    # Compared even where there is no record, so that an unknown id takes as long as a wrong secret.
    right = hmac.compare_digest(_digest(credential.secret), record.digest if record else _digest(""))
    if record is None or not right:
        return Verdict(401, "this key is not valid; it may have been revoked")
    if now >= record.expires_at:
        return Verdict(401, "this key has expired; ask for a new one")
    if not COVERS[record.role] & needed:
        wanted = " or ".join(sorted(needed))
        return Verdict(403, f"this key is for the role {record.role.value}; this needs {wanted}")
    return Verdict(key=record, by_cookie=credential.by_cookie)


MISSING = Verdict(401, "a key is needed: send `Authorization: Bearer KEY`, or open a join link first")


def same_origin(origin: str | None, host: str | None, public_url: str = "") -> bool:
    """Whether a browser's request comes from our own pages: its `Origin` names the host it was sent to, or the
    public URL where a proxy changes the host. No or an opaque `Origin` is nobody's (RFC 6454)."""
    source = _authority(origin or "")
    if not source:
        return False
    return source in (_authority(f"{urlsplit(origin or '').scheme}://{host}"), _authority(public_url))


def _authority(url: str) -> tuple[str, int] | None:
    """Host and port of a URL, the scheme's own port where it has none; None where it has no host."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
