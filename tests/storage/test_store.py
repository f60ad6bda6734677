"""Laws of the store: the flush script counts what the fold counts, once, whatever is repeated or lost."""

import asyncio
import itertools
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgpack
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom.errors import CannotChange, NotLeading, StoreRefused, StoreUnavailable, UnknownShow
from cueroom.processes.embedded import embedded_redis
from cueroom.show import events as ev
from cueroom.show.board import presented, started
from cueroom.show.fold import Ledger
from cueroom.show.rundown import Rundown
from cueroom.show.state import Outlook, PlanLine, Shelf, Snapshot
from cueroom.show.tally import ORDER_WEIGHT, ORDER_WIDTH, Flush, Tally
from cueroom.storage.calls import Change, Part, Sender
from cueroom.storage.store import Store, prefix_of
from cueroom.storage.stored import Order
from waiting import PATIENCE_S

NOW = 1_700_000_000_000
_SHOWS = itertools.count(1)
Act = Callable[[Store, str], Awaitable[Any]]


@pytest.fixture(scope="module", params=["embedded", "redis-server"])
def redis_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded server and, where it is installed, Debian's."""
    data = tmp_path_factory.mktemp("redis")
    if request.param == "redis-server":
        yield from _debian_redis(data)
        return
    loop = asyncio.new_event_loop()
    running = embedded_redis(data, "everysec")
    embedded = loop.run_until_complete(running.__aenter__())
    yield embedded.url
    loop.run_until_complete(running.__aexit__(None, None, None))
    loop.close()


def _debian_redis(data: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    socket = data / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(data)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE_S
    while not socket.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"unix://{socket}"
    process.terminate()
    process.wait()


@pytest.fixture
def with_show(redis_url: str) -> Callable[[Act], Any]:
    """Runs a coroutine with the store and the id of a show that was just loaded."""
    return lambda act: run_with_show(redis_url, act)


def run_with_show(redis_url: str, act: Act) -> Any:
    async def run() -> Any:
        store = Store(redis_url, keep_days=30)
        show = f"store-{next(_SHOWS)}"
        try:
            await store.put_show(small_rundown(show), NOW)
            return await act(store, show)
        finally:
            await store.close()

    return asyncio.run(run())


def tally_of(show: str, events: Sequence[ev.Event], *, by_id: bool = False) -> Tally:
    tally = Tally(small_rundown(show), by_id=by_id)
    assert tally.add_all(events, NOW) == {}
    return tally


skus = st.sampled_from(["V01", "V02", "V03"])
moments = st.integers(NOW - 150_000, NOW)
quantities = st.integers(1, 5)


def order_events() -> st.SearchStrategy[ev.OrderEvent]:
    """A few ids, so that types meet and repeat; an id always has the same SKU."""
    return st.builds(
        lambda kind, n, qty, amount, at: kind(
            id=f"o{n}", sku=("V01", "V02", "V03")[n % 3], qty=qty, amount=amount, time=at
        ),
        st.sampled_from([ev.OrderCreated, ev.OrderPaid, ev.OrderCancelled, ev.OrderRefunded]),
        st.integers(0, 12),
        quantities,
        st.none() | st.integers(0, 50_000),
        moments,
    )


def after_sales_events() -> st.SearchStrategy[ev.AfterSalesEvent]:
    """Of the same orders, and of one that nobody ever told of."""
    kinds = st.sampled_from([ev.ParcelShipped, ev.ServiceOpened, ev.ServiceAnswered, ev.ServiceClosed])
    return st.builds(lambda kind, n, at: kind(id=f"o{n}", time=at), kinds, st.integers(0, 13), moments)


any_events = st.lists(
    order_events()
    | after_sales_events()
    | st.builds(ev.ViewerEntered, n=quantities, viewer=st.none() | st.sampled_from("abcdef"), time=moments)
    | st.builds(ev.ProductClicked, sku=skus, n=quantities, time=moments)
    | st.builds(ev.ViewerGifted, amount=st.integers(0, 1000), time=moments)
    | st.builds(ev.StockReleased, sku=skus, n=quantities, time=moments),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=any_events, cuts=st.lists(st.integers(0, 40), max_size=5), resends=st.lists(st.booleans(), max_size=6))
def test_batches_cut_and_resent_anyhow_count_what_the_fold_counts(
    redis_url: str, events: list[ev.Event], cuts: list[int], resends: list[bool]
) -> None:
    async def feed(store: Store, show: str) -> Any:
        epoch, seq = await store.hello(show, "feed", NOW)
        bounds = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
        again = itertools.cycle([*resends, False])
        for first, last in itertools.pairwise(bounds):
            seq += 1
            sender = Sender("feed", epoch, seq, seq)
            for _ in range(2 if next(again) else 1):
                await store.flush(show, tally_of(show, events[first:last]).flush, NOW, sender)
        return (await store.read(show, NOW, minutes=4))[0]

    snapshot = run_with_show(redis_url, feed)
    ledger = Ledger(snapshot.rundown)
    for event in events:
        ledger.apply(event, event.time or NOW)
    wanted = ledger.snapshot(NOW)
    assert snapshot.totals == wanted.totals
    assert {sku: snapshot.counts(sku) for sku in ("V01", "V02", "V03")} == dict(wanted.items)
    assert snapshot.shelves == wanted.shelves
    assert snapshot.unpaid == {sku: minutes for sku, minutes in wanted.unpaid.items() if minutes}
    assert snapshot.unique == wanted.unique
    assert series_of(snapshot.seconds) == series_of(wanted.seconds)


def series_of(seconds: Mapping[int, Mapping[str, int]]) -> dict[tuple[int, str], int]:
    """What happened in each second, without what came to nothing."""
    return {(second, name): n for second, sums in seconds.items() for name, n in sums.items() if n}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    events=st.lists(
        order_events() | after_sales_events(), max_size=20, unique_by=lambda event: (event.id, type(event))
    ),
)
def test_any_order_of_arrival_is_right_in_the_end(
    redis_url: str, data: st.DataObject, events: list[ev.OrderEvent | ev.AfterSalesEvent]
) -> None:
    shuffled = data.draw(st.permutations(events))

    async def known(store: Store, show: str) -> Any:
        snapshot = (await store.read(show, NOW, minutes=4))[0]
        services = sorted(await store.services(show), key=lambda service: service.order)
        series = series_of({second: sums async for second, sums in store.second_totals(show)})
        return snapshot, series, await store.unshipped(show), services, await store.serving(show)

    async def feed(store: Store, show: str) -> Any:
        for event in shuffled:
            await store.flush(show, tally_of(show, [event]).flush, NOW)
        return await known(store, show)

    async def feed_at_once(store: Store, show: str) -> Any:
        await store.flush(show, tally_of(show, events).flush, NOW)
        return await known(store, show)

    (one, *afterwards), (other, *others) = run_with_show(redis_url, feed), run_with_show(redis_url, feed_at_once)
    assert (one.totals, one.items, one.unpaid) == (other.totals, other.items, other.unpaid)
    assert one.shelves == other.shelves
    assert afterwards == others
    _, unshipped, services, serving = afterwards
    assert unshipped == waiting_for_parcels(events)
    assert serving == Counter(service.kind for service in services if service.is_open)


def waiting_for_parcels(events: Sequence[ev.Event]) -> dict[str, dict[int, tuple[int, int]]]:
    """SKU → minute of payment → (orders, units) paid, neither shipped nor cancelled nor refunded in full."""
    told = {(type(event), event.id): event for event in events if isinstance(event, ev.OrderEvent | ev.AfterSalesEvent)}
    prices = {item.sku: item.price for item in small_rundown("prices").items}

    def worth(order: ev.OrderEvent) -> int:
        return prices[order.sku] * order.qty if order.amount is None else order.amount

    waiting: dict[str, dict[int, tuple[int, int]]] = {}
    for paid in told.values():
        if not isinstance(paid, ev.OrderPaid):
            continue
        refund = told.get((ev.OrderRefunded, paid.id))
        refunded = isinstance(refund, ev.OrderRefunded) and worth(refund) >= worth(paid)
        if refunded or (ev.OrderCancelled, paid.id) in told or (ev.ParcelShipped, paid.id) in told:
            continue
        minute = (paid.time or 0) // 60_000
        orders, units = waiting.setdefault(paid.sku, {}).get(minute, (0, 0))
        ordered = told.get((ev.OrderCreated, paid.id), paid)
        assert isinstance(ordered, ev.OrderEvent)
        waiting[paid.sku][minute] = (orders + 1, units + ordered.qty)
    return waiting


class Gateway:
    """A connection of a feed to the store: its epoch, and the batch it believes to come next."""

    def __init__(self, store: Store, show: str, producer: str) -> None:
        self._store = store
        self._show = show
        self._producer = producer
        self._epoch = 0
        self.next = 0

    async def hello(self) -> Self:
        """A new process takes the feed over, and begins where the store says."""
        self._epoch, resume = await self._store.hello(self._show, self._producer, NOW)
        self.next = resume + 1
        return self

    def part(self, batches: Sequence[Sequence[ev.Event]], first: int) -> Part:
        """Some batches together, the first of which has that number."""
        sender = Sender(self._producer, self._epoch, first, first + len(batches) - 1)
        return Part(tally_of(self._show, list(itertools.chain(*batches))).flush, sender)


class Attempt(NamedTuple):
    """A part that is brought to a call, what is to become of it, and the events it then applies."""

    part: Part
    status: str
    events: Sequence[ev.Event] = ()


class Show:
    """A show that is fed over two feeds and by posts, and the fold of what was applied to it. Its steps answer what
    they bring to the next call, if anything."""

    def __init__(self, store: Store, show: str, batches: Sequence[Sequence[ev.Event]]) -> None:
        self._store = store
        self._show = show
        self._batches = batches
        self._counted: set[Any] = set()
        self.ledger = Ledger(small_rundown(show))
        self._alive: dict[str, Gateway] = {}
        self._zombies: dict[str, Gateway] = {}

    async def call(self, attempts: Sequence[Attempt]) -> None:
        """All of them at once."""
        flushed = await self._store.flush_together(self._show, [attempt.part for attempt in attempts], NOW)
        assert [one.status for one in flushed] == [attempt.status for attempt in attempts]
        assert [sum(one.repeats.values()) for one in flushed] == [self._fold(attempt.events) for attempt in attempts]

    async def gateway(self, producer: str) -> Gateway:
        if producer not in self._alive:
            self._alive[producer] = await Gateway(self._store, self._show, producer).hello()
        return self._alive[producer]

    async def flush(self, producer: str, count: int) -> Attempt | None:
        """The next few batches arrive."""
        gateway = await self.gateway(producer)
        first, batches = gateway.next, self._batches[gateway.next - 1 : gateway.next - 1 + count]
        gateway.next += len(batches)
        return Attempt(gateway.part(batches, first), "ok", list(itertools.chain(*batches))) if batches else None

    async def resend(self, producer: str, count: int) -> Attempt | None:
        """The acknowledgement got lost: what was applied comes again."""
        gateway = await self.gateway(producer)
        first = max(1, gateway.next - count)
        again = self._batches[first - 1 : gateway.next - 1]
        return Attempt(gateway.part(again, first), "again") if again else None

    async def break_off(self, producer: str, count: int) -> None:
        """The gateway dies between two pieces of a heavy flush; all of it will come again."""
        gateway = await self.gateway(producer)
        batches = self._batches[gateway.next - 1 : gateway.next - 1 + count]
        *ahead, _ = gateway.part(batches, gateway.next).flush.pieces(most=3 * ORDER_WEIGHT)
        for piece in ahead:
            await self._store.flush(self._show, piece, NOW)
        self._fold(those_in(ahead, list(itertools.chain(*batches))))

    async def skip(self, producer: str, count: int) -> Attempt:
        """A gateway that lost something itself must not go on over the gap."""
        gateway = await self.gateway(producer)
        return Attempt(gateway.part([self._batches[0]], gateway.next + count), "sequence")

    async def take_over(self, producer: str, _: int) -> None:
        """The gateway dies, or seems to; the next one goes on from what the store knows."""
        self._zombies[producer] = before = await self.gateway(producer)
        self._alive[producer] = await Gateway(self._store, self._show, producer).hello()
        assert self._alive[producer].next == before.next

    async def wake(self, producer: str, count: int) -> Attempt | None:
        """One that was taken for dead goes on where it was."""
        zombie = self._zombies.get(producer)
        return Attempt(zombie.part(self._batches[:count], zombie.next), "fenced") if zombie else None

    async def post(self, producer: str, count: int) -> Attempt:
        """A webhook brings events with ids, some of them again."""
        events = [ev.ViewerFollowed(id=f"{producer}-{n}", n=n, time=NOW) for n in range(1, count + 1)]
        return Attempt(Part(tally_of(self._show, events, by_id=True).flush), "ok", events)

    def _fold(self, events: Iterable[ev.Event]) -> int:
        """How many of them had been counted before."""
        repeats = 0
        for event in events:
            name = (type(event), getattr(event, "id", None))
            if name[1] is not None and name in self._counted:
                repeats += 1
                continue
            self._counted.add(name)
            self.ledger.apply(event, event.time or NOW)
        return repeats


def those_in(ahead: Sequence[Flush], events: Sequence[ev.Event]) -> list[ev.Event]:
    """Those of the events that are in the first pieces of their flush: the first orders, and the first that came after
    a sale."""
    orders = [event for event in events if isinstance(event, ev.OrderEvent)]
    afterwards = [event for event in events if isinstance(event, ev.AfterSalesEvent)]
    return [
        *orders[: sum(len(piece.orders) // ORDER_WIDTH for piece in ahead)],
        *afterwards[: sum(len(piece.ops) for piece in ahead)],
    ]


BETWEEN_CALLS = (Show.take_over, Show.break_off)

steps = st.tuples(
    st.sampled_from([Show.flush, Show.flush, Show.resend, Show.skip, Show.wake, Show.post, *BETWEEN_CALLS]),
    st.sampled_from(["one", "other"]),
    st.integers(1, 4),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(any_events, min_size=1, max_size=6), story=st.lists(st.lists(steps, max_size=4), max_size=10))
def test_whatever_is_resent_taken_over_skipped_or_woken_the_counters_are_the_fold_of_what_was_sent(
    redis_url: str, batches: list[list[ev.Event]], story: list[list[tuple[Any, str, int]]]
) -> None:
    async def act(store: Store, name: str) -> tuple[Snapshot, Snapshot]:
        show = Show(store, name, batches)
        for call in [*story, [(Show.flush, producer, len(batches)) for producer in ("one", "other")]]:
            attempts: list[Attempt] = []
            for step, producer, count in call:
                # Who takes a feed over, or dies, does so between two calls.
                if step in BETWEEN_CALLS:
                    await show.call(attempts)
                    attempts.clear()
                if attempt := await step(show, producer, count):
                    attempts.append(attempt)
            await show.call(attempts)
        return (await store.read(name, NOW, minutes=4))[0], show.ledger.snapshot(NOW)

    stored, folded = run_with_show(redis_url, act)
    assert stored.totals == folded.totals
    assert {sku: stored.counts(sku) for sku in ("V01", "V02", "V03")} == dict(folded.items)
    assert stored.shelves == folded.shelves
    assert stored.unpaid == {sku: minutes for sku, minutes in folded.unpaid.items() if minutes}
    assert stored.unique == folded.unique


def test_the_gauge_keeps_its_last_value_of_every_second_and_minute(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        second = NOW - NOW % 60_000
        times = [second + 900, second + 100, second + 5_000, second + 5_500, second + 5_200]
        gauges = [ev.RoomOnline(n=n, time=at) for n, at in enumerate(times, start=1)]
        await store.flush(show, tally_of(show, gauges).flush, NOW)
        snapshot, _ = await store.read(show, NOW)
        assert (snapshot.online, snapshot.peak_online) == (4, 5)
        assert [snapshot.seconds[second // 1000 + at]["online"] for at in (0, 5)] == [1, 4]
        assert (await store.minutes(show))[-1].fields["online"] == 4

    with_show(act)


def test_a_flush_of_an_older_connection_is_fenced(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        old, _ = await store.hello(show, "feed", NOW)
        new, _ = await store.hello(show, "feed", NOW)
        flush = tally_of(show, [ev.ViewerEntered(n=3)]).flush
        assert (await store.flush(show, flush, NOW, Sender("feed", old, 1, 1))).status == "fenced"
        assert (await store.flush(show, flush, NOW, Sender("feed", new, 2, 2))).status == "sequence"
        assert (await store.flush(show, flush, NOW, Sender("feed", new, 1, 1))).status == "ok"
        assert (await store.flush(show, flush, NOW, Sender("feed", new, 1, 1))).status == "again"
        snapshot, _ = await store.read(show, NOW)
        assert snapshot.totals.entered == 3

    with_show(act)


def test_viewer_events_cost_no_memory_each(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        redis: Any = await store._link.home(prefix_of(show))
        prefix = prefix_of(show)

        async def fields() -> int:
            keys = [key async for key in redis.scan_iter(match=f"{prefix}*")]
            hashes = sum([await redis.hlen(key) for key in keys if await redis.type(key) == b"hash"])
            return len(keys) + int(hashes)

        flush = [ev.ViewerEntered(n=1, viewer=str(n)) for n in range(10)] + [ev.ProductClicked(sku="V01")]
        await store.flush(show, tally_of(show, flush).flush, NOW)
        before = await fields()
        for round_ in range(20):
            more: list[ev.Event] = [ev.ViewerEntered(n=1, viewer=f"{round_}-{n}") for n in range(500)] + [
                ev.ProductClicked(sku="V01")
            ]
            await store.flush(show, tally_of(show, more).flush, NOW)
        assert await fields() <= before

    with_show(act)


def test_viewers_are_told_one_by_one_until_they_are_many(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        async def unique_after(first: int, last: int) -> int:
            came: list[ev.Event] = [ev.ViewerEntered(viewer=f"user-{number}") for number in range(first, last)]
            await store.flush(show, tally_of(show, came).flush, NOW)
            return (await store.read(show, NOW))[0].unique

        assert [await unique_after(0, last) for last in (1, 50, 400, 400, 1_999)] == [1, 50, 400, 400, 1_999]
        many = await unique_after(1_000, 6_000)
        assert many == pytest.approx(6_000, rel=0.03)
        assert await unique_after(0, 500) == many

    with_show(act)


def test_an_order_is_kept_as_it_was_told_however_those_before_it_were(with_show: Callable[[Act], Any]) -> None:
    told = [(qty, asked, paid, at) for qty in (1, 2) for asked in (None, 9, 8) for paid in (9, None) for at in (0, 1)]
    price = small_rundown("any").items[0].price

    def kept(amount: int | None, qty: int) -> int:
        return -1 - price * qty if amount is None else amount

    async def act(store: Store, show: str) -> None:
        events: list[ev.Event] = []
        for n, (qty, asked, paid, at) in enumerate(told):
            events.append(ev.OrderCreated(id=str(n), sku="V01", qty=qty, amount=asked, time=NOW + at))
            events.append(ev.OrderPaid(id=str(n), sku="V01", qty=qty, amount=paid, time=NOW + at))
        await store.flush(show, tally_of(show, events).flush, NOW)
        orders = {order_id: order async for order_id, order in store.orders(show)}
        assert orders == {
            str(n): Order(at, at, None, None, qty, kept(asked, qty), kept(paid, qty), None, "V01")
            for n, (qty, asked, paid, at) in enumerate(told)
        }

    with_show(act)


def test_an_order_takes_little_memory(with_show: Callable[[Act], Any]) -> None:
    """At most 60 bytes of store an order with its whole history, where the shards are as full as in a big show. What
    waits to be written to a slow disk is none of it."""

    async def act(store: Store, show: str) -> None:
        redis: Any = await store._link.home(prefix_of(show))
        orders = 50_000
        shards = orders // 100
        before = int((await redis.info("memory"))["used_memory_dataset"])
        for first in range(0, orders, 5_000):
            tally = Tally(small_rundown(show))
            for order_id in (f"6919{n:015}" for n in range(first, first + 5_000)):
                created = ev.OrderCreated(id=order_id, sku="V01", qty=1, time=NOW)
                tally.add_all([created, ev.OrderPaid(id=order_id, sku="V01", qty=1, amount=9_900, time=NOW)], NOW)
            tally.flush.orders[1::ORDER_WIDTH] = [
                str(int(shard) % shards) for shard in tally.flush.orders[1::ORDER_WIDTH]
            ]
            await store.flush(show, tally.flush, NOW)
        grown = int((await redis.info("memory"))["used_memory_dataset"]) - before
        assert grown / orders < 60

    with_show(act)


def test_two_changes_on_one_version_let_one_through(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        board = await store.board(show)
        one = Change(before=board, after=started(board, NOW), person=True)
        other = Change(before=board, after=presented(board, "V02", "lead", NOW), person=True)
        assert (await store.change(show, one)).status == "ok"
        late = await store.change(show, other)
        assert late.status == "stale"
        assert late.board is not None
        assert late.board.started_at == NOW

    with_show(act)


def test_a_director_that_lost_its_lease_cannot_write(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        first = await store.lead(show, None)
        assert first is not None
        assert await store.lead(show, None) is None
        assert await store.lead(show, first) == first
        await store.yield_lead(show, first)
        second = await store.lead(show, None)
        assert second is not None
        assert int(second) > int(first)
        board = await store.board(show)
        outlook = Outlook(
            plan=PlanLine(goal=1, expected=0, gap=0, offset_s=0, status="on", needed_per_min=None, forecast=None)
        )
        with pytest.raises(NotLeading):
            await store.change(show, Change(before=board, after=board, lease=first, memory=b"old", outlook=outlook))
        await store.change(show, Change(before=board, after=board, lease=second, memory=b"new", outlook=outlook))
        assert (await store.read(show, NOW))[1].memory == b"new"

    with_show(act)


def test_a_show_that_is_not_kept_cannot_be_led_and_one_that_is_stays_on_the_list(
    with_show: Callable[[Act], Any],
) -> None:
    async def act(store: Store, show: str) -> None:
        await store.strike(show)
        assert show in await store.shows()
        with pytest.raises(UnknownShow):
            await store.lead("never-there", None)

    with_show(act)


def test_a_lead_that_has_run_out_is_not_taken_up_again_with_its_old_token(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        first = await store.lead(show, None)
        await store._call(show, lambda redis: redis.delete(f"{prefix_of(show)}lease"))
        assert await store.lead(show, first) is None
        second = await store.lead(show, None)
        assert first is not None
        assert second is not None
        assert int(second) > int(first)

    with_show(act)


def test_everything_of_a_show_expires_after_its_end(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        redis: Any = await store._link.home(prefix_of(show))
        now = time.time_ns() // 1_000_000
        board = await store.board(show)
        await store.flush(show, tally_of(show, [ev.OrderPaid(id="1", sku="V01", qty=1)]).flush, now)
        ended = msgspec.structs.replace(board, ended_at=now)
        assert (await store.change(show, Change(before=board, after=ended))).status == "ok"
        late = [ev.OrderPaid(id="late", sku="V01", qty=1), ev.ParcelShipped(id="1"), ev.ServiceOpened(id="1")]
        await store.flush(show, tally_of(show, late).flush, now)
        keys = [key async for key in redis.scan_iter(match=f"{prefix_of(show)}*")]
        assert keys
        days = [await redis.pttl(key) / 86_400_000 for key in keys]
        assert all(29 < left <= 30 for left in days), dict(zip(keys, days, strict=True))

    with_show(act)


def test_an_unknown_show_is_said_to_be_unknown(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        tally = tally_of(show, [ev.ViewerEntered()])
        for call in (
            store.rundown("nowhere"),
            store.read("nowhere", NOW),
            store.hello("nowhere", "feed", NOW),
            store.flush("nowhere", tally.flush, NOW),
        ):
            with pytest.raises(UnknownShow):
                await call

    with_show(act)


def test_a_store_that_is_not_there_is_said_to_be_unavailable(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store(f"unix://{tmp_path}/none.sock", keep_days=30)
        with pytest.raises(StoreUnavailable):
            await store.ping()
        await store.close()

    asyncio.run(run())


def test_the_log_keeps_entries_in_order(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        for n in range(3):
            board = await store.board(show)
            change = Change(before=board, after=board, log=[{"type": "command", "n": n}])
            assert (await store.change(show, change)).status == "ok"
        assert [entry["n"] async for entry in store.log_entries(show)] == [0, 1, 2]
        raw = await store._call(show, lambda redis: redis.xrange(f"{prefix_of(show)}log"))
        assert msgpack.unpackb(raw[0][1][b"e"]) == {"type": "command", "n": 0}

    with_show(act)


@pytest.mark.parametrize("turns", range(12))
def test_a_cancel_is_never_lost_in_a_command(with_show: Callable[[Act], Any], turns: int) -> None:
    async def act(store: Store, _show: str) -> None:
        async def work_for_ever() -> None:
            while True:
                await store.ping()

        await store.ping()
        task = asyncio.create_task(work_for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=PATIENCE_S)
        assert done

    with_show(act)


@pytest.fixture
def own_redis_url(tmp_path: Path) -> Iterator[str]:
    """A server of the test's own, whose settings it may change."""
    yield from _debian_redis(tmp_path)


def test_a_full_store_is_said_to_be_unavailable_and_can_still_be_read(own_redis_url: str) -> None:
    async def act(store: Store, show: str) -> None:
        redis: Any = await store._link.home(prefix_of(show))
        await store.flush(show, tally_of(show, [ev.ViewerEntered(n=3)]).flush, NOW)
        await redis.config_set("maxmemory", "100kb")
        with pytest.raises(StoreUnavailable, match=r"when used memory > 'maxmemory'$"):
            await store.flush(show, tally_of(show, [ev.ViewerEntered()]).flush, NOW)
        board = await store.board(show)
        with pytest.raises(StoreUnavailable):
            await store.change(show, Change(before=board, after=started(board, NOW)))
        snapshot, _ = await store.read(show, NOW)
        assert snapshot.totals.entered == 3
        await redis.config_set("maxmemory", "0")
        await store.flush(show, tally_of(show, [ev.ViewerEntered()]).flush, NOW)
        assert (await store.read(show, NOW))[0].totals.entered == 4

    run_with_show(own_redis_url, act)


def test_a_store_that_refuses_our_password_says_so(own_redis_url: str) -> None:
    async def act(store: Store, show: str) -> None:
        await store._call(show, lambda redis: redis.config_set("requirepass", "secret"))
        stranger = Store(own_redis_url, keep_days=30)
        with pytest.raises(StoreRefused, match=r"refuses us: [^.]+; check the user and password in its URL"):
            await stranger.ping()
        await stranger.close()

    run_with_show(own_redis_url, act)


def test_a_store_without_the_database_asked_for_says_so(own_redis_url: str) -> None:
    async def ask() -> None:
        store = Store(f"{own_redis_url}?db=99", keep_days=30)
        with pytest.raises(StoreRefused, match="check the database in its URL"):
            await store.ping()
        await store.close()

    asyncio.run(ask())


def test_a_show_loaded_again_keeps_its_currency_and_what_was_sold(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        rundown = small_rundown(show)
        dollars = msgspec.structs.replace(rundown, currency="USD")
        without = msgspec.structs.replace(rundown, items=rundown.items[1:])
        await store.put_show(dollars, NOW)
        await store.put_show(rundown, NOW)
        await store.flush(show, tally_of(show, [ev.OrderPaid(id="1", sku="V01", qty=1)]).flush, NOW)
        for wanted, word in ((dollars, "CNY"), (without, "V01")):
            with pytest.raises(CannotChange, match=word):
                await store.put_show(wanted, NOW)
        dearer = msgspec.structs.replace(rundown, items=(msgspec.structs.replace(rundown.items[0], price=1),))
        await store.put_show(dearer, NOW)
        assert (await store.rundown(show)).items[0].price == 1

    with_show(act)


def restocked(show: str, **stocks: tuple[int, ...]) -> Rundown:
    """The small show, where each of the items named has those batches; an item with (0,) is taken out."""
    items = (
        msgspec.structs.replace(item, stock=sum(batches), batches=batches) if batches else item
        for item in small_rundown(show).items
        if (batches := stocks.get(item.sku, ())) != (0,)
    )
    return msgspec.structs.replace(small_rundown(show), items=tuple(items))


def test_a_show_loaded_again_with_other_stock_has_that_stock_less_what_was_sold(
    with_show: Callable[[Act], Any],
) -> None:
    async def act(store: Store, show: str) -> None:
        await store.flush(show, tally_of(show, [ev.OrderPaid(id="1", sku="V01", qty=3)]).flush, NOW)
        await store.put_show(restocked(show, V01=(30, 90), V02=(20,)), NOW)
        snapshot, _ = await store.read(show, NOW)
        assert {sku: snapshot.shelf(sku) for sku in ("V01", "V02", "V03")} == {
            "V01": Shelf(30 - 3, 90),
            "V02": Shelf(20, 0),
            "V03": Shelf(30, 0),
        }

    with_show(act)


@pytest.mark.parametrize(
    ("batches", "shelf"),
    [((40, 60), Shelf(97, 0)), ((100,), Shelf(97, 0)), ((40,), Shelf(37, 0)), ((40, 60, 20), Shelf(97, 20))],
    ids=["the same", "without batches", "without the second batch", "with a third batch"],
)
def test_what_was_released_from_batches_is_stock_like_any_other_when_a_show_is_loaded_again(
    with_show: Callable[[Act], Any], batches: tuple[int, ...], shelf: Shelf
) -> None:
    async def act(store: Store, show: str) -> None:
        await store.flush(show, tally_of(show, [ev.OrderPaid(id="1", sku="V01", qty=3)]).flush, NOW)
        board = await store.board(show)
        await store.change(show, Change(before=board, after=board, released={"V01": 60}, held_back=60))
        await store.put_show(restocked(show, V01=batches), NOW)
        snapshot, _ = await store.read(show, NOW)
        assert snapshot.shelf("V01") == shelf

    with_show(act)


def test_what_was_counted_on_the_shelf_stays_when_a_show_is_loaded_again(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        await store.flush(show, tally_of(show, [ev.StockCounted(sku="V01", n=17, time=NOW)]).flush, NOW)
        await store.put_show(restocked(show, V01=(30, 90)), NOW)
        snapshot, _ = await store.read(show, NOW)
        assert snapshot.shelf("V01") == Shelf(17, 90)

    with_show(act)


def test_an_item_that_was_taken_out_and_comes_back_begins_anew(with_show: Callable[[Act], Any]) -> None:
    async def act(store: Store, show: str) -> None:
        await store.put_show(restocked(show, V03=(0,)), NOW)
        await store.put_show(restocked(show, V03=(5,)), NOW)
        snapshot, _ = await store.read(show, NOW)
        assert snapshot.shelf("V03") == Shelf(5, 0)

    with_show(act)


def test_an_order_is_no_longer_owed_for_once_it_is_paid_however_the_start_was_moved_meanwhile(
    with_show: Callable[[Act], Any],
) -> None:
    async def act(store: Store, show: str) -> None:
        created = ev.OrderCreated(id="1", sku="V01", qty=1, amount=9, time=NOW + 25_000)
        await store.flush(show, tally_of(show, [created]).flush, NOW)
        await store.put_show(msgspec.structs.replace(small_rundown(show), starts_at=NOW + 37_000), NOW)
        assert (await store.read(show, NOW))[0].unpaid == {"V01": {NOW: (1, 9)}}
        await store.flush(show, tally_of(show, [ev.OrderPaid(id="1", sku="V01", qty=1, amount=9)]).flush, NOW)
        assert (await store.read(show, NOW))[0].unpaid == {}

    with_show(act)


@pytest.mark.parametrize("wrong_by_ms", [-5 * 3_600_000, 7 * 3_600_000])
def test_an_event_is_known_again_whatever_the_clock_of_the_gateway_it_comes_through(
    with_show: Callable[[Act], Any], wrong_by_ms: int
) -> None:
    async def act(store: Store, show: str) -> None:
        event = ev.ViewerFollowed(id="f1", n=3)
        for now in (NOW, NOW + wrong_by_ms, NOW):
            await store.flush(show, tally_of(show, [event], by_id=True).flush, now)
        assert (await store.read(show, NOW))[0].totals.followed == 3

    with_show(act)
