"""A feed written from the contract alone, in another language and without a library, feeds a show."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from conftest import ShowOnServer
from feeding import Event, order
from waiting import PATIENCE_S

FEED = Path(__file__).parent / "node_client" / "feed.mjs"
BATCHES = 200


@pytest.fixture(scope="module")
def node() -> str:
    """Any Node still in use."""
    return shutil.which("node") or pytest.skip("no node on this machine: its feed was not tried")


def batch_of(seq: int) -> list[Event]:
    """Batches of every size a frame's length can be written in."""
    return [
        {"type": "viewer.entered", "n": seq, "viewer": f"观众-{seq % 50}"},
        {"type": "viewer.commented", "of_no_interest": "好" * (20_000 if seq % 50 == 0 else seq)},
        order(f"node-{seq}", "paid", sku="V01"),
        order(f"node-{seq - 1}", "created", sku="V01"),  # later than its payment
    ]


def truth(batches: list[list[Event]]) -> dict[str, int]:
    counted = Counter[str]()
    for batch in batches:
        counted["entered"] += sum(event["n"] for event in batch if event["type"] == "viewer.entered")
        counted["commented"] += sum(event["type"] == "viewer.commented" for event in batch)
    counted["orders_created"] = len({event["id"] for batch in batches for event in batch if "id" in event})
    counted["orders_paid"] = counted["units_paid"] = len(batches)
    counted["gmv"] = len(batches) * 9_900
    return dict(counted)


def run_feed(
    node: str, show: ShowOnServer, key: str, batches: list[list[Event]], *hang_up_after: int
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node, str(FEED), f"{show.server.url}/v1/shows/{show.id}/ingest", "node-1", *map(str, hang_up_after)],
        input="\n".join(json.dumps(batch) for batch in batches),
        env=os.environ | {"KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_a_feed_in_node_that_hangs_up_and_sends_all_again_is_counted_once(node: str, show: ShowOnServer) -> None:
    batches = [batch_of(seq) for seq in range(1, BATCHES + 1)]
    batches[-1].append({"type": "viewer.teleported"})
    feed = run_feed(node, show, show.keys["ingest"], batches, 1, 40, 150)
    assert feed.returncode == 0, feed.stderr
    told = json.loads(feed.stdout)
    assert told["duplicate"] > 0
    assert {(bad["seq"], bad["index"], bad["code"]) for bad in told["rejected"]} == {(BATCHES, 4, "unknown_type")}
    totals = show.state()["totals"]
    assert {name: totals[name] for name in truth(batches)} == truth(batches)


def test_a_feed_in_node_with_another_role_s_key_is_refused_before_the_upgrade(node: str, show: ShowOnServer) -> None:
    feed = run_feed(node, show, show.keys["viewer"], [batch_of(1)])
    assert feed.returncode != 0
    assert "refused: HTTP/1.1 403" in feed.stderr
