"""Laws of bodies: none is read past its bounds, and a slow line is no fault."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message, Receive

from cueroom.edge.bodies import read_body
from cueroom.edge.problems import Problem
from cueroom.edge.services import make_services
from cueroom.settings import Settings

PATIENCE_S = 600.0
MOST_BYTES = 100
Came = TypeVar("Came")


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


def run(work: Coroutine[Any, Any, Came]) -> Came:
    with asyncio.Runner(loop_factory=Leaping) as runner:
        return runner.run(work)


def piece(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def arriving(*messages: Message, each_after_s: float = 0.0) -> Receive:
    """What a server hands on of a body; then all patience passes with nothing more."""
    coming = iter(messages)

    async def receive() -> Message:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Leaping)
        if message := next(coming, None):
            loop.ahead_s += each_after_s
            return message
        loop.ahead_s += PATIENCE_S
        return await loop.create_future()  # type: ignore[no-any-return]  # nothing ever comes of it

    return receive


async def read(receive: Receive, **headers: str) -> bytes | Problem:
    app = Starlette()
    app.state.services = make_services(Settings(head_s=PATIENCE_S, redis="redis://nowhere"))  # no store is asked
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "POST", "headers": told, "app": app}, receive)
    return await read_body(request, MOST_BYTES)


def code_of(answer: bytes | Problem) -> tuple[int, str]:
    assert isinstance(answer, Problem)
    return answer.status, answer.code


def test_a_body_that_goes_on_coming_is_read_however_long_it_takes() -> None:
    pieces = [piece(b"ab") for _ in range(9)]
    assert run(read(arriving(*pieces, piece(b"c", more=False), each_after_s=PATIENCE_S / 2))) == b"ab" * 9 + b"c"


def test_a_body_that_stops_coming_is_given_up() -> None:
    assert code_of(run(read(arriving(piece(b"ab"))))) == (408, "too_slow")


def test_a_body_of_the_largest_size_is_read_and_no_byte_more() -> None:
    whole = b"x" * MOST_BYTES
    assert run(read(arriving(piece(whole, more=False)))) == whole
    assert code_of(run(read(arriving(piece(whole), piece(b"x"))))) == (413, "too_big")


def test_a_body_that_ends_too_early_is_none() -> None:
    assert code_of(run(read(arriving(piece(b"ab"), {"type": "http.disconnect"})))) == (400, "unreadable")


def test_a_packed_body_is_refused_unread() -> None:
    assert code_of(run(read(arriving(), content_encoding="gzip"))) == (400, "unreadable")
