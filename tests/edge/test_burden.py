"""Laws of the burden: past a bound newcomers are asked to come back, and below it they are let in again."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from cueroom.edge import burden
from cueroom.edge.burden import Burden
from cueroom.metrics import Metrics, Refusal
from cueroom.settings import Settings
from waiting import PATIENCE_S


def test_past_the_bytes_in_flight_feeds_wait_and_newcomers_come_back() -> None:
    async def scene() -> None:
        carried = Burden(Settings(max_in_flight=2048), Metrics())
        assert carried.refuse() is None
        carried.take(2000)
        await carried.room()
        carried.take(2000)
        waiting = asyncio.create_task(carried.room())
        refused = carried.refuse()
        assert refused
        assert (refused.status, refused.retry_after_s) == (503, burden.RETRY_AFTER_S)
        assert not waiting.done()
        carried.free(2000)
        await waiting
        assert carried.refuse() is None

    asyncio.run(scene())


def test_a_loop_that_is_late_again_and_again_is_overloaded_until_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def until(true: Callable[[], bool], block_s: float) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                time.sleep(block_s)  # noqa: ASYNC251  # the law is about a loop that is blocked
                await asyncio.sleep(0)

    async def scene() -> None:
        carried = Burden(Settings(max_lag_ms=100), Metrics())
        watching = asyncio.create_task(carried.watch())
        await until(lambda: carried.excess() is Refusal.LAG, 0.2)
        assert carried.refuse()
        await until(lambda: carried.excess() is None, 0.0)
        watching.cancel()

    monkeypatch.setattr(burden, "TICK_S", 0.02)
    asyncio.run(scene())


def test_one_pause_is_no_overload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "TICK_S", 0.001)

    async def scene() -> None:
        carried = Burden(Settings(max_lag_ms=100), Metrics())
        watching = asyncio.create_task(carried.watch())
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251  # the law is about a loop that is blocked
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert carried.excess() is None
        watching.cancel()

    asyncio.run(scene())


def test_feeds_let_people_go_first_but_never_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        carried = Burden(Settings(), Metrics())
        await carried.courtesy()
        with carried.person():
            waiting = asyncio.create_task(carried.courtesy())
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting
        monkeypatch.setattr(burden, "COURTESY_S", 0.01)
        with carried.person():
            await asyncio.wait_for(carried.courtesy(), PATIENCE_S)

    asyncio.run(scene())


def test_people_are_about_while_they_wait_and_a_while_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        carried = Burden(Settings(), Metrics())
        assert not carried.people_about
        with carried.person():
            assert carried.people_about
        monkeypatch.setattr(burden, "LATELY_S", PATIENCE_S)
        assert carried.people_about
        monkeypatch.setattr(burden, "LATELY_S", 0.0)
        assert not carried.people_about

    asyncio.run(scene())


def test_work_on_feeds_leaves_room_for_others_in_every_turn_of_the_loop() -> None:
    """However many feeds there are, what one turn of the loop does for them ends with the slice that was passed."""

    async def scene() -> list[int]:
        turns, turn, done = Burden(Settings(), Metrics()).turns, 0, []

        async def work() -> None:
            async with turns:
                time.sleep(1.1 * burden.SLICE_S)  # noqa: ASYNC251  # work that does not wait
                done.append(turn)

        feeds = [asyncio.create_task(work()) for _ in range(20)]
        while not all(feed.done() for feed in feeds):
            await asyncio.sleep(0)
            turn += 1
        return done

    turns_of_feeds = asyncio.run(scene())
    assert len(set(turns_of_feeds)) == 20


def test_a_feed_whose_turn_has_to_wait_lets_those_who_came_meanwhile_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "COURTESY_S", PATIENCE_S)

    async def scene() -> None:
        carried = Burden(Settings(), Metrics())

        async def work() -> None:
            async with carried.turns:
                pass

        feed = asyncio.create_task(work())
        async with carried.turns:
            time.sleep(1.1 * burden.SLICE_S)  # noqa: ASYNC251  # work that does not wait
        with carried.person():
            for _ in range(10):
                await asyncio.sleep(0)
            assert not feed.done()
        await feed

    asyncio.run(scene())


def test_people_go_before_a_feeds_work_and_between_two_pieces_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "COURTESY_S", PATIENCE_S)

    async def scene() -> None:
        carried, people, done = Burden(Settings(), Metrics()), contextlib.ExitStack(), []

        async def work() -> None:
            async with carried.turns:
                done.append("one piece")
                people.enter_context(carried.person())
                await carried.turns.pause()
                done.append("another")

        people.enter_context(carried.person())
        feed = asyncio.create_task(work())
        for expected in ([], ["one piece"], ["one piece", "another"]):
            for _ in range(10):
                await asyncio.sleep(0)
            assert done == expected
            people.close()
        await feed

    asyncio.run(scene())


def test_however_much_is_turned_away_it_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "TICK_S", 0.001)

    async def scene() -> None:
        carried = Burden(Settings(), Metrics())
        watching = asyncio.create_task(carried.watch())
        with capture_logs() as lines:
            for _ in range(50):
                carried.count(Refusal.SLOW_HEAD)
                await asyncio.sleep(0.002)
        watching.cancel()
        assert [line["event"] for line in lines] == ["within bounds"]

    asyncio.run(scene())
