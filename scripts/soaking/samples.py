"""Samples: what a running server holds and how soon it answers, looked at every few seconds."""

import os
import re
import subprocess
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

import msgspec

Buckets = dict[float, float]
"""Upper bound in seconds → how many lay below it, since the server's start."""

ROLES = (("cueroom.worker", "worker"), ("keeper.py", "keeper"), ("valkey", "store"), ("cueroom.cli", "server"))
"""What a command line says → what that process is."""


class Held(msgspec.Struct, frozen=True):
    """What a process holds: memory (resident set) in MB, and open files, of which only Linux tells."""

    memory_mb: float
    files: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One look, `show_h` hours of show after the start: what each process holds, megabytes the store counts itself,
    orders so far, and, since the look before, the 99th percentile of acknowledgements and paints and the slowest
    command, in ms, if any."""

    show_h: float
    held: dict[str, Held]
    store_mb: float
    orders: float
    ack_p99_ms: float | None
    paint_p99_ms: float | None
    command_ms: float | None


def held_by(server: int) -> dict[str, Held]:
    """What a server's processes hold, by name; several of a kind are numbered by age."""
    columns = "pid=,ppid=,rss=,args="
    told = subprocess.run(["ps", "-A", "-ww", "-o", columns], capture_output=True, text=True, check=True)  # noqa: S607  # the system's
    rows = [line.split(None, 3) for line in told.stdout.splitlines()]
    family = {server}
    names: dict[str, Held] = {}
    for pid, parent, kb, words in sorted(rows, key=lambda row: int(row[0])):
        if int(pid) in family or int(parent) in family:
            family.add(int(pid))
            kind = next((name for sign, name in ROLES if sign in words), "other")
            number = sum(name.partition(" ")[0] == kind for name in names)
            names[f"{kind} {number + 1}" if kind == "worker" else kind] = Held(
                int(kb) * 1024 / 1e6, _files_of(int(pid))
            )
    return names


def _files_of(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:  # it has ended, or this is no Linux
        return 0


def buckets_of(metrics: str, name: str) -> Buckets:
    """A histogram without labels, out of the text of /metrics."""
    found = re.findall(rf'^{name}_bucket{{le="([^"]+)"}} (\S+)$', metrics, re.MULTILINE)
    return {float(bound): float(n) for bound, n in found}


def total_of(metrics: str, series: str) -> float:
    """A series' value out of the text of /metrics."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def p99_ms(before: Buckets, after: Buckets) -> float | None:
    """The 99th percentile of what came between two looks, in ms, straight between the bounds of its bucket."""
    bounds = sorted(after)
    counts = [after[bound] - before.get(bound, 0.0) for bound in bounds]
    if not counts or counts[-1] == 0:
        return None
    wanted = 0.99 * counts[-1]
    place = bisect_left(counts, wanted)
    low, below = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    high = bounds[place] if bounds[place] != float("inf") else low
    return 1000 * (low + (high - low) * (wanted - below) / (counts[place] - below))


class Trend(msgspec.Struct, frozen=True):
    """How something went: its mean, and how much it grew from beginning to end along a straight line."""

    mean: float
    growth: float


def trend_of(at: Sequence[float], values: Sequence[float]) -> Trend:
    """The line of least squares through at least two points."""
    mean_at, mean = sum(at) / len(at), sum(values) / len(values)
    spread = sum((x - mean_at) ** 2 for x in at)
    slope = sum((x - mean_at) * (y - mean) for x, y in zip(at, values, strict=True)) / spread
    return Trend(mean, slope * (at[-1] - at[0]))


def trends_of(samples: Sequence[Sample], read: Callable[[Held], float]) -> Mapping[str, Trend]:
    """How something that every process holds went, of those that were there all the time."""
    names = set.intersection(*(set(sample.held) for sample in samples))
    at = [sample.show_h for sample in samples]
    return {name: trend_of(at, [read(sample.held[name]) for sample in samples]) for name in sorted(names)}
