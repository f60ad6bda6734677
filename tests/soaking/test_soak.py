"""Laws of the soak: what it reads is what there is, and what grows is told."""

import asyncio
import subprocess
import sys
import time
from xml.etree import ElementTree

import msgspec
import pytest

import soaking.__main__ as soak_main
from benches.results import Results
from benches.serving import Serving, serving, show_of
from cueroom.clock import Clock
from cueroom.demo.shape import Shape
from cueroom.feed import Feed, ingest_url
from cueroom.metrics import Metrics
from soaking.counting import Count, count_show
from soaking.load import Plan
from soaking.plot import Panel, end_of, svg_of
from soaking.samples import Held, Sample, Trend, buckets_of, held_by, p99_ms, trend_of, trends_of
from soaking.verdict import is_flat, judge, plot
from waiting import until

PLAN = Plan(minutes=12, speed=60, screens=3, workers=1, shape=Shape.SMALL, rate=50)


RIGHT = Count(shows=4, events=4_000)


def sample(show_h: float, worker_mb: float, ack_ms: float | None = 5.0, files: int = 40) -> Sample:
    return Sample(
        show_h=show_h,
        held={"server": Held(50.0, 30), "worker 1": Held(worker_mb, files)},
        store_mb=10 + show_h,
        orders=1000 * show_h,
        ack_p99_ms=ack_ms,
        paint_p99_ms=None,
        command_ms=12.0,
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
    samples[1].held["worker 2"] = Held(60.0, 40)
    assert set(trends_of(samples, lambda held: held.memory_mb)) == {"server", "worker 1"}


def test_what_grows_is_told_and_what_does_not_is_flat() -> None:
    steady = judge([sample(hour, 70 + hour % 2) for hour in range(12)], RIGHT, PLAN)
    assert all(promise.kept for promise in steady.promises)
    leaking = judge([sample(hour, 70 + 3 * hour) for hour in range(12)], RIGHT, PLAN)
    assert missed(leaking) == ["+21.0 MB (worker 1)"]
    keeping_open = judge([sample(hour, 70, files=40 + 2 * hour) for hour in range(12)], RIGHT, PLAN)
    assert missed(keeping_open) == ["+14.0 files (worker 1)"]
    slower = judge([sample(hour, 70, ack_ms=2**hour) for hour in range(12)], RIGHT, PLAN)
    assert missed(slower) == ["48 → 768 ms"]


def test_a_show_that_was_counted_wrongly_is_told() -> None:
    wrong = msgspec.structs.replace(RIGHT, wrong={"counted-2": ["gmv is 5, and 6 is right"]})
    assert missed(judge([sample(hour, 70) for hour in range(12)], wrong, PLAN)) == ["3"]


def missed(results: Results) -> list[str]:
    return [promise.measured for promise in results.promises if not promise.kept]


def test_shrinking_is_flat() -> None:
    assert is_flat(Trend(mean=70, growth=-50), most=8)


def read_svg(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  # our own words


def test_the_plot_is_an_image_with_a_line_for_each_name() -> None:
    root = read_svg(plot([sample(hour, 70) for hour in range(3)]))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == len(["server", "worker 1", "acknowledgement", "painted cue", "command", "orders"])


@pytest.mark.parametrize(("most", "end"), [(0.0, 1), (3.01, 3.2), (104, 120), (1_000, 1_000), (0.07, 0.08)])
def test_an_axis_ends_at_a_round_figure_that_holds_everything(most: float, end: float) -> None:
    assert end_of([0.0, most]) == pytest.approx(end)


def test_names_in_a_plot_cannot_break_it() -> None:
    read_svg(svg_of([Panel("a < b", {"<&>": [(0, 1), (1, 2)]})], "x & y"))


def test_what_a_process_and_its_children_hold_is_found() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()', 'cueroom.' 'worker'])"
    with subprocess.Popen([sys.executable, "-c", code, "cueroom.cli"], stdin=subprocess.PIPE) as parent:
        until(lambda: set(held_by(parent.pid)) == {"server", "worker 1"}, "both are found")
        assert all(1 < held.memory_mb < 200 for held in held_by(parent.pid).values())
        assert all(3 <= held.files < 50 for held in held_by(parent.pid).values())
        parent.communicate(b"\n")


def test_a_soak_plays_shows_and_looks_at_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak_main, "LOOK_S", 1.0)
    clock = Clock(time.time_ns() // 1_000_000, 60.0)
    plan = Plan(minutes=0.1, speed=60, screens=3, workers=1, shape=Shape.SMALL, rate=50)
    with serving(options=("--clock-origin", str(clock.origin_ms), "--clock-speed", "60")) as server:
        samples, count = asyncio.run(soak_main.soak(server, clock, plan))
    assert samples
    assert set(samples[-1].held) == {"server", "keeper", "store"}
    assert samples[-1].store_mb > 0
    assert (count.shows, count.wrong) == (1, {})
    assert count.events > 0


def test_an_event_that_the_truth_does_not_know_is_found() -> None:
    show = show_of("counted-1")
    with serving(show) as server:
        keys = server.keys[show.id]
        count = asyncio.run(count_with_a_stranger(server, keys))
    assert (count.shows, list(count.wrong)) == (1, [show.id])
    assert count.wrong[show.id][0].startswith("followed is 7, ")


async def count_with_a_stranger(server: Serving, keys: dict[str, str]) -> Count:
    """Counts a show into which another feed puts seven followers."""
    base, count, enough = f"http://127.0.0.1:{server.port}", Count(), asyncio.Event()
    async with Feed(ingest_url(base, "counted-1"), keys["ingest"], "stranger") as feed:
        await feed.send([{"type": "viewer.followed", "n": 7}])
    enough.set()
    await count_show(base, "counted-1", keys, rate=50, enough=enough, count=count)
    return count
