"""Doors: whether a request or socket may come in, asked before anything else is done for it."""

from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from cueroom.edge.problems import Problem, problem_of
from cueroom.edge.services import services_of
from cueroom.errors import CueroomError
from cueroom.show.access import HOUSE, KeyRecord, Role, authorise, credentials_of, same_origin

SAFE_METHODS = frozenset({"GET", "HEAD"})
READERS = frozenset(Role)
"""Any key of a show may read its state."""
SCREENS = frozenset({Role.PRODUCER, Role.HOST, Role.VIEWER})
PRODUCERS = frozenset({Role.PRODUCER})


async def admit(connection: HTTPConnection, show: str, needed: frozenset[Role]) -> KeyRecord | Problem:
    """The key that lets this connection act in one of the roles needed, or the problem to answer with."""
    if not_now := _not_now(connection):
        return not_now
    try:
        await services_of(connection).store.rundown(show)
    except CueroomError as error:
        return problem_of(error)
    return await _admit(connection, show, needed)


async def admit_to_house(connection: HTTPConnection) -> KeyRecord | Problem:
    """The same for what belongs to no show: only a producer's key to all shows opens it."""
    return _not_now(connection) or await _admit(connection, HOUSE, PRODUCERS)


async def _admit(connection: HTTPConnection, show: str, needed: frozenset[Role]) -> KeyRecord | Problem:
    services = services_of(connection)
    try:
        credentials = credentials_of(show, connection.headers.get("authorization"), connection.cookies)
        now = services.clock.now_ms()
        verdict = await authorise(services.store.get_key, show, credentials, needed, now)
    except CueroomError as error:
        return problem_of(error)
    if verdict.key is None:
        code = "forbidden" if verdict.status == HTTPStatus.FORBIDDEN else "unauthorized"
        return Problem(verdict.status, code, verdict.reason)
    if verdict.by_cookie and not _comes_from_our_pages(connection):
        return Problem(403, "foreign_origin", "a request made with a cookie must come from Cueroom's own pages")
    return verdict.key


def _not_now(connection: HTTPConnection) -> Problem | None:
    services = services_of(connection)
    if services.draining.is_set():
        return Problem(503, "restarting", "this server is about to stop; come back", retry_after_s=1)
    # Sockets stay and add up; what a person does by HTTP is small and goes on.
    return services.burden.refuse() if connection.scope["type"] == "websocket" else None


def _comes_from_our_pages(connection: HTTPConnection) -> bool:
    """Reading a page is harmless; every socket and everything that acts must show its origin."""
    if connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS:
        return True
    public_url = services_of(connection).settings.public_url
    return same_origin(connection.headers.get("origin"), connection.headers.get("host"), public_url)


async def refuse(socket: WebSocket, problem: Problem) -> None:
    """Answers a socket's handshake with the problem instead of an upgrade."""
    await socket.send_denial_response(problem.response())
