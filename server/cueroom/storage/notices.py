"""Notices: what the store tells every process at once, over one subscription a process and home."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

import structlog

from cueroom.errors import StoreUnavailable
from cueroom.waiting import set_within

Callback = Callable[[str], None]
CHECK_S = 0.5
"""How often it is asked whether every show is heard from its home, and how soon a lost subscription is renewed."""

log = structlog.get_logger()


class Homes(Protocol):
    """Who knows where shows are at home: `redis_link.Link`."""

    def home(self, key: str) -> Awaitable[Any]:
        """The client of the home, the same as long as the home is."""

    def doubt(self, error: Exception) -> None:
        """Takes note that a home failed."""


class Notices:
    """Dispatches published messages to callbacks by (show, topic): `changed` (the new rev), before it `turned` where
    the board changed and `cued` where a cue did (the same), `kick` (producer|epoch) and `revoked` (key id). Every
    `changed` listener of a show is called when it begins to be heard, or is heard again: a notice may have been
    missed."""

    def __init__(self, homes: Homes, prefix_of: Callable[[str], str]) -> None:
        self._homes = homes
        self._prefix_of = prefix_of
        self._callbacks: dict[str, defaultdict[str, set[Callback]]] = {}
        self._ears: dict[Any, Ear] = {}
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listening(self, show: str, topic: str, callback: Callback) -> Iterator[None]:
        """Calls `callback` with each payload while the context lasts."""
        topics = self._callbacks.get(show)
        if topics is None:
            topics = self._callbacks[show] = defaultdict(set)
            self._stirred.set()
        topics[topic].add(callback)
        try:
            yield
        finally:
            topics[topic].discard(callback)
            if not any(topics.values()):
                self._callbacks.pop(show, None)
                self._stirred.set()

    def start(self, failures: tuple[type[Exception], ...]) -> None:
        """Subscribes to every show that is listened to, and again whenever one of `failures` broke that."""
        self._task = asyncio.create_task(self._run(failures))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for ear in self._ears.values():
            await ear.close()

    async def _run(self, failures: tuple[type[Exception], ...]) -> None:
        task = asyncio.current_task()
        failing = False
        while not (task and task.cancelling()):  # redis-py may swallow the cancel itself
            self._stirred.clear()
            error = await self._tune(failures)
            if error and not failing:  # one line an outage, not one a try
                log.warning("store notices lost, subscribing again", error=str(error))
            failing = error is not None
            if failing:
                await asyncio.sleep(CHECK_S)
            await set_within(self._stirred, CHECK_S)

    async def _tune(self, failures: tuple[type[Exception], ...]) -> Exception | None:
        """Has every show that is listened to heard from its home, and from nowhere else; answers what failed."""
        wanted: defaultdict[Any, dict[str, str]] = defaultdict(dict)
        unavailable: Exception | None = None
        for show in list(self._callbacks):
            prefix = self._prefix_of(show)
            try:
                wanted[await self._homes.home(prefix)][f"{prefix}notices"] = show
            except StoreUnavailable as error:
                unavailable = error
        for home in self._ears.keys() - wanted.keys():
            await self._ears.pop(home).close()
        answers = [self._tune_in(home, channels, failures) for home, channels in wanted.items()]
        failed = [error for error in await asyncio.gather(*answers) if error]
        return failed[0] if failed else unavailable

    async def _tune_in(
        self, home: Any, channels: Mapping[str, str], failures: tuple[type[Exception], ...]
    ) -> Exception | None:
        if home not in self._ears:
            self._ears[home] = Ear(home.pubsub(), self._hear, self._stirred.set)
        try:
            await self._ears[home].tune(channels)
        except failures as error:
            await self._ears.pop(home).close()
            self._homes.doubt(error)
            return error
        return None

    def _hear(self, show: str, topic: str, payload: str) -> None:
        if show in self._callbacks:
            for callback in list(self._callbacks[show][topic]):
                callback(payload)


class Ear:
    """One connection to one home, and the shows that are heard on it. `hear` gets (show, topic, payload); `stir` asks
    to be tuned again, because something is no longer heard."""

    def __init__(self, pubsub: Any, hear: Callable[[str, str, str], None], stir: Callable[[], None]) -> None:
        self._pubsub = pubsub
        self._hear = hear
        self._stir = stir
        self._shows: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    async def tune(self, channels: Mapping[str, str]) -> None:
        """Hears these channels, each a show's, and no others. Raises what broke the connection since."""
        if self._task and self._task.done():
            self._task.result()
        new, gone = channels.keys() - self._shows.keys(), self._shows.keys() - channels.keys()
        self._shows = dict(channels)
        # One by one: a command must not name channels of several slots.
        for channel in new:
            await self._pubsub.ssubscribe(channel)
        for channel in gone:
            await self._pubsub.sunsubscribe(channel)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
            self._task.add_done_callback(lambda _: self._stir())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
        await self._pubsub.aclose()
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            message = await self._pubsub.get_message(timeout=None)
            if message and message["channel"].decode() in self._shows:
                self._take(message["type"], message["channel"].decode(), message["data"])

    def _take(self, kind: str, channel: str, data: Any) -> None:
        show = self._shows[channel]
        if kind == "smessage":
            topic, _, payload = data.decode().partition("|")
            self._hear(show, topic, payload)
        elif kind == "ssubscribe":
            self._hear(show, "changed", "")
        else:  # the slot has left this home
            del self._shows[channel]
            self._stir()
