"""What a load costs: the CPU of the workers and of the store, and what the store is asked to do."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from benches.serving import TICKS_S, Serving, cpu_s

T = TypeVar("T")
BUSY = 0.85
"""A core that is used so much leaves no room for more on a machine that others use too."""


class Cost(msgspec.Struct, frozen=True):
    """Per second: cores of the workers, of the store's servers and of the whole machine (1.0 is one core), commands the
    store runs, and bytes it receives and appends to its file."""

    workers: float
    store: float
    machine: float
    commands: float
    received_bytes: float
    written_bytes: float


def spend(server: Serving, act: Callable[[], T]) -> tuple[T, Cost]:
    """What `act` answers, and what it cost while it lasted."""
    before, began_s = _spent(server), time.perf_counter()
    answer = act()
    seconds = time.perf_counter() - began_s
    after = _spent(server)
    return answer, Cost(*((late - early) / seconds for late, early in zip(after, before, strict=True)))


def _spent(server: Serving) -> tuple[float, ...]:
    commands = sum(stat["calls"] for info in server.infos("commandstats") for stat in info.values())
    return (
        sum(map(cpu_s, server.worker_pids)),
        sum(map(cpu_s, server.store_pids)),
        _machine_s(),
        commands,
        sum(info["total_net_input_bytes"] for info in server.infos("stats")),
        sum(info["aof_current_size"] for info in server.infos("persistence")),
    )


def _machine_s() -> float:
    """The time all cores have been busy, in seconds."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system + sum(rest)) / TICKS_S


def limit_of(cost: Cost, workers: int, primaries: int) -> str:
    """What would have to be more for more to go through."""
    cores = os.cpu_count() or 1
    if cost.store > BUSY * primaries:
        return "the store's one core" if primaries == 1 else "the primaries' cores"
    if cost.workers > BUSY * workers:
        return "the workers"
    return f"the machine's {cores} cores" if cost.machine > BUSY * cores else "—"
