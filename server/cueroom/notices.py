"""Notices: what the store tells every process at once, over one subscription a process."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import structlog

Callback = Callable[[str], None]
RETRY_S = 0.5
log = structlog.get_logger()


class Notices:
    """Dispatches published messages to callbacks by (show, topic): `changed` (the new rev), `turned` (the same, for
    changes of the board alone), `kick` (producer|epoch) and `revoked` (key id). After a lost subscription every
    `changed` listener is called, since a notice may have been missed."""

    def __init__(self, pubsub_of: Callable[[], Any], prefix: str) -> None:
        self._pubsub_of = pubsub_of
        self._prefix = prefix
        self._callbacks: defaultdict[tuple[str, str], set[Callback]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listening(self, show: str, topic: str, callback: Callback) -> Iterator[None]:
        """Calls `callback` with each payload while the context lasts."""
        self._callbacks[show, topic].add(callback)
        try:
            yield
        finally:
            self._callbacks[show, topic].discard(callback)
            if not self._callbacks[show, topic]:
                del self._callbacks[show, topic]

    def start(self, failures: tuple[type[Exception], ...]) -> None:
        """Subscribes, and again whenever one of `failures` broke the subscription."""
        self._task = asyncio.create_task(self._run(failures))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, failures: tuple[type[Exception], ...]) -> None:
        while True:
            try:
                async with self._pubsub_of() as pubsub:
                    await pubsub.psubscribe(f"{self._prefix}*")
                    self._wake_all()
                    async for message in pubsub.listen():
                        if message["type"] == "pmessage":
                            self._dispatch(message["channel"].decode(), message["data"].decode())
            except failures as error:
                log.warning("store notices lost, subscribing again", error=str(error))
            await asyncio.sleep(RETRY_S)

    def _wake_all(self) -> None:
        for (_, topic), callbacks in list(self._callbacks.items()):
            if topic == "changed":
                for callback in list(callbacks):
                    callback("")

    def _dispatch(self, channel: str, payload: str) -> None:
        show, _, topic = channel.removeprefix(self._prefix).partition("}:")
        for callback in list(self._callbacks.get((show.removeprefix("{"), topic), ())):
            callback(payload)
