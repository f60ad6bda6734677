"""Laws of the metrics."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cueroom.metrics import MULTIPROCESS_DIR, Metrics, Outcome, forget_worker, shared_metrics
from cueroom.show.aftersales import Parcels
from cueroom.show.cues import CueState, Effect, EffectOutcome, Kind
from scenes import START, open_cues

CONTRACT = {
    "cueroom_events_total": {"type", "outcome"},
    "cueroom_orders_total": {"state", "outcome"},
    "cueroom_ingest_ack_seconds_count": set(),
    "cueroom_flush_seconds_count": set(),
    "cueroom_feed_age_seconds": {"show"},
    "cueroom_cues_total": {"kind", "state"},
    "cueroom_cue_effects_total": {"kind", "outcome"},
    "cueroom_cue_paint_seconds_count": set(),
    "cueroom_screens": {"role"},
    "cueroom_screen_drops_total": set(),
    "cueroom_decide_seconds_count": set(),
    "cueroom_gmv": {"show"},
    "cueroom_online": {"show"},
    "cueroom_unshipped_orders": {"show", "state"},
    "cueroom_service_open": {"show", "kind"},
    "cueroom_flush_failures_total": set(),
    "cueroom_worker_starts_total": {"reason"},
    "cueroom_led": {"show"},
    "cueroom_live": {"show"},
}


def text_of(metrics: Metrics, accept: str = "") -> str:
    return metrics.expose(accept)[0].decode()


def samples(text: str) -> dict[str, float]:
    """Series with its labels, as written → value."""
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {series: float(value) for series, value in lines}


def labels_of(series: str) -> set[str]:
    inside = series.partition("{")[2].rstrip("}")
    return {pair.partition("=")[0] for pair in inside.split(",") if pair}


def test_every_metric_of_the_contract_is_there_with_its_labels() -> None:
    metrics = Metrics()
    metrics.show_figures("launch", gmv=1, online=2, feed_age_s=0.5, live=True)
    metrics.show_led("launch", here=True)
    metrics.after_sales("launch", Parcels(orders=3, late=1), {"stain": 2})
    found = {series.partition("{")[0]: labels_of(series) for series in samples(text_of(metrics))}
    assert {name: found.get(name) for name in CONTRACT} == CONTRACT


def test_an_order_event_counts_as_event_and_as_order() -> None:
    metrics = Metrics()
    metrics.count_events("order.paid", Outcome.DUPLICATE, 3)
    now = samples(text_of(metrics))
    assert now['cueroom_events_total{outcome="duplicate",type="order.paid"}'] == 3
    assert now['cueroom_orders_total{outcome="duplicate",state="paid"}'] == 3


def test_what_a_feed_sends_never_becomes_a_label() -> None:
    metrics = Metrics()
    before = set(samples(text_of(metrics)))
    metrics.count_events("order.invented", Outcome.REJECTED)
    metrics.count_events("x" * 500, Outcome.REJECTED)
    now = samples(text_of(metrics))
    assert now['cueroom_events_total{outcome="rejected",type="unknown"}'] == 2
    assert set(now) == before


def test_a_screen_of_no_known_role_is_an_error() -> None:
    with pytest.raises(ValueError, match="producer, host, viewer"):
        Metrics().screen_opened("stranger")


def test_screens_are_counted_while_they_are_open() -> None:
    metrics = Metrics()
    metrics.screen_opened("host")
    metrics.screen_opened("host")
    metrics.screen_closed("host")
    metrics.count_cue(Kind.NEXT, CueState.ACCEPTED)
    now = samples(text_of(metrics))
    assert now['cueroom_screens{role="host"}'] == 1
    assert now['cueroom_cues_total{kind="next",state="accepted"}'] == 1


def test_the_format_is_the_one_asked_for() -> None:
    metrics = Metrics()
    body, kind = metrics.expose("application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")
    assert metrics.expose("*/*")[1].startswith("text/plain; version=0.0.4")


def test_an_effect_is_counted_by_the_cues_kind_and_its_outcome() -> None:
    metrics = Metrics()
    measured = Effect(outcome=EffectOutcome.BETTER, since=0, until=90_000, gmv=5, orders=1, sample=1)
    accepted = open_cues(START)[0].moved(CueState.ACCEPTED, START, "producer")
    metrics.count_effect(msgspec.structs.replace(accepted, effect=measured))
    now = samples(text_of(metrics))
    assert now['cueroom_cue_effects_total{kind="next",outcome="better"}'] == 1
    assert now['cueroom_cue_effects_total{kind="payment",outcome="cannot_tell"}'] == 0


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say() -> None:
    metrics = Metrics()
    metrics.show_figures("launch", gmv=1, online=2, feed_age_s=0.5, live=True)
    metrics.show_led("launch", here=True)
    text = metrics.expose("")[0]
    told = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (told.returncode, told.stdout + told.stderr) == (0, b"")


WORKER = """
import os, sys
from cueroom.metrics import Metrics, Outcome
metrics = Metrics()
metrics.screen_opened("host")
metrics.count_events("viewer.liked", Outcome.ACCEPTED, 5)
metrics.show_figures("launch", gmv=int(sys.argv[1]), online=1, feed_age_s=0.1, live=True)
print(os.getpid())
sys.stdout.flush()
sys.stdin.read()
print(metrics.expose("")[0].decode())
"""


def worker(directory: Path, gmv: int) -> subprocess.Popen[str]:
    """A process that has counted a little; it tells its number, and all figures once its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(gmv)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {MULTIPROCESS_DIR: str(directory)},
    )


def test_workers_add_up_and_a_dead_ones_gauges_go(tmp_path: Path) -> None:
    with worker(tmp_path, 100) as first:
        assert first.stdout is not None
        pid = int(first.stdout.readline())
        with worker(tmp_path, 200) as second:
            assert second.stdout is not None
            second.stdout.readline()
            both = samples(second.communicate()[0])
        first.communicate()
    assert both['cueroom_screens{role="host"}'] == 2
    assert both['cueroom_events_total{outcome="accepted",type="viewer.liked"}'] == 10
    assert both['cueroom_gmv{show="launch"}'] == 200

    forget_worker(pid, str(tmp_path))
    with worker(tmp_path, 300) as third:
        later = samples(third.communicate()[0].partition("\n")[2])
    assert later['cueroom_screens{role="host"}'] == 2
    assert later['cueroom_events_total{outcome="accepted",type="viewer.liked"}'] == 15


def test_the_files_of_dead_workers_become_one(tmp_path: Path) -> None:
    for _ in range(3):
        with worker(tmp_path, 100) as one:
            assert one.stdout is not None
            pid = int(one.stdout.readline())
            one.communicate()
        forget_worker(pid, str(tmp_path))
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_gone.db", "histogram_gone.db"]


def test_what_a_killed_server_left_goes_and_what_runs_stays(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as dead:
        pass
    left, running = tmp_path / f"metrics.{dead.pid}", tmp_path / f"metrics.{os.getppid()}"
    left.mkdir()
    running.mkdir()
    with shared_metrics(str(tmp_path)) as directory:
        assert Path(directory).is_dir()
        assert not left.exists()
        assert running.exists()
    assert not Path(directory).exists()
