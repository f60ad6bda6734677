"""A feed at work, and the counts it has to come to whatever happens to the server meanwhile."""

import contextlib
import threading
from collections import Counter

from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from conftest import ShowOnServer
from feeding import Event, PlainFeed, order
from waiting import PATIENCE_S

UNACKNOWLEDGED = 8


def batch_of(seq: int) -> list[Event]:
    """Every batch is different, so that a lost or doubled one shows; some orders come twice."""
    return [
        {"type": "viewer.entered", "n": seq},
        {"type": "product.clicked", "sku": "V02", "n": 2},
        order(f"o{seq}", "created", sku="V01"),
        order(f"o{seq // 2}", "paid", sku="V01"),
    ]


def truth(batches: int) -> dict[str, int]:
    """The totals after so many batches."""
    counted: Counter[str] = Counter()
    paid = {f"o{seq // 2}" for seq in range(1, batches + 1)}
    created = {f"o{seq}" for seq in range(1, batches + 1)}
    for seq in range(1, batches + 1):
        counted["entered"] += seq
        counted["clicked"] += 2
    counted["orders_created"] = len(created | paid)
    counted["orders_paid"] = len(paid)
    counted["gmv"] = len(paid) * 9_900
    return dict(counted)


class SteadyFeed:
    """Sends batches in a thread of its own; whenever it must, it connects again and resends what is asked for.
    `taken_back` are acknowledgements a server did not remember: what was acknowledged, and where it resumed."""

    def __init__(self, show: ShowOnServer) -> None:
        self._show = show
        self._sent = 0
        self._acknowledged = 0
        self._finishing = threading.Event()
        self._progress = threading.Condition()
        self.taken_back: list[tuple[int, int]] = []
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def await_progress(self, batches: int = 32) -> None:
        """Returns once so many more batches are acknowledged."""
        with self._progress:
            wanted = self._acknowledged + batches
            assert self._progress.wait_for(lambda: self._acknowledged >= wanted, timeout=PATIENCE_S), (
                "nothing is acknowledged"
            )

    def finish(self) -> int:
        """Send no new batches; how many were sent, once all are acknowledged."""
        self._finishing.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "not all is acknowledged"
        return self._sent

    def check_totals(self) -> None:
        """Finishes; every batch counted once, and no acknowledgement was taken back."""
        right, totals = truth(self.finish()), self._show.state()["totals"]
        assert self.taken_back == []
        assert {name: totals[name] for name in right} == right

    def _feed(self) -> None:
        while not (self._finishing.is_set() and self._acknowledged == self._sent):
            with (
                contextlib.suppress(ConnectionClosed, InvalidMessage, InvalidStatus, OSError),
                self._show.connect_ingest() as socket,
            ):
                self._send_all(PlainFeed(socket))

    def _send_all(self, feed: PlainFeed) -> None:
        seq = feed.welcome["resume"]
        if seq < self._acknowledged:
            self.taken_back.append((self._acknowledged, seq))
        self._note(seq)
        while seq < self._sent or not self._finishing.is_set():
            seq += 1
            feed.send({"seq": seq, "events": batch_of(seq)})
            self._sent = max(self._sent, seq)
            while seq - self._acknowledged >= UNACKNOWLEDGED:
                self._note(feed.receive()["ack"])
        while self._acknowledged < self._sent:
            self._note(feed.receive()["ack"])

    def _note(self, acknowledged: int) -> None:
        with self._progress:
            self._acknowledged = acknowledged
            self._progress.notify_all()
