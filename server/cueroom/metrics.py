"""Metrics: every Prometheus series of Cueroom, with label values only from fixed sets and the configured shows."""

import contextlib
import fcntl
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from cueroom.show.aftersales import Parcels
from cueroom.show.cues import Cue, CueState, EffectOutcome, Kind
from cueroom.show.events import TYPES, Complaint

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes workers share their figures by files; it must be set before this module is imported."""

SCREEN_ROLES = ("producer", "host", "viewer")
ORDER_STATES = ("created", "paid", "cancelled", "refunded")
UNKNOWN_TYPE = "unknown"
"""Label of events whose type is none of the contract's."""

ACK_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PAINT_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
DECIDE_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 1.0)


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Refusal(StrEnum):
    """Why a connection was turned away at the gate, or a newcomer at the door."""

    CONNECTIONS = "connections"
    IN_FLIGHT = "in_flight"
    LAG = "lag"
    SLOW_HEAD = "slow_head"
    LONG_HEAD = "long_head"
    UNREADABLE = "unreadable"


class Start(StrEnum):
    """Why a worker was started: with the server, in the place of one that died, or to relieve one."""

    FIRST = "first"
    DIED = "died"
    RELIEF = "relief"


class Metrics:
    """The metrics of one process; observe the histograms directly, count by the methods."""

    def __init__(self) -> None:
        disable_created_metrics()
        self._registry = registry = CollectorRegistry()
        self._events = Counter("cueroom_events", "Events received.", ["type", "outcome"], registry=registry)
        self._orders = Counter("cueroom_orders", "Order events received.", ["state", "outcome"], registry=registry)
        self._cues = Counter("cueroom_cues", "Cues that entered a state.", ["kind", "state"], registry=registry)
        self._effects = Counter(
            "cueroom_cue_effects", "Accepted cues whose effect was told.", ["kind", "outcome"], registry=registry
        )
        self._starts = Counter("cueroom_worker_starts", "Workers started.", ["reason"], registry=registry)
        self._screens = Gauge(
            "cueroom_screens", "Screens connected.", ["role"], registry=registry, multiprocess_mode="livesum"
        )
        self.screen_drops = Counter(
            "cueroom_screen_drops", "Screens closed because they were too slow.", registry=registry
        )
        self.ack_seconds = Histogram(
            "cueroom_ingest_ack_seconds",
            "From a batch's arrival to its acknowledgement.",
            buckets=ACK_BUCKETS,
            registry=registry,
        )
        self.flush_seconds = Histogram(
            "cueroom_flush_seconds", "One flush to Redis.", buckets=ACK_BUCKETS, registry=registry
        )
        self.flush_failures = Counter(
            "cueroom_flush_failures", "Flushes that the store did not take.", registry=registry
        )
        self._store_away = Gauge(
            "cueroom_store_away",
            "1 while the store does not answer a process.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.decide_seconds = Histogram(
            "cueroom_decide_seconds", "One decision of the engine.", buckets=DECIDE_BUCKETS, registry=registry
        )
        self.paint_seconds = Histogram(
            "cueroom_cue_paint_seconds",
            "From the arrival of the event behind a cue to its paint on a screen.",
            buckets=PAINT_BUCKETS,
            registry=registry,
        )
        self._led = Gauge(
            "cueroom_led",
            "1 where a process leads the show, 0 where it leaves that to others; no number once it is no longer kept.",
            ["show"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._live = self._show_gauge("cueroom_live", "1 while the show is live.")
        self._feed_age = self._show_gauge("cueroom_feed_age_seconds", "Age of the newest event.")
        self._gmv = self._show_gauge("cueroom_gmv", "Paid so far, in minor units of the show's currency.")
        self._online = self._show_gauge("cueroom_online", "Concurrent viewers, as the platform reports them.")
        self._unshipped = self._show_gauge(
            "cueroom_unshipped_orders", "Paid orders without a parcel, due or past their 48 hours.", "state"
        )
        self._service_open = self._show_gauge("cueroom_service_open", "Complaints that are open.", "kind")
        self._refusals = Counter("cueroom_refusals", "Connections turned away.", ["reason"], registry=registry)
        self._connections = Gauge(
            "cueroom_connections", "Open connections.", registry=registry, multiprocess_mode="livesum"
        )
        self._in_flight = Gauge(
            "cueroom_in_flight_bytes",
            "Bytes of feeds that were read and are not durable yet.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._lag = Gauge(
            "cueroom_loop_lag_seconds",
            "How late the busiest process comes to its work.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._show_zeroes()

    def _show_gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        # One director leads a show; after a hand-over the old one's last figure must not linger beside the new one's.
        return Gauge(name, meaning, ["show", *labels], registry=self._registry, multiprocess_mode="livemostrecent")

    def _show_zeroes(self) -> None:
        """Every series of a fixed set exists from the start, so that a rate over it is right from the first event."""
        for outcome in Outcome:
            for kind in (*TYPES, UNKNOWN_TYPE):
                self._events.labels(kind, outcome.value)
            for state in ORDER_STATES:
                self._orders.labels(state, outcome.value)
        for refusal in Refusal:
            self._refusals.labels(refusal.value)
        for start in Start:
            self._starts.labels(start.value)
        for role in SCREEN_ROLES:
            self._screens.labels(role)
        for cue_kind in Kind:
            for cue_state in CueState:
                self._cues.labels(cue_kind.value, cue_state.value)
            for effect in EffectOutcome:
                self._effects.labels(cue_kind.value, effect.value)

    def count_events(self, kind: str, outcome: Outcome, n: int = 1) -> None:
        """`n` events of a type had this outcome; types that are none of the contract's count as `unknown`, order
        events in `cueroom_orders_total` as well."""
        self._events.labels(kind if kind in TYPES else UNKNOWN_TYPE, outcome.value).inc(n)
        if kind.startswith("order.") and kind in TYPES:
            self._orders.labels(kind.removeprefix("order."), outcome.value).inc(n)

    def count_cue(self, kind: Kind, state: CueState) -> None:
        """A cue entered a state."""
        self._cues.labels(kind.value, state.value).inc()

    def count_effect(self, cue: Cue) -> None:
        """The effect of an accepted cue is told."""
        if cue.effect:
            self._effects.labels(cue.kind.value, cue.effect.outcome.value).inc()

    def count_refusal(self, refusal: Refusal) -> None:
        """A connection was turned away."""
        self._refusals.labels(refusal.value).inc()

    def show_burden(self, connections: int, in_flight_bytes: int, lag_s: float) -> None:
        """What this process carries now."""
        self._connections.set(connections)
        self._in_flight.set(in_flight_bytes)
        self._lag.set(lag_s)

    def count_start(self, start: Start) -> None:
        """This worker has started."""
        self._starts.labels(start.value).inc()

    def screen_opened(self, role: str) -> None:
        """A screen connected; `role` is one of SCREEN_ROLES."""
        self._screens.labels(_screen_role(role)).inc()

    def screen_closed(self, role: str) -> None:
        self._screens.labels(_screen_role(role)).dec()

    def show_store(self, *, away: bool) -> None:
        """Whether the store answers this process."""
        self._store_away.set(away)

    def show_led(self, show: str, here: bool) -> None:
        """Whether this process leads a show; each says so of every show."""
        self._led.labels(show).set(here)

    def show_gone(self, show: str) -> None:
        """Nobody need lead a show that is no longer kept. Several processes' metrics can forget no label."""
        self._led.labels(show).set(math.nan)

    def show_figures(self, show: str, gmv: int, online: int, feed_age_s: float | None, live: bool) -> None:
        """A configured show's figures as its director sees them; without any event yet there is no age."""
        self._live.labels(show).set(live)
        self._gmv.labels(show).set(gmv)
        self._online.labels(show).set(online)
        if feed_age_s is not None:
            self._feed_age.labels(show).set(feed_age_s)

    def after_sales(self, show: str, parcels: Parcels, serving: Mapping[str, int]) -> None:
        """What a show still owes its buyers; `serving`: kind of complaint → how many are open."""
        self._unshipped.labels(show, "due").set(parcels.orders - parcels.late)
        self._unshipped.labels(show, "late").set(parcels.late)
        for kind in Complaint:
            self._service_open.labels(show, kind.value).set(serving.get(kind.value, 0))

    def expose(self, accept: str) -> tuple[bytes, str]:
        """All series and their content type, as the request's `Accept` header asks: OpenMetrics or Prometheus text.
        With workers, those of all of them."""
        encode, content_type = choose_encoder(accept)
        if MULTIPROCESS_DIR not in os.environ:
            return encode(self._registry), content_type
        merged = CollectorRegistry()
        MultiProcessCollector(merged)
        with _locked(Path(os.environ[MULTIPROCESS_DIR]), fcntl.LOCK_SH):
            return encode(merged), content_type


def _screen_role(role: str) -> str:
    if role not in SCREEN_ROLES:
        raise ValueError(f"{role!r} is no role of a screen: {', '.join(SCREEN_ROLES)}")
    return role


@contextlib.contextmanager
def shared_metrics(data: str) -> Iterator[str]:
    """A directory, below the data directory, in which the workers of this process share their figures; gone with the
    context. What killed ones left there goes, too."""
    for old in Path(data).glob("metrics.*"):
        if not _runs(int(old.suffix[1:])):
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(data) / f"metrics.{os.getpid()}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield str(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def forget_worker(pid: int, directory: str) -> None:
    """A worker is gone: its gauges leave the sum; what it counted stays, added to what others that are gone did, so
    that the files do not grow in number with every worker there ever was."""
    with _locked(Path(directory), fcntl.LOCK_EX):
        mark_process_dead(pid, directory)
        for kind in ("counter", "histogram"):
            left = Path(directory) / f"{kind}_{pid}.db"
            if left.exists():
                _add_up(left, left.with_name(f"{kind}_gone.db"))
                left.unlink()


def _add_up(left: Path, total: Path) -> None:
    sums = MmapedDict(str(total))
    for key, value, at, _ in MmapedDict.read_all_values_from_file(str(left)):
        sums.write_value(key, sums.read_value(key)[0] + value, at)
    sums.close()


@contextlib.contextmanager
def _locked(directory: Path, kind: int) -> Iterator[None]:
    """Keeps whoever reads all the files apart from who moves figures from one into another."""
    file = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, kind)
        yield
    finally:
        os.close(file)
