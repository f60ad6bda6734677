"""Laws of a store that is a cluster: shows spread, follow their slots, and lose nothing when a primary goes."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from conftest import Server, ShowOnServer, small_rundown
from cueroom.errors import StoreRefused, StoreUnavailable
from cueroom.show import events as ev
from cueroom.show.tally import Tally
from cueroom.storage.house import NEW
from cueroom.storage.store import Store, prefix_of
from feeding import PlainFeed
from steady_feed import SteadyFeed
from topologies import ClusterOfSix, Node, lose_the_primary, redis_server, until
from waiting import PATIENCE_S

NOW = 1_700_000_000_000
_SHOWS = itertools.count(1)
Act = Callable[[Store, str], Awaitable[Any]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterOfSix]:
    redis_server()
    running = ClusterOfSix(tmp_path_factory.mktemp("cluster"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def machine(cluster: ClusterOfSix, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that acknowledges what one replica has."""
    running = Server(tmp_path_factory.mktemp("machine") / "data", "--replicas", "1", redis=cluster.url)
    yield running
    running.stop()


@pytest.fixture
def show(cluster: ClusterOfSix, machine: Server) -> ShowOnServer:
    cluster.settle()
    return machine.new_show()


def with_show(cluster: ClusterOfSix, act: Act) -> Any:
    """Runs a coroutine with the store and the id of a show that was just loaded."""

    async def run() -> Any:
        store = Store(cluster.url, 30)
        show = f"cluster-{next(_SHOWS)}"
        try:
            await store.put_show(small_rundown(show), NOW)
            return await act(store, show)
        finally:
            await store.close()

    cluster.settle()
    return asyncio.run(run())


def flush_of(show: str, n: int) -> Any:
    tally = Tally(small_rundown(show))
    tally.add_all([ev.ViewerEntered(n=n)], NOW)
    return tally.flush


def home_of(cluster: ClusterOfSix, show: ShowOnServer) -> tuple[Node, Node]:
    return cluster.home_of(prefix_of(show.id))


def fail_over(replica: Node) -> None:
    def leads() -> bool:
        if replica.replication()["role"] == "master":
            return True
        replica.ask("CLUSTER", "FAILOVER")  # asked again where an election found no majority
        return False

    until(leads, "the replica leads")


def test_shows_land_on_every_primary_and_each_works_whole(cluster: ClusterOfSix, machine: Server) -> None:
    shows = [machine.new_show() for _ in range(12)]
    for show in shows:
        assert show.post([{"type": "viewer.entered", "n": 7}]).status_code == 200
        assert show.command("present", sku="V01").status_code == 200
    assert {show.state()["totals"]["entered"] for show in shows} == {7}
    assert len({home_of(cluster, show)[0] for show in shows}) == 3
    assert {show.id for show in shows} <= set(machine.with_store(lambda store: store.shows()))


def test_what_belongs_to_no_show_has_its_place_too(cluster: ClusterOfSix) -> None:
    async def act(store: Store, show: str) -> None:
        for name in ("one", "two"):
            assert await store.house.put("draft", f"{show}-{name}", name.encode(), NEW)
        kept = {name async for name, _ in store.house.documents("draft")}
        assert kept == {f"{show}-one", f"{show}-two"}

    with_show(cluster, act)


def test_a_planned_failover_under_load_loses_and_doubles_nothing(cluster: ClusterOfSix, show: ShowOnServer) -> None:
    feed = SteadyFeed(show)
    feed.await_progress()
    for _ in range(2):
        cluster.settle()
        fail_over(home_of(cluster, show)[1])
        feed.await_progress()
    feed.check_totals()


def test_a_primary_killed_under_load_takes_nothing_acknowledged_with_it_and_the_director_goes_on(
    cluster: ClusterOfSix, show: ShowOnServer
) -> None:
    lose_the_primary(show, lambda: home_of(cluster, show), lambda new: new.replication()["role"] == "master")


def test_notices_come_again_after_a_failover(cluster: ClusterOfSix) -> None:
    async def act(store: Store, show: str) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()
        await store.open()
        with store.notices.listening(show, "changed", heard.put_nowait):
            await _hear(store, show, heard)
            _, replica = cluster.home_of(prefix_of(show))
            fail_over(replica)
            await _hear(store, show, heard)

    with_show(cluster, act)


async def _hear(store: Store, show: str, heard: asyncio.Queue[str]) -> None:
    """Changes the show until a notice tells of the newest change."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            rev = (await store.flush(show, flush_of(show, 1), NOW)).rev
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    while await heard.get() != str(rev):
                        pass
                    return


def test_a_slot_handed_over_under_load_neither_loses_nor_doubles(
    cluster: ClusterOfSix, machine: Server, show: ShowOnServer
) -> None:
    async def flush(store: Store) -> None:
        await store.flush(show.id, flush_of(show.id, 1), NOW)

    feed = SteadyFeed(show)
    feed.await_progress()
    old, _ = home_of(cluster, show)
    primaries = [node for node in cluster.nodes if node.replication()["role"] == "master"]
    new = next(node for node in primaries if node != old)
    slot = str(old.ask("CLUSTER", "KEYSLOT", prefix_of(show.id)))
    new.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id_of(old))
    old.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id_of(new))
    while keys := old.ask("CLUSTER", "GETKEYSINSLOT", slot, "1"):
        old.ask("MIGRATE", "127.0.0.1", str(new.port), keys[0], "0", "5000")
        with pytest.raises(StoreUnavailable, match=str(new.port)):
            machine.with_store(flush)
    for node in (new, old, *primaries):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", cluster.id_of(new))
    feed.await_progress()
    feed.check_totals()


def test_what_no_replica_has_is_not_acknowledged_however_often_it_is_sent(
    cluster: ClusterOfSix, show: ShowOnServer
) -> None:
    _, replica = home_of(cluster, show)
    batch = {"seq": 1, "events": [{"type": "viewer.entered", "n": 3}]}
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        with replica.paused():
            feed.send(batch)
            with pytest.raises(ConnectionClosed):
                feed.receive()
            assert socket.close_code == 1013
            # The primary has it by now, which a new connection must not be told yet.
            with show.connect_ingest() as again, pytest.raises(ConnectionClosed):
                PlainFeed(again)
            assert again.close_code == 1013
    cluster.settle()
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        assert feed.welcome["resume"] == 1
        feed.send(batch)
        assert feed.await_ack(1)["duplicate"] == 1
    assert show.state()["totals"]["entered"] == 3


def test_one_node_of_a_cluster_is_not_taken_for_the_store(cluster: ClusterOfSix) -> None:
    async def run() -> None:
        elsewhere, _ = cluster.home_of(prefix_of("alone"))
        other = next(node for node in cluster.nodes if node != elsewhere)
        store = Store(f"redis://127.0.0.1:{other.port}", 30)
        with pytest.raises(StoreRefused, match="redis\\+cluster://"):
            await store.put_show(small_rundown("alone"), NOW)
        await store.close()

    asyncio.run(run())
