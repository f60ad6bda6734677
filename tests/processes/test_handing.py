"""Laws of handing connections over, on real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from cueroom.processes import handing
from cueroom.processes.handing import Inlet, Outlet, Reception
from waiting import PATIENCE_S


class Desk:
    """A worker's end of a channel that keeps whatever connection it is given."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.inlet = Inlet(channel)
        self.has: list[socket.socket] = []
        self.inlet.open(self.has.append, lambda: len(self.has))

    def end(self, connection: socket.socket) -> None:
        self.has.remove(connection)
        connection.close()
        self.inlet.tell()


class House:
    """A reception and its desks, with an outlet for each."""

    def __init__(self, reception: Reception, address: tuple[str, int]) -> None:
        self.reception = reception
        self.desks: list[Desk] = []
        self.outlets: list[Outlet] = []
        self._address = address

    async def open_desk(self) -> Desk:
        ours, theirs = socket.socketpair()
        outlet, desk = Outlet(ours), Desk(theirs)
        await outlet.ready.wait()
        self.reception.admit(outlet)
        self.desks.append(desk)
        self.outlets.append(outlet)
        return desk

    async def visit(self) -> socket.socket:
        """A newcomer, once a desk has it and that is known."""
        before = sum(outlet.load for outlet in self.outlets)
        visitor = socket.create_connection(self._address)
        await until(lambda: sum(outlet.load for outlet in self.outlets) == before + 1)
        await until(lambda: sum(len(desk.has) for desk in self.desks) == before + 1)
        return visitor


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - the channels set no events of ours
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def house(desks: int) -> AsyncIterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        opened = House(Reception(listener), listener.getsockname())
        for _ in range(desks):
            await opened.open_desk()
        yield opened
        opened.reception.close()
        for outlet, desk in zip(opened.outlets, opened.desks, strict=True):
            outlet.close()
            desk.inlet.close()
            desk.channel.close()


def test_eight_connections_lie_two_and_two_on_four_workers() -> None:
    async def scene() -> None:
        async with house(4) as opened:
            for _ in range(8):
                await opened.visit()
            assert [len(desk.has) for desk in opened.desks] == [2, 2, 2, 2]

    asyncio.run(scene())


def test_who_has_the_fewest_gets_the_next_whoever_had_more_before() -> None:
    async def scene() -> None:
        async with house(2) as opened:
            for _ in range(6):
                await opened.visit()
            busy, idle = opened.desks
            for connection in list(idle.has):
                idle.end(connection)
            await until(lambda: opened.outlets[1].load == 0)
            for _ in range(3):
                await opened.visit()
            assert (len(busy.has), len(idle.has)) == (3, 3)

    asyncio.run(scene())


def test_a_connection_ends_when_its_worker_ends_it() -> None:
    async def scene() -> None:
        async with house(1) as opened:
            visitor = await opened.visit()
            opened.desks[0].end(opened.desks[0].has[0])
            assert await asyncio.to_thread(visitor.recv, 1) == b""

    asyncio.run(scene())


def test_newcomers_wait_while_no_worker_is_there() -> None:
    async def scene() -> None:
        async with house(1) as opened:
            first = opened.desks[0]
            opened.reception.dismiss(opened.outlets[0])
            early = [socket.create_connection(opened._address) for _ in range(3)]
            second = await opened.open_desk()
            await until(lambda: len(second.has) == len(early))
            assert not first.has

    asyncio.run(scene())


def test_what_a_dead_worker_never_took_goes_to_another() -> None:
    async def scene() -> None:
        async with house(0) as opened:
            ours, theirs = socket.socketpair()
            dead = Outlet(ours)
            opened.reception.admit(dead)
            visitor = socket.create_connection(opened._address)
            await until(lambda: dead.load == 1)
            theirs.close()
            opened.reception.dismiss(dead)
            desk = await opened.open_desk()
            for connection in dead.close():
                opened.reception.pass_on(connection)
            await until(lambda: len(desk.has) == 1)
            desk.has[0].send(b"!")
            assert await asyncio.to_thread(visitor.recv, 1) == b"!"

    asyncio.run(scene())


def test_more_than_a_worker_takes_waits_and_is_not_lost() -> None:
    async def scene() -> None:
        async with house(0) as opened:
            ours, theirs = socket.socketpair()
            outlet = Outlet(ours)
            opened.reception.admit(outlet)
            visitors = [socket.create_connection(opened._address) for _ in range(20)]
            await until(lambda: outlet.load == len(visitors))
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # it takes no more now
            visitors += [socket.create_connection(opened._address) for _ in range(10)]
            await until(lambda: bool(opened.reception._held))
            desk = Desk(theirs)
            await until(lambda: len(desk.has) == len(visitors))

    asyncio.run(scene())


def test_a_worker_takes_what_is_under_way_before_it_takes_no_more() -> None:
    async def scene() -> None:
        async with house(0) as opened:
            ours, theirs = socket.socketpair()
            outlet = Outlet(ours)
            opened.reception.admit(outlet)
            visitors = [socket.create_connection(opened._address) for _ in range(3)]
            await until(lambda: outlet.load == len(visitors))
            desk = Desk(theirs)
            desk.inlet.close()
            assert len(desk.has) == len(visitors)

    asyncio.run(scene())


def test_a_worker_that_hangs_is_given_nothing_while_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with house(2) as opened:
            hanging, awake = opened.desks
            monkeypatch.setattr(handing, "SILENT_S", PATIENCE_S)
            opened.outlets[0]._heard_s -= 2 * PATIENCE_S
            for _ in range(4):
                await opened.visit()
            assert (len(hanging.has), len(awake.has)) == (0, 4)

    asyncio.run(scene())


def test_the_end_of_the_supervisor_is_noticed() -> None:
    async def scene() -> None:
        async with house(1) as opened:
            outlet, desk = opened.outlets.pop(), opened.desks.pop()
            outlet.close()
            async with asyncio.timeout(PATIENCE_S):
                await desk.inlet.gone.wait()

    asyncio.run(scene())
