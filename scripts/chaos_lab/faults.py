"""The faults: each breaks one thing, mends it again, and tells in words what it did."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from random import Random

import msgspec

from chaos_lab.clients import LabFeed
from chaos_lab.processes import ServerPart, StorePart
from chaos_lab.proxy import Proxy

HOUR_MS = 3_600_000


class Machine(msgspec.Struct, frozen=True):
    """A server with the two lines it hangs on: to the store, and to everybody outside."""

    server: ServerPart
    store_line: Proxy
    outside_line: Proxy


class Scene(msgspec.Struct, frozen=True):
    """All that can be broken."""

    store: StorePart
    machines: tuple[Machine, ...]
    feeds: tuple[LabFeed, ...]


Fault = Callable[[Scene, Random], Awaitable[str]]


# Servers


async def kill_server(scene: Scene, dice: Random) -> str:
    server = dice.choice(scene.machines).server
    async with server.lock:
        await server.kill()
        await server.start()
    return f"{server.name} killed"


async def kill_worker(scene: Scene, dice: Random) -> str:
    """Its supervisor starts another."""
    server = scene.machines[0].server
    async with server.lock:
        _, *workers = server.pids
        os.kill(dice.choice(workers), signal.SIGKILL)
    return f"a worker of {server.name} killed"


async def stop_server(scene: Scene, dice: Random) -> str:
    """Its directors wake as zombies when it was longer than the lease."""
    server, stopped_s = dice.choice(scene.machines).server, dice.choice([0.5, 1.0, 3.0])
    async with server.lock:
        server.signal(signal.SIGSTOP)
        await asyncio.sleep(stopped_s)
        server.signal(signal.SIGCONT)
    return f"{server.name} stopped for {stopped_s} s"


async def restart_server(scene: Scene, dice: Random) -> str:
    """In good order, as for an upgrade."""
    server = dice.choice(scene.machines).server
    async with server.lock:
        status = await server.drain()
        await server.start()
    return f"{server.name} drained with status {status}, and restarted"


async def relieve_workers(scene: Scene, _: Random) -> str:
    server = scene.machines[0].server
    async with server.lock:
        server.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(1)
    return f"workers of {server.name} relieved"


async def step_clock(scene: Scene, dice: Random) -> str:
    """A machine whose clock is an hour off, one way or the other, and does not even run at the right speed."""
    server, speed = scene.machines[-1].server, dice.choice([0.5, 2.0])
    origin = time.time_ns() // 1_000_000 - round(HOUR_MS / abs(speed - 1))
    async with server.lock:
        await server.drain()
        await server.start(CUEROOM_CLOCK_ORIGIN=str(origin), CUEROOM_CLOCK_SPEED=str(speed))
        await asyncio.sleep(1)
        await server.drain()
        await server.start()
    return f"clock of {server.name} an hour {'ahead' if speed > 1 else 'back'} and right again"


# The store


async def kill_store(scene: Scene, _: Random) -> str:
    async with scene.store.lock:
        await scene.store.kill()
        await scene.store.start()
    return "store killed"


async def stop_store(scene: Scene, dice: Random) -> str:
    stopped_s = dice.choice([0.3, 1.0, 2.0])
    async with scene.store.lock:
        scene.store.signal(signal.SIGSTOP)
        await asyncio.sleep(stopped_s)
        scene.store.signal(signal.SIGCONT)
    return f"store stopped for {stopped_s} s"


async def fill_memory(scene: Scene, _: Random) -> str:
    async with scene.store.lock:
        await scene.store.tell("CONFIG SET maxmemory 1")
        await asyncio.sleep(0.7)
        await scene.store.tell("CONFIG SET maxmemory 0")
    return "store out of memory"


async def fill_disk(scene: Scene, _: Random) -> str:
    """A store that must write and cannot gives up; it is started again once there is room."""
    async with scene.store.lock:
        scene.store.starve_disk()
        gave_up = asyncio.ensure_future(scene.store.process.wait())
        await asyncio.wait([gave_up], timeout=1)
        scene.store.feed_disk()
        if gave_up.done():
            await scene.store.start()
        else:
            gave_up.cancel()
        await scene.store.answers()
    return "disk of the store full"


# Lines


def _line_fault(
    words: str, line_of: Callable[[Machine], Proxy], spans_s: list[float], act: Callable[[Proxy], None]
) -> Fault:
    async def fault(scene: Scene, dice: Random) -> str:
        machine, span_s = dice.choice(scene.machines), dice.choice(spans_s)
        line = line_of(machine)
        act(line)
        await asyncio.sleep(span_s)
        line.heal()
        return words.format(server=machine.server.name, s=span_s)

    return fault


def _slow(line: Proxy) -> None:
    line.delay_s = 0.02


def _store_line(machine: Machine) -> Proxy:
    return machine.store_line


def _outside_line(machine: Machine) -> Proxy:
    return machine.outside_line


# Feeds


async def crash_feed(scene: Scene, dice: Random) -> str:
    feed = dice.choice(scene.feeds)
    feed.crash()
    return f"{feed.name} crashed"


async def shadow_feed(scene: Scene, dice: Random) -> str:
    feed = dice.choice(scene.feeds)
    await feed.shadow()
    return f"{feed.name} started twice"


FAULTS: dict[str, Fault] = {
    "server killed": kill_server,
    "worker killed": kill_worker,
    "server stopped": stop_server,
    "server restarted": restart_server,
    "workers relieved": relieve_workers,
    "clock stepped": step_clock,
    "store killed": kill_store,
    "store stopped": stop_store,
    "store out of memory": fill_memory,
    "store's disk full": fill_disk,
    "store line stalled": _line_fault(
        "line of {server} to the store stalled for {s} s", _store_line, [0.5, 3.0], Proxy.stall
    ),
    "store line slow": _line_fault("line of {server} to the store slow for {s} s", _store_line, [1.0], _slow),
    "store line reset": _line_fault("line of {server} to the store reset", _store_line, [0.0], Proxy.reset),
    "store line half closed": _line_fault(
        "line of {server} to the store half closed", _store_line, [0.5], Proxy.half_close
    ),
    "outside line stalled": _line_fault(
        "outside line of {server} stalled for {s} s", _outside_line, [0.5, 3.0], Proxy.stall
    ),
    "outside line slow": _line_fault("outside line of {server} slow for {s} s", _outside_line, [1.0], _slow),
    "outside line reset": _line_fault("outside line of {server} reset", _outside_line, [0.0], Proxy.reset),
    "outside line half closed": _line_fault(
        "outside line of {server} half closed", _outside_line, [0.5], Proxy.half_close
    ),
    "feed crashed": crash_feed,
    "feed started twice": shadow_feed,
}
