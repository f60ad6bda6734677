"""Laws of flushing: whoever comes while the store is busy shares the next call, and learns what became of theirs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from conftest import small_rundown
from cueroom.clock import Clock
from cueroom.edge import burden
from cueroom.edge.burden import Burden
from cueroom.edge.flushing import LIGHT_WEIGHT, Flushing
from cueroom.errors import StoreUnavailable, UnknownShow
from cueroom.metrics import Metrics
from cueroom.processes.embedded import embedded_redis
from cueroom.settings import Settings
from cueroom.show import events as ev
from cueroom.show.tally import MOST_WEIGHT, ORDER_WEIGHT, Tally
from cueroom.storage.calls import Flushed, Part, Sender
from cueroom.storage.store import Store
from waiting import PATIENCE_S

SHOW = "flushing"
FEEDS = 5


class WatchedStore(Store):
    """The store, which notes how many parts each call had, and how many calls were under way at once."""

    def __init__(self, url: str) -> None:
        super().__init__(url, keep_days=1)
        self.calls: list[int] = []
        self.under_way = self.most_under_way = 0

    async def flush_together(self, show: str, parts: Sequence[Part], now: int) -> list[Flushed]:
        self.calls.append(len(parts))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await super().flush_together(show, parts, now)
        finally:
            self.under_way -= 1


def with_flushing(directory: Path, act: Callable[[Flushing, WatchedStore], Awaitable[None]]) -> None:
    async def run() -> None:
        async with embedded_redis(directory, "no") as server:
            store = WatchedStore(server.url)
            try:
                await store.put_show(small_rundown(SHOW), Clock().now_ms())
                await act(flushing_to(store), store)
            finally:
                await store.close()

    asyncio.run(run())


def flushing_to(store: Store) -> Flushing:
    return Flushing(store, Clock(), Metrics(), Burden(Settings(), Metrics()))


def part_of(*events: ev.Event, sender: Sender | None = None) -> Part:
    tally = Tally(small_rundown(SHOW))
    tally.add_all(events, Clock().now_ms())
    return Part(tally.flush, sender)


def heavy(name: str, weight: int = MOST_WEIGHT) -> Part:
    """As much as a call may hold, or that weight."""
    return part_of(*(ev.OrderPaid(id=f"{name}-{n}", sku="V01", qty=1) for n in range(weight // ORDER_WEIGHT)))


def test_what_comes_while_the_store_is_busy_goes_in_one_call_and_a_stale_feed_spoils_nobody(tmp_path: Path) -> None:
    async def act(flushing: Flushing, store: WatchedStore) -> None:
        now = Clock().now_ms()
        epochs = [(await store.hello(SHOW, f"feed-{n}", now))[0] for n in range(FEEDS)]
        await store.hello(SHOW, "feed-3", now)  # somebody newer has the name
        parts = [
            part_of(ev.ViewerEntered(n=10**n), sender=Sender(f"feed-{n}", epoch, 1, 1))
            for n, epoch in enumerate(epochs)
        ]
        flushed = await asyncio.gather(*(flushing.flush(SHOW, part) for part in parts))
        assert store.calls == [1, FEEDS - 1]
        assert [one.status for one in flushed] == ["ok", "ok", "ok", "fenced", "ok"]
        assert (await store.read(SHOW, now))[0].totals.entered == 10_111

    with_flushing(tmp_path, act)


def test_a_second_call_goes_off_behind_the_first_only_when_it_is_full(tmp_path: Path) -> None:
    async def act(flushing: Flushing, store: WatchedStore) -> None:
        light = [part_of(ev.ViewerEntered(viewer=str(n))) for n in range(3)]
        await asyncio.gather(*(flushing.flush(SHOW, part) for part in light))
        assert (store.calls, store.most_under_way) == ([1, 2], 1)
        parts = [light[0], heavy("a"), light[1], heavy("b"), light[2]]
        await asyncio.gather(*(flushing.flush(SHOW, part) for part in parts))
        # With a heavy part there is no room for another one.
        assert (store.calls[2:], store.most_under_way) == ([1, 1, 1, 1, 1], 2)

    with_flushing(tmp_path, act)


def test_a_call_that_fails_fails_for_everyone_in_it_and_the_next_one_is_tried_anew(tmp_path: Path) -> None:
    async def act(flushing: Flushing, _: WatchedStore) -> None:
        def all_at_once(show: str) -> Awaitable[list[Flushed | BaseException]]:
            return asyncio.gather(
                *(flushing.flush(show, part_of(ev.ViewerEntered())) for _ in range(3)), return_exceptions=True
            )

        assert [type(one) for one in await all_at_once("nowhere")] == [UnknownShow] * 3
        assert [type(one) for one in await all_at_once(SHOW)] == [Flushed] * 3

    with_flushing(tmp_path, act)


def test_people_go_before_every_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "COURTESY_S", PATIENCE_S)

    async def act(flushing: Flushing, store: WatchedStore) -> None:
        with flushing._burden.person():
            waiting = asyncio.create_task(flushing.flush(SHOW, part_of(ev.ViewerEntered())))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not store.calls
        await waiting
        assert store.calls == [1]

    with_flushing(tmp_path, act)


def test_calls_are_light_while_people_are_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "LATELY_S", PATIENCE_S)

    async def act(flushing: Flushing, store: WatchedStore) -> None:
        async def flush_three() -> None:
            parts = [part_of(ev.ViewerEntered()), heavy("a", LIGHT_WEIGHT), heavy("b", LIGHT_WEIGHT)]
            await asyncio.gather(*(flushing.flush(SHOW, part) for part in parts))

        await flush_three()
        assert (store.calls, flushing.most_weight) == ([1, 2], MOST_WEIGHT)
        with flushing._burden.person():
            assert flushing.most_weight == LIGHT_WEIGHT
        await flush_three()
        assert store.calls[2:] == [1, 1, 1]

    with_flushing(tmp_path, act)


def test_a_store_that_is_gone_is_told_to_everyone_who_waits(tmp_path: Path) -> None:
    async def act() -> None:
        store = WatchedStore(f"unix://{tmp_path}/nobody.sock")
        flushing = flushing_to(store)
        waiting = [asyncio.create_task(flushing.flush(SHOW, part_of(ev.ViewerEntered()))) for _ in range(2)]
        for one in waiting:
            with pytest.raises(StoreUnavailable):
                await one
        await store.close()

    asyncio.run(act())
