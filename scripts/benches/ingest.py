"""`scripts/bench ingest`: events a second beside servers that do less, and servers that do more for each event."""

import contextlib
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import click
import msgspec

from benches.load import Load, Sent, send
from benches.peers import free_port, node_packages, peer, running
from benches.results import Promise, Results, Table, publish
from benches.serving import Serving, cpu_s, serving, show_of

SHOW = "ingest"
FEEDS = 4
SOCKET_IO = Path(__file__).with_name("socketio.cjs")
GOAL_OF_BARE, GOAL_OF_EACH = 0.5, 30
WHAT = {
    "bare": "the same server, only decoding and acknowledging",
    "cueroom": "Cueroom: counted, deduplicated, durable",
    "each": "a command to Redis an event",
    "pipelined": "the same, a round trip a batch",
    "socket.io": "socket.io and ioredis, a round trip a batch",
}


class Turn(msgspec.Struct, frozen=True):
    """One server's turn: what was sent to it, and what a million events cost it and its store in CPU (s)."""

    name: str
    batch: int
    sent: Sent
    server_cpu_s: float
    store_cpu_s: float

    @property
    def rate(self) -> float:
        return self.sent.rate


@click.command("ingest")
@click.option("--seconds", default=5.0, show_default=True, help="how long each turn lasts")
@click.option("--rounds", default=3, show_default=True, help="turns of each server; the median counts")
@click.option("--batch", "batches", multiple=True, type=int, default=(10, 100, 1_000), show_default=True)
def command(*, seconds: float, rounds: int, batches: tuple[int, ...]) -> None:
    """Take in events as fast as they come, three in ten of them orders: Cueroom and others, turn by turn."""
    began_s = time.monotonic()
    turns: list[Turn] = []
    with node_packages("socket.io", "socket.io-client", "ioredis") as folder:
        for batch in batches * rounds:
            names = WHAT if batch == 100 else ("bare", "cueroom")  # noqa: PLR2004  # the size the goals are for
            # With a store of their own: none is to pay for what those before it have written.
            with serving(show_of(SHOW)) as server:
                bench = Bench(server, seconds, folder)
                turns += [turn for name in names if (turn := bench.measure(name, batch))]
    publish(summarise(turns, time.monotonic() - began_s))


class Bench(msgspec.Struct, frozen=True):
    """What is measured: a running Cueroom, how long, and where the Node packages are, if they are."""

    server: Serving
    seconds: float
    folder: str | None

    def measure(self, name: str, batch: int) -> Turn | None:
        """One server's turn."""
        if name == "socket.io":
            return self._measure_socket_io(batch) if self.folder else None
        load = Load(urls=[], keys=["none"], feeds=FEEDS, batch=batch, seconds=self.seconds)
        with self._address(name) as (url, key, pid):
            spent = cpu_s(pid), self._store_cpu_s()
            (sent,) = send(msgspec.structs.replace(load, urls=[url], keys=[key]))
            return self._turn(name, batch, sent, (pid, *spent))

    def _turn(self, name: str, batch: int, sent: Sent, before: tuple[int, float, float]) -> Turn:
        pid, server_s, store_s = before
        millions = max(1, sent.accepted) / 1e6
        spent = (cpu_s(pid) - server_s) / millions, (self._store_cpu_s() - store_s) / millions
        return Turn(name, batch, sent, *spent)

    def _store_cpu_s(self) -> float:
        return sum(map(cpu_s, self.server.store_pids))

    @contextlib.contextmanager
    def _address(self, name: str) -> Iterator[tuple[str, str, int]]:
        if name == "cueroom":
            server = self.server
            yield server.ingest_url(SHOW), server.keys[SHOW]["ingest"], server.worker_pids[0]
            return
        with peer(name, self.server.store) as started:
            yield f"ws://127.0.0.1:{started.port}/v1/shows/{SHOW}/ingest", "none", started.pid

    def _measure_socket_io(self, batch: int) -> Turn:
        port = free_port()
        program = ["node", str(SOCKET_IO)]
        store = self.server.store.removeprefix("unix://")
        with running([*program, "server", str(port), store], port, self.folder) as io:
            spent = cpu_s(io.pid), self._store_cpu_s()
            asked = [str(port), str(batch), str(self.seconds), str(FEEDS)]
            answer = subprocess.run([*program, "load", *asked], cwd=self.folder, check=True, capture_output=True)
            return self._turn("socket.io", batch, msgspec.json.decode(answer.stdout, type=Sent), (io.pid, *spent))


def summarise(turns: list[Turn], seconds: float) -> Results:
    """Medians of the turns, each beside the bare server's of the same batches."""
    of: defaultdict[tuple[str, int], list[Turn]] = defaultdict(list)
    for turn in turns:
        of[turn.name, turn.batch].append(turn)
    rates = {key: median(turn.rate for turn in its) for key, its in of.items()}
    rows = [_row(of[name, batch], rates[name, batch] / rates["bare", batch]) for name, batch in of]
    columns = ("server", "events a batch", "events/s", "of bare", "server CPU", "store CPU", "generator", "refused")
    note = "CPU in µs an event; generator: how much of its core it used (near 1 it would be the limit)"
    return Results(
        name="ingest",
        tables=[Table("Events a second, one worker, four feeds, 30 % orders", columns, rows, note)],
        promises=_promises(rates),
        figures={"rates": {f"{name} {batch}": rate for (name, batch), rate in rates.items()}},
        seconds=seconds,
    )


def _row(turns: list[Turn], of_bare: float) -> list[str | int | float | None]:
    first = turns[0]
    return [
        WHAT[first.name],
        first.batch,
        median(turn.rate for turn in turns),
        of_bare,
        median(turn.server_cpu_s for turn in turns),
        median(turn.store_cpu_s for turn in turns),
        median(turn.sent.cpu for turn in turns),
        sum(turn.sent.rejected + turn.sent.duplicate for turn in turns),
    ]


def _promises(rates: dict[tuple[str, int], float]) -> list[Promise]:
    if ("cueroom", 100) not in rates:
        return []
    ours, bare, each = rates["cueroom", 100], rates["bare", 100], rates["each", 100]
    return [
        Promise(
            "events a second of one worker, 30 % of them orders, counted once and durable, beside the same server only "
            "decoding and acknowledging",
            f"≥ {GOAL_OF_BARE}",
            f"{ours / bare:.2f} ({ours:,.0f}/s)",
            ours >= GOAL_OF_BARE * bare,
        ),
        Promise(
            "the same against a handler that writes each event to Redis",
            f"≥ {GOAL_OF_EACH} times",
            f"{ours / each:.0f} times",
            ours >= GOAL_OF_EACH * each,
        ),
    ]
