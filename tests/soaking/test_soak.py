"""Laws of the soak: what it reads is what there is, and what grows is told."""

import asyncio
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest

import soaking.__main__ as soak_main
from benches.serving import serving
from cueroom.clock import Clock
from cueroom.demo.shape import Shape
from cueroom.metrics import Metrics
from soaking.load import Plan
from soaking.plot import Panel, end_of, svg_of
from soaking.samples import Sample, Trend, buckets_of, memory_of, memory_trends, p99_ms, trend_of
from soaking.verdict import is_flat, judge, plot
from waiting import until

PLAN = Plan(minutes=12, speed=60, screens=3, workers=1, shape=Shape.SMALL)


def sample(show_h: float, worker_mb: float, ack_ms: float | None = 5.0) -> Sample:
    memory = {"server": 50.0, "worker 1": worker_mb}
    return Sample(
        show_h=show_h,
        memory_mb=memory,
        store_mb=10 + show_h,
        orders=1000 * show_h,
        ack_p99_ms=ack_ms,
        paint_p99_ms=None,
    )


def test_buckets_are_read_as_they_are_told() -> None:
    metrics = Metrics()
    for ms in (1, 3, 8, 8):
        metrics.ack_seconds.observe(ms / 1000)
    buckets = buckets_of(metrics.expose("")[0].decode(), "cueroom_ingest_ack_seconds")
    assert (buckets[0.0025], buckets[0.01], buckets[float("inf")]) == (1, 4, 4)


@pytest.mark.parametrize(
    ("before", "after", "p99"),
    [
        ({}, {0.1: 100, 0.2: 100, float("inf"): 100}, 99),
        ({0.1: 50, 0.2: 100, float("inf"): 100}, {0.1: 50, 0.2: 200, float("inf"): 200}, 199),
        ({}, {0.1: 50, 0.2: 50, float("inf"): 100}, 200),
        ({0.1: 7, float("inf"): 7}, {0.1: 7, float("inf"): 7}, None),
        ({}, {}, None),
    ],
)
def test_a_percentile_is_that_of_what_came_in_between(
    before: dict[float, float], after: dict[float, float], p99: float | None
) -> None:
    assert p99_ms(before, after) == (None if p99 is None else pytest.approx(p99))


def test_a_trend_is_that_of_a_straight_line() -> None:
    trend = trend_of([0, 1, 2, 3], [10, 12, 14, 16])
    assert trend.mean == pytest.approx(13)
    assert trend.growth == pytest.approx(6)


def test_only_processes_that_were_there_all_the_time_are_judged() -> None:
    samples = [sample(0, 70), sample(1, 71)]
    samples[1].memory_mb["worker 2"] = 60
    assert set(memory_trends(samples)) == {"server", "worker 1"}


def test_what_grows_is_told_and_what_does_not_is_flat() -> None:
    steady = judge([sample(hour, 70 + hour % 2) for hour in range(12)], PLAN)
    assert all(promise.kept for promise in steady.promises)
    leaking = judge([sample(hour, 70 + 3 * hour) for hour in range(12)], PLAN)
    assert [promise.measured for promise in leaking.promises if not promise.kept] == ["+21.0 MB (worker 1)"]
    slower = judge([sample(hour, 70, ack_ms=2**hour) for hour in range(12)], PLAN)
    (missed,) = (promise for promise in slower.promises if not promise.kept)
    assert missed.what.startswith("acknowledgements")


def test_shrinking_is_flat() -> None:
    assert is_flat(Trend(mean=70, growth=-50))


def read_svg(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  # our own words


def test_the_plot_is_an_image_with_a_line_for_each_name() -> None:
    root = read_svg(plot([sample(hour, 70) for hour in range(3)]))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == len(["server", "worker 1", "acknowledgement", "painted cue", "orders"])


@pytest.mark.parametrize(("most", "end"), [(0.0, 1), (3.01, 3.2), (104, 120), (1_000, 1_000), (0.07, 0.08)])
def test_an_axis_ends_at_a_round_figure_that_holds_everything(most: float, end: float) -> None:
    assert end_of([0.0, most]) == pytest.approx(end)


def test_names_in_a_plot_cannot_break_it() -> None:
    read_svg(svg_of([Panel("a < b", {"<&>": [(0, 1), (1, 2)]})], "x & y"))


def test_the_memory_of_a_process_and_its_children_is_found() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()', 'cueroom.' 'worker'])"
    with subprocess.Popen([sys.executable, "-c", code, "cueroom.cli"], stdin=subprocess.PIPE) as parent:
        until(lambda: set(memory_of(parent.pid)) == {"server", "worker 1"}, "both are found")
        assert all(1 < mb < 200 for mb in memory_of(parent.pid).values())
        parent.communicate(b"\n")


def test_a_soak_plays_shows_and_looks_at_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak_main, "LOOK_S", 1.0)
    clock = Clock(time.time_ns() // 1_000_000, 60.0)
    plan = Plan(minutes=0.1, speed=60, screens=3, workers=1, shape=Shape.SMALL)
    with serving(options=("--clock-origin", str(clock.origin_ms), "--clock-speed", "60")) as server:
        samples = asyncio.run(soak_main.soak(server, clock, plan))
    assert samples
    assert set(samples[-1].memory_mb) == {"server", "keeper", "store"}
    assert samples[-1].store_mb > 0
