"""Laws of a store behind sentinels: whoever leads is found, and nothing acknowledged goes with the one before."""

from collections.abc import Iterator

import pytest

from conftest import Server, ShowOnServer
from cueroom.errors import StoreUnavailable
from cueroom.storage.store import Store
from steady_feed import SteadyFeed
from topologies import Node, SentinelSet, lose_the_primary, redis_server, until


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelSet]:
    redis_server()
    running = SentinelSet(tmp_path_factory.mktemp("sentinels"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def machine(sentinels: SentinelSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that acknowledges what one replica has."""
    running = Server(tmp_path_factory.mktemp("machine") / "data", "--replicas", "1", redis=sentinels.url)
    yield running
    running.stop()


@pytest.fixture
def show(sentinels: SentinelSet, machine: Server) -> ShowOnServer:
    sentinels.settle()
    return machine.new_show()


def pair(sentinels: SentinelSet) -> tuple[Node, Node]:
    """The primary and its replica."""
    sentinels.settle()
    primary = sentinels.primary()
    assert primary
    return primary, next(node for node in sentinels.nodes if node != primary)


def test_a_planned_failover_under_load_loses_and_doubles_nothing(sentinels: SentinelSet, show: ShowOnServer) -> None:
    feed = SteadyFeed(show)
    feed.await_progress()
    _, new = pair(sentinels)
    sentinels.sentinels[0].ask("SENTINEL", "FAILOVER", sentinels.service)
    until(lambda: sentinels.primary() == new, "the replica leads")
    feed.await_progress()
    feed.check_totals()


def test_a_primary_killed_under_load_takes_nothing_acknowledged_with_it_and_the_director_goes_on(
    sentinels: SentinelSet, show: ShowOnServer
) -> None:
    lose_the_primary(show, lambda: pair(sentinels), lambda new: sentinels.primary() == new)


def test_a_service_no_sentinel_knows_is_told_by_name(sentinels: SentinelSet, machine: Server) -> None:
    async def ask(_: Store) -> None:
        stranger = Store(sentinels.url.replace(sentinels.service, "elsewhere"), 30)
        with pytest.raises(StoreUnavailable, match="elsewhere"):
            await stranger.ping()
        await stranger.close()

    machine.with_store(ask)
