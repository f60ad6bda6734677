"""The crash law: whatever is killed in mid-load, resending what was not acknowledged counts exactly once."""

import contextlib
import threading
from collections import Counter

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from conftest import Server, ShowOnServer
from feeding import Event, PlainFeed, order

BATCHES = 400
KILLS = 3


def batch_of(seq: int) -> list[Event]:
    """Every batch is different, so that a lost or doubled one shows; some orders come twice."""
    return [
        {"type": "viewer.entered", "n": seq},
        {"type": "product.clicked", "sku": "V02", "n": 2},
        order(f"o{seq}", "created", sku="V01"),
        order(f"o{seq // 2}", "paid", sku="V01"),
    ]


def truth() -> dict[str, int]:
    counted: Counter[str] = Counter()
    paid = {f"o{seq // 2}" for seq in range(1, BATCHES + 1)}
    created = {f"o{seq}" for seq in range(1, BATCHES + 1)}
    for seq in range(1, BATCHES + 1):
        counted["entered"] += seq
        counted["clicked"] += 2
    counted["orders_created"] = len(created | paid)
    counted["orders_paid"] = len(paid)
    counted["gmv"] = len(paid) * 9_900
    return dict(counted)


def feed_until_done(show: ShowOnServer, progress: threading.Semaphore) -> None:
    """A feed that connects again and resends from where the server says, until all is acknowledged."""
    acknowledged = 0
    while acknowledged < BATCHES:
        with (
            contextlib.suppress(ConnectionClosed, InvalidMessage, InvalidStatus, OSError),
            show.connect_ingest() as socket,
        ):
            feed = PlainFeed(socket)
            acknowledged = feed.welcome["resume"]
            for seq in range(acknowledged + 1, BATCHES + 1):
                feed.send({"seq": seq, "events": batch_of(seq)})
                if seq - acknowledged >= 8:
                    acknowledged = feed.receive()["ack"]
                    progress.release()
            acknowledged = feed.await_ack(BATCHES)["ack"]


@pytest.mark.parametrize("victim", ["server", "store"])
def test_a_kill_in_mid_load_neither_loses_nor_doubles(tmp_path_factory: pytest.TempPathFactory, victim: str) -> None:
    server = Server(tmp_path_factory.mktemp(f"crash-{victim}") / "data")
    try:
        show = server.new_show()
        progress = threading.Semaphore(0)
        feeding = threading.Thread(target=feed_until_done, args=(show, progress))
        feeding.start()
        for _ in range(KILLS):
            for _ in range(4):
                assert progress.acquire(timeout=30)
            if victim == "server":
                server.kill()
                server.start(server.port)
            else:
                server.kill_store()
        feeding.join(60)
        assert not feeding.is_alive()
        totals = show.state()["totals"]
        assert {name: totals[name] for name in truth()} == truth()
    finally:
        server.stop()
