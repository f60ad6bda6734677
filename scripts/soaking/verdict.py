"""The verdict: what a soak found after its warm-up, whether that is flat, and the whole run as a plot."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from benches.results import Promise, Results, Table
from soaking.counting import Count
from soaking.load import Plan
from soaking.plot import Panel, svg_of
from soaking.samples import Sample, Trend, trend_of, trends_of

WARM_UP = 1 / 3
"""This part of the run is for warming up: caches fill, the interpreter finds its size."""

FLAT_MB, FLAT_FILES, FLAT_PART = 8.0, 8.0, 0.08
"""A process is flat when its line grows by no more than this, or this part of its mean, over what is judged."""

LATER_TIMES, LATER_MS = 1.5, 50.0
"""Latency is flat when the second half's median is no more than so many times the first's, and some."""


def judge(samples: Sequence[Sample], count: Count, plan: Plan) -> Results:
    """What was found after the warm-up, whether it is flat, and whether the counts were right."""
    judged = samples[round(len(samples) * WARM_UP) :]
    hours = judged[-1].show_h - judged[0].show_h
    memory, files = trends_of(judged, lambda held: held.memory_mb), trends_of(judged, lambda held: held.files)
    rows: list[list[str | int | float | None]] = [
        [name, trend.mean, trend.growth, trend.growth / hours, files[name].mean, files[name].growth]
        for name, trend in memory.items()
    ]
    per_order = trend_of([sample.orders for sample in judged], [sample.store_mb for sample in judged])
    orders = judged[-1].orders - judged[0].orders
    servers = {name: trend for name, trend in memory.items() if name != "store"}
    ack, paint, command = (
        [getattr(sample, name) for sample in judged] for name in ("ack_p99_ms", "paint_p99_ms", "command_ms")
    )
    run = (
        f"{plan.minutes:g} minutes, {samples[-1].show_h:.0f} h of show, {plan.workers} workers, {plan.screens} screens"
    )
    columns = ("process", "MB", "growth, MB", "MB an hour of show", "open files", "growth, files")
    return Results(
        name="soak",
        tables=[
            Table(f"What is held after the warm-up ({run})", columns, rows),
            Table(
                "The store",
                ("", "value"),
                [["orders", orders], ["bytes an order, with all that a show keeps", 1e6 * per_order.growth / orders]],
            ),
        ],
        promises=[
            _flat(f"memory of the server over {hours:.0f} h of shows, after a warm-up", "MB", servers, FLAT_MB),
            _flat("open files of server and store over these hours", "files", files, FLAT_FILES),
            _latency("acknowledgements over these hours, p99", ack),
            _latency("painted cues over these hours, p99", paint),
            _latency("commands over these hours, the slowest in five seconds", command),
            Promise(
                f"shows counted to the last unit, of {count.shows} with {count.events:,} events",
                "all",
                f"{count.shows - len(count.wrong)}",
                not count.wrong,
            ),
        ],
        figures={"samples": msgspec.to_builtins(samples), "wrong": count.wrong},
        seconds=60 * plan.minutes,
    )


def _flat(what: str, unit: str, trends: Mapping[str, Trend], most: float) -> Promise:
    growing = [name for name, trend in trends.items() if not is_flat(trend, most)]
    grown = f"{max(trend.growth for trend in trends.values()):+.1f} {unit}"
    goal = f"flat (± {most:g} {unit} or {FLAT_PART:.0%})"
    return Promise(what, goal, f"{grown} ({', '.join(growing)})" if growing else grown, not growing)


def is_flat(trend: Trend, most: float) -> bool:
    """Whether what it grew by is nothing to speak of: at most that, or a part of its mean."""
    return trend.growth <= max(most, FLAT_PART * trend.mean)


def _latency(what: str, p99s_ms: Sequence[float | None]) -> Promise:
    half = len(p99s_ms) // 2
    first, last = (
        median([p99 for p99 in part if p99 is not None] or [0.0]) for part in (p99s_ms[:half], p99s_ms[half:])
    )
    goal_ms = LATER_TIMES * first + LATER_MS
    return Promise(
        f"{what}, first half → second", f"≤ {goal_ms:.0f} ms", f"{first:.0f} → {last:.0f} ms", last <= goal_ms
    )


def plot(samples: Sequence[Sample]) -> str:
    """The whole run as lines."""
    names = sorted({name for sample in samples for name in sample.held})
    memory = {
        name: [(sample.show_h, sample.held[name].memory_mb) for sample in samples if name in sample.held]
        for name in names
    }
    acks = [(sample.show_h, sample.ack_p99_ms) for sample in samples if sample.ack_p99_ms is not None]
    paints = [(sample.show_h, sample.paint_p99_ms) for sample in samples if sample.paint_p99_ms is not None]
    commands = [(sample.show_h, sample.command_ms) for sample in samples if sample.command_ms is not None]
    panels = [
        Panel("Memory, MB", memory),
        Panel(
            "Latency, 99th percentile, of commands the slowest, ms",
            {"acknowledgement": acks, "painted cue": paints, "command": commands},
        ),
        Panel("Orders, thousands", {"orders": [(sample.show_h, sample.orders / 1000) for sample in samples]}),
    ]
    return svg_of(panels, "hours of show")
