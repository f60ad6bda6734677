"""A feed written from the contract alone, for the tests: numbered batches, acknowledgements and goodbyes over a plain
socket; and what is told meanwhile."""

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from waiting import PATIENCE_S

Event = dict[str, Any]


class PlainFeed:
    """The producer's side of one connection."""

    def __init__(self, socket: ClientConnection, producer: str = "feed-1") -> None:
        self.socket = socket
        self._binary = socket.subprotocol == "cueroom.v1.msgpack"
        self.send({"hello": {"producer": producer}})
        self.welcome = self.receive()["welcome"]
        self.seq = self.welcome["resume"]

    def send(self, message: Any) -> None:
        self.socket.send(msgpack.packb(message) if self._binary else json.dumps(message))

    def receive(self) -> Any:
        frame = self.socket.recv(timeout=PATIENCE_S)
        return msgpack.unpackb(frame) if isinstance(frame, bytes) else json.loads(frame)

    def push(self, events: Sequence[Event]) -> Any:
        """Sends the next batch and waits until it is durable; answers the acknowledgement."""
        self.seq += 1
        self.send({"seq": self.seq, "events": list(events)})
        return self.await_ack(self.seq)

    def await_ack(self, seq: int) -> Any:
        while True:
            ack = self.receive()
            if ack["ack"] >= seq:
                return ack


@contextlib.contextmanager
def telling(tell_one: Callable[[int], object]) -> Iterator[None]:
    """One after the other is told meanwhile, however slow this machine is."""
    enough = threading.Event()

    def tell() -> None:
        for number in itertools.count():
            tell_one(number)
            if enough.wait(0.3):
                return

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield
    finally:
        enough.set()
        teller.join()


def closing_code(socket: ClientConnection) -> int | None:
    """The code with which the server ends this socket, behind whatever still comes."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE_S)
    return socket.close_code


def order(order_id: str, kind: str = "paid", sku: str = "V01", qty: int = 1, **fields: Any) -> Event:
    return {"type": f"order.{kind}", "id": order_id, "sku": sku, "qty": qty, **fields}
