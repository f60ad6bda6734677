"""Real Redis clusters and Sentinel sets on loopback, for the tests: Debian's redis-server, with short timeouts."""

import contextlib
import itertools
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

import waiting
from conftest import ShowOnServer
from cueroom.storage.store import Store, prefix_of
from ports import free_ports
from steady_feed import SteadyFeed

NODE_TIMEOUT_MS = 2_500
"""Silence after which a node is taken for dead: long enough that none is because the machine is busy."""
SLOTS = 16_384


def redis_server() -> str:
    """The program; skips the test where it is not installed."""
    return shutil.which("redis-server") or pytest.skip("redis-server is not installed")


def until(true: Callable[[], Any], what: str) -> None:
    """Waits until it is true; a node that is away makes nothing true."""

    def is_true() -> bool:
        with contextlib.suppress(redis.RedisError, OSError):
            return bool(true())
        return False

    waiting.until(is_true, what)


class Node:
    """One server process, which can be killed, stopped for a while and started again."""

    def __init__(self, folder: Path, port: int, *options: str, program: str | None = None) -> None:
        self.port = port
        self._folder = folder
        self._command = [program or redis_server(), *options]
        folder.mkdir()
        self.start()

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._command, cwd=self._folder, stdout=log, stderr=log)
        self.client = redis.Redis(port=self.port, socket_timeout=5, protocol=2)
        until(self.client.ping, f"{self.port} answers")

    def kill(self) -> None:
        """Without a chance to say or write anything."""
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Hangs, with all its connections open."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def ask(self, *command: str) -> Any:
        return self.client.execute_command(*command)

    def replication(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.info("replication")
        return found


@contextlib.contextmanager
def lagging(primary: Node, replica: Node, feeds: str) -> Iterator[None]:
    """The replica hangs, and the primary already has batches that it has not; `feeds` is the hash that counts them."""
    with replica.paused():
        primary.ask("CLIENT", "KILL", "TYPE", "replica")  # what is sent would wait for it in its socket
        before = primary.client.hgetall(feeds)
        until(lambda: primary.client.hgetall(feeds) != before, "the primary goes on alone")
        yield


def lose_the_primary(show: ShowOnServer, pair: Callable[[], tuple[Node, Node]], leads: Callable[[Node], bool]) -> None:
    """The show's primary dies under load with batches that its replica has not: nothing acknowledged goes with it,
    and the show is led on. `pair` tells the primary and its replica, `leads` whether the latter took over."""

    async def remembered(store: Store) -> bytes | None:
        _, saved = await store.read(show.id, 0)
        return saved.memory

    assert show.command("present", sku="V01").status_code == 200
    feed = SteadyFeed(show)
    feed.await_progress()
    until(lambda: show.server.with_store(remembered), "a director leads")
    old, new = pair()
    with lagging(old, new, f"{prefix_of(show.id)}feeds"):
        old.kill()
    until(lambda: leads(new), "the replica leads")
    old.start()
    feed.await_progress()
    feed.check_totals()
    saved = show.server.with_store(remembered)
    until(lambda: show.server.with_store(remembered) != saved, "a director decides again")


def server_options(port: int) -> list[str]:
    # Durable as promised, with a disk that is not asked: crashes here are of processes, not of machines.
    return [
        *("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "no"),
        *("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"),
    ]


class ClusterOfSix:
    """Three primaries with a replica each."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(12)
        self.nodes = [
            Node(folder / f"node-{n}", port, *server_options(port), *self._cluster_options(bus))
            for n, (port, bus) in enumerate(zip(ports[:6], ports[6:], strict=True))
        ]
        for epoch, node in enumerate(self.nodes, start=1):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(epoch))
        for node, (other, bus) in itertools.product(self.nodes, zip(self.nodes, ports[6:], strict=True)):
            node.ask("CLUSTER", "MEET", "127.0.0.1", str(other.port), str(bus))
        until(lambda: all(self._knows_all(node) for node in self.nodes), "all nodes know each other")
        share = SLOTS // 3
        for n, node in enumerate(self.nodes[:3]):
            last = SLOTS - 1 if n == 2 else (n + 1) * share - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", str(n * share), str(last))
            self.nodes[n + 3].ask("CLUSTER", "REPLICATE", self.id_of(node))
        self.settle()

    def _cluster_options(self, bus: int) -> list[str]:
        return [
            *("--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-config-file", "nodes.conf"),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--cluster-replica-validity-factor", "0"),
        ]

    def _knows_all(self, node: Node) -> bool:
        known = node.ask("CLUSTER NODES").values()
        return len(known) == 6 and not any("handshake" in other["flags"] for other in known)

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def id_of(self, node: Node) -> str:
        told: bytes = node.ask("CLUSTER", "MYID")
        return told.decode()

    def settle(self) -> None:
        """Waits until every slot is served, with every primary's replica in step."""
        until(self._is_settled, "the cluster is whole")

    def _is_settled(self) -> bool:
        maps = [sorted((first, last, *servers) for first, last, *servers in self.slots(node)) for node in self.nodes]
        roles = [node.replication() for node in self.nodes]
        return (
            all(seen == maps[0] for seen in maps)
            and all(len(servers) == 2 for _, _, *servers in maps[0])
            and sum(last + 1 - first for first, last, *_ in maps[0]) == SLOTS
            and all(node.ask("CLUSTER INFO")["cluster_state"] == "ok" for node in self.nodes)
            and all(role.get("master_link_status", "up") == "up" for role in roles)
            and sum(role["connected_slaves"] for role in roles) == 3
        )

    def slots(self, node: Node) -> Any:
        """(first slot, last slot, primary, replica) as a node sees them."""
        return node.ask("CLUSTER SLOTS")

    def home_of(self, key: str) -> tuple[Node, Node]:
        """The primary and the replica of a key's slot."""
        slot = self.nodes[0].ask("CLUSTER", "KEYSLOT", key)
        by_port = {node.port: node for node in self.nodes if node.process.poll() is None}
        for node in by_port.values():
            for first, last, *servers in self.slots(node):
                if first <= slot <= last and len(servers) == 2:
                    primary, replica = (by_port[port] for _, port, *_ in servers)
                    return primary, replica
        raise AssertionError(f"nobody serves {key}")

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()


class SentinelSet:
    """A primary with a replica, watched by three sentinels."""

    service = "cueroom-live"

    def __init__(self, folder: Path) -> None:
        first, second, *watching = free_ports(5)
        self.nodes = [
            Node(folder / "node-0", first, *server_options(first)),
            Node(folder / "node-1", second, *server_options(second), "--replicaof", "127.0.0.1", str(first)),
        ]
        until(lambda: self.nodes[0].replication()["connected_slaves"], "the replica follows")
        self.sentinels = [self._start_sentinel(folder / f"sentinel-{port}", port, first) for port in watching]
        self.settle()

    def _start_sentinel(self, folder: Path, port: int, first: int) -> Node:
        config = folder.with_suffix(".conf")
        config.write_text(
            f"port {port}\nbind 127.0.0.1\nsentinel monitor {self.service} 127.0.0.1 {first} 2\n"
            f"sentinel down-after-milliseconds {self.service} {NODE_TIMEOUT_MS}\n"
            f"sentinel failover-timeout {self.service} 3000\n"
        )
        node = Node(folder, port, str(config), "--sentinel")
        # As often as a test can wait for; by default a sentinel looks around every ten seconds.
        node.ask("SENTINEL", "DEBUG", "INFO-PERIOD", "200", "PUBLISH-PERIOD", "200", "PING-PERIOD", "200")
        return node

    @property
    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{places}/{self.service}"

    def primary(self) -> Node | None:
        """Whom the sentinels name, once they agree."""
        ports = {watched["port"] for watched in self._watched()}
        return next((node for node in self.nodes if {node.port} == ports), None)

    def settle(self) -> None:
        """Waits until all sentinels agree, and the replica follows the primary."""
        until(self._is_settled, "the sentinels agree")

    def _watched(self) -> list[Any]:
        """The primary as each sentinel sees it."""
        return [sentinel.client.sentinel_master(self.service) for sentinel in self.sentinels]

    def _is_settled(self) -> bool:
        masters, primary = self._watched(), self.primary()
        return (
            primary is not None
            and all(master["num-other-sentinels"] == 2 and master["num-slaves"] == 1 for master in masters)
            and all(master["is_master"] and not master["is_sdown"] for master in masters)
            and primary.replication()["role"] == "master"
            and primary.replication()["connected_slaves"] == 1
        )

    def stop(self) -> None:
        for node in (*self.sentinels, *self.nodes):
            node.kill()
