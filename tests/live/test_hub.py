"""Laws of the hub and of the sockets it fills, against a running server."""

import asyncio
import contextlib
import gc
import json
import socket as socketlib
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from conftest import Server, ShowOnServer
from cueroom.edge import closing
from cueroom.edge.services import Services, make_services
from cueroom.live import hub
from cueroom.live.moments import Moment, read_moment
from cueroom.settings import Settings
from cueroom.show.access import HOUSE, Role
from feeding import PlainFeed, closing_code
from seating import OpenLine, seat_at
from waiting import PATIENCE_S, until

T = TypeVar("T")


def test_the_whole_state_comes_first_and_is_what_a_read_gives(show: ShowOnServer) -> None:
    def difference() -> set[str]:
        with show.connect_feed() as socket:
            frame = json.loads(socket.recv(timeout=PATIENCE_S))
        state = show.state()
        return {name for name in state if frame[name] != state[name]}

    passing = {"time", "age_ms", "elapsed_s", "screens"}
    # The director may have had its first word on the show in between.
    until(difference, "they are the same", lambda differing: differing <= passing)


def test_a_calm_show_still_beats(show: ShowOnServer) -> None:
    with show.connect_feed() as socket:
        frames = [json.loads(socket.recv(timeout=PATIENCE_S)) for _ in range(3)]
    assert frames[0]["rev"] == frames[2]["rev"]
    assert frames[0]["time"] < frames[1]["time"] < frames[2]["time"]


def test_a_busy_show_sends_at_most_four_frames_a_second(show: ShowOnServer) -> None:
    started = time.monotonic()  # before the first frame is sent, however late it is read
    with show.connect_feed() as screen, show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        screen.recv(timeout=PATIENCE_S)
        while time.monotonic() - started < 1.5:
            feed.push([{"type": "viewer.liked"}])
        frames = 0
        last: Any = {}
        while last.get("totals", {}).get("liked") != feed.seq:
            last = json.loads(screen.recv(timeout=PATIENCE_S))
            frames += 1
        assert frames <= 4 * (time.monotonic() - started) + 2


def test_a_flurry_of_commands_makes_no_more_than_ten_frames_a_second(show: ShowOnServer) -> None:
    started = time.monotonic()
    with show.connect_feed() as screen:
        for number in range(40):
            rev = show.command("present", sku=f"V0{1 + number % 2}").json()["rev"]
        frames = 0
        last: Any = {"rev": 0}
        while last["rev"] < rev:
            last = json.loads(screen.recv(timeout=PATIENCE_S))
            frames += 1
        assert last["live"]["sku"] == "V02"
        assert frames <= hub.MOST_MOMENTS * (time.monotonic() - started + 1)


def test_every_change_of_a_cue_reaches_every_reader(show: ShowOnServer) -> None:
    with show.connect_feed() as one, show.connect_feed("producer") as other:
        for socket in (one, other):
            socket.recv(timeout=PATIENCE_S)
        cue_id = show.command("message", text="快一点").json()["cue"]
        show.command("dismiss", cue=cue_id)
        for socket in (one, other):
            states: list[str] = []
            while "dismissed" not in states:
                states += [cue["state"] for cue in json.loads(socket.recv(timeout=PATIENCE_S))["changed"]]


@pytest.mark.parametrize(
    "bounds",
    [{"SPACING_S": 3_600}, {"MOST_MOMENTS": 1, "WITHIN_S": 3_600}],
    ids=["between two frames", "where there were as many as may be"],
)
def test_a_cue_does_not_wait_for_the_next_frame_of_a_busy_show(
    show: ShowOnServer, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int]
) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(hub, name, bound)

    async def watch(line: OpenLine, _: hub.Hub) -> list[str]:
        await line.frames.get()
        await asyncio.to_thread(show.command, "message", text="快一点")
        texts: list[str] = json.loads(await line.frames.get())
        return texts

    assert asyncio.run(seated(show, watch)) == ["快一点"]


def test_a_flurry_of_commands_is_read_no_more_often_than_it_is_told(
    show: ShowOnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    async def counted(services: Services, show_id: str) -> Moment:
        nonlocal reads
        reads += 1
        return await read_moment(services, show_id)

    monkeypatch.setattr(hub, "read_moment", counted)

    def flurry() -> None:
        for number in range(40):
            show.command("present", sku=f"V0{1 + number % 2}")

    async def watch(line: OpenLine, _: hub.Hub) -> int:
        await line.frames.get()
        await asyncio.to_thread(flurry)
        return 1 + line.frames.qsize()

    told = asyncio.run(seated(show, watch))
    assert reads <= told + 1  # one may be under way


def test_a_screen_that_cannot_be_drawn_ends_alone(show: ShowOnServer) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("no such template")

    async def watch(line: OpenLine, watched: hub.Hub) -> int:
        broken = seat_at(OpenLine(), fail)
        with watched.seated(show.id, broken):
            code = (await broken.ended).code
            line.frames.get_nowait()
            await line.frames.get()
        return code

    assert asyncio.run(seated(show, watch)) == closing.FAILED


def test_a_show_that_nobody_watches_any_more_is_not_held_on_to(
    show: ShowOnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[weakref.ref[Moment]] = []

    async def noted(services: Services, show_id: str) -> Moment:
        moment = await read_moment(services, show_id)
        moments.append(weakref.ref(moment))
        return moment

    monkeypatch.setattr(hub, "read_moment", noted)

    async def come_and_go() -> None:
        async with hub_beside(show) as left:
            line = OpenLine()
            with left.seated(show.id, seat_at(line)):
                await line.frames.get()
            del line  # with its seat, as a closed connection goes
            while any(moment() for moment in moments):
                gc.collect()
                await asyncio.sleep(0.01)

    asyncio.run(come_and_go())
    assert moments


async def seated(show: ShowOnServer, watch: Callable[[OpenLine, hub.Hub], Awaitable[T]]) -> T:
    """What `watch` makes of a screen of the show at a hub in this process."""
    async with hub_beside(show) as watched:
        line = OpenLine()
        with watched.seated(show.id, seat_at(line)):
            return await watch(line, watched)


@contextlib.asynccontextmanager
async def hub_beside(show: ShowOnServer) -> AsyncIterator[hub.Hub]:
    """A hub in this process, on the store of the show's server."""
    services = make_services(Settings(redis=f"unix://{(show.server.data / 'redis.sock').resolve()}"))
    await services.store.open()
    heard = asyncio.Event()
    try:
        async with asyncio.timeout(PATIENCE_S):
            with services.store.notices.listening(show.id, "changed", lambda _: heard.set()):
                await heard.wait()  # or the first notices might be missed
                yield hub.Hub(services)
    finally:
        await services.store.close()


def test_a_key_that_runs_out_ends_its_screen(show: ShowOnServer) -> None:
    with show.connect_while_it_lasts(Role.VIEWER, show.connect_feed) as socket:
        assert closing_code(socket) == 4401


def test_a_stolen_link_that_is_revoked_ends_its_screens(show: ShowOnServer) -> None:
    with show.connect_feed("host") as socket:
        socket.recv(timeout=PATIENCE_S)
        key_id = show.keys["host"].partition(".")[0]
        show.server.with_store(lambda store: store.revoke_key(show.id, key_id))
        assert closing_code(socket) == 4401


def test_a_revoked_key_to_all_shows_ends_the_screens_it_opened(show: ShowOnServer) -> None:
    show.keys["producer"] = key = show.server.new_house_key()
    with show.connect_feed("producer") as socket:
        socket.recv(timeout=PATIENCE_S)
        show.server.with_store(lambda store: store.revoke_key(HOUSE, key.partition(".")[0]))
        assert closing_code(socket) == 4401


def test_a_screen_that_takes_nothing_is_let_go_while_others_see_everything(server: Server) -> None:
    busy = server.new_show("busy")
    with _stalled(busy) as stalled, busy.connect_feed() as other:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and "too slow" not in _ends_of(server, busy):
            cue = busy.command("message", text="快一点").json()["cue"]  # a frame at once, other than a like
            busy.command("recall", cue=cue)
            states: list[str] = []
            while "withdrawn" not in states:
                states += [
                    one["state"] for one in json.loads(other.recv(timeout=PATIENCE_S))["changed"] if one["id"] == cue
                ]
        assert "too slow" in _ends_of(server, busy)
        _read_until(stalled, b"\x03\xf5too slow")  # 1013 and why, behind what it had been sent before


@contextlib.contextmanager
def _stalled(show: ShowOnServer) -> Iterator[socketlib.socket]:
    """A program that opens a feed of states and then reads no more, with hardly any room for them."""
    with socketlib.socket() as raw:
        raw.setsockopt(socketlib.SOL_SOCKET, socketlib.SO_RCVBUF, 4_096)
        raw.connect(("127.0.0.1", show.server.port))
        raw.sendall(show.feed_request())
        yield raw


def _ends_of(server: Server, show: ShowOnServer) -> str:
    """What the server's log tells of screens of this show that were closed."""
    log = (server.data.parent / f"{server.data.name}.log").read_text()
    return "".join(line for line in log.splitlines() if show.id in line and "screen closed" in line)


def _read_until(raw: socketlib.socket, end: bytes) -> None:
    raw.settimeout(PATIENCE_S)
    tail = b""
    while end not in tail:
        data = raw.recv(65_536)
        assert data, "closed without a goodbye"
        tail = tail[-len(end) :] + data
