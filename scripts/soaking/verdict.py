"""The verdict: what a soak found after its warm-up, whether that is flat, and the whole run as a plot."""

from collections.abc import Sequence
from statistics import median

import msgspec

from benches.results import Promise, Results, Table
from soaking.load import Plan
from soaking.plot import Panel, svg_of
from soaking.samples import Sample, Trend, memory_trends, trend_of

WARM_UP = 1 / 3
"""This part of the run is for warming up: caches fill, the interpreter finds its size."""

FLAT_MB, FLAT_PART = 8.0, 0.08
"""A process is flat when its line grows by no more than this, or this part of its mean, over what is judged."""

LATER_TIMES, LATER_MS = 1.5, 50.0
"""Latency is flat when the second half's median is no more than so many times the first's, and some."""


def judge(samples: Sequence[Sample], plan: Plan) -> Results:
    """What was found after the warm-up, and whether it is flat."""
    judged = samples[round(len(samples) * WARM_UP) :]
    hours = judged[-1].show_h - judged[0].show_h
    trends = memory_trends(judged)
    rows: list[list[str | int | float | None]] = [
        [name, trend.mean, trend.growth, trend.growth / hours] for name, trend in trends.items()
    ]
    per_order = trend_of([sample.orders for sample in judged], [sample.store_mb for sample in judged])
    orders = judged[-1].orders - judged[0].orders
    servers = {name: trend for name, trend in trends.items() if name != "store"}
    growing = [name for name, trend in servers.items() if not is_flat(trend)]
    ack, paint = ([getattr(sample, name) for sample in judged] for name in ("ack_p99_ms", "paint_p99_ms"))
    run = (
        f"{plan.minutes:g} minutes, {samples[-1].show_h:.0f} h of show, {plan.workers} workers, {plan.screens} screens"
    )
    return Results(
        name="soak",
        tables=[
            Table(f"Memory after the warm-up ({run})", ("process", "MB", "growth, MB", "MB an hour of show"), rows),
            Table(
                "The store",
                ("", "value"),
                [["orders", orders], ["bytes an order, with all that a show keeps", 1e6 * per_order.growth / orders]],
            ),
        ],
        promises=[
            Promise(
                f"memory of the server over {hours:.0f} h of shows, after a warm-up",
                f"flat (± {FLAT_MB:g} MB or {FLAT_PART:.0%})",
                f"{max(trend.growth for trend in servers.values()):+.1f} MB{_of(growing)}",
                not growing,
            ),
            _latency("acknowledgements over these hours, p99", ack),
            _latency("painted cues over these hours, p99", paint),
        ],
        figures={"samples": msgspec.to_builtins(samples)},
        seconds=60 * plan.minutes,
    )


def _of(growing: list[str]) -> str:
    return f" ({', '.join(growing)})" if growing else ""


def is_flat(trend: Trend) -> bool:
    """Whether what it grew by is nothing to speak of."""
    return trend.growth <= max(FLAT_MB, FLAT_PART * trend.mean)


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
    names = sorted({name for sample in samples for name in sample.memory_mb})
    memory = {
        name: [(sample.show_h, sample.memory_mb[name]) for sample in samples if name in sample.memory_mb]
        for name in names
    }
    acks = [(sample.show_h, sample.ack_p99_ms) for sample in samples if sample.ack_p99_ms is not None]
    paints = [(sample.show_h, sample.paint_p99_ms) for sample in samples if sample.paint_p99_ms is not None]
    panels = [
        Panel("Memory, MB", memory),
        Panel("Latency, 99th percentile, ms", {"acknowledgement": acks, "painted cue": paints}),
        Panel("Orders, thousands", {"orders": [(sample.show_h, sample.orders / 1000) for sample in samples]}),
    ]
    return svg_of(panels, "hours of show")
