"""Laws of learning on a server: a show ends, its lesson outlives it, and the next plan carries it into the engine."""

import itertools
import os
import time
from collections.abc import Iterator
from math import log

import httpx2
import msgspec
import pytest

from conftest import Server, ShowOnServer, small_rundown
from cueroom.before.learning import next_id
from cueroom.lessons import Taught
from cueroom.pacing.promise import Crowd
from cueroom.show.rundown import Rundown
from cueroom.storage.house import LESSON
from cueroom.storage.store import Store
from cueroom.storage.teaching import keep, lessons_of, taught_of
from desk import Desk
from feeding import PlainFeed, order
from lessons.teachers import seen
from lessons.teachers import show as shown
from waiting import PATIENCE_S, until

_NUMBERS = (f"{os.getpid()}-{n}" for n in itertools.count())
ROOM, SECONDS, PER_S = 1_000, 150, 2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: what is expected of an item, and in how large a room, is learned from all shows of a server."""
    running = Server(tmp_path_factory.mktemp("learning") / "data")
    yield running
    running.stop()


def a_show(server: Server) -> ShowOnServer:
    """A show of its own goods, of which its sheet hopes far too much."""
    number = next(_NUMBERS)
    show = small_rundown(f"taught-{number}")
    items = tuple(msgspec.structs.replace(each, sku=f"{each.sku}-{number}", stock=9_999) for each in show.items)
    items = tuple(msgspec.structs.replace(each, batches=()) for each in items)
    return ShowOnServer(server, msgspec.structs.replace(show, items=items, goal=1_000_000_000))


def hold(show: ShowOnServer) -> str:
    """The first item sells steadily for two minutes and a half, then the show ends; its SKU."""
    sku, now = show.rundown.items[0].sku, time.time_ns() // 1_000_000
    begin = now - 1000 * SECONDS
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        # All at once: an engine that looked in between would take what has not come yet for silence.
        feed.push(
            [
                *({"type": "room.online", "n": ROOM, "time": begin + 1000 * second} for second in range(SECONDS)),
                {"type": "item.presented", "sku": sku, "time": begin},
                {"type": "product.clicked", "sku": sku, "n": 4 * PER_S * SECONDS, "time": now},
                *(order(f"{sku}-{n}", sku=sku, time=begin + 1000 * n // PER_S) for n in range(PER_S * SECONDS)),
            ]
        )

        def opinion() -> float | None:
            feed.push([{"type": "viewer.liked"}])  # there is none on old data
            peak: float | None = show.state()["items"][sku]["peak_per_min"]
            return peak

        until(opinion, "the engine has an opinion of what is on air")
    assert show.command("end").status_code == 200
    return sku


def kept(server: Server, show: str) -> Taught | None:
    """What the house keeps of a show, read past all that would make it."""

    async def read(store: Store) -> Taught | None:
        document = await store.house.get(LESSON, show)
        return msgspec.json.decode(document.body, type=Taught) if document else None

    return server.with_store(read)


def producer(server: Server) -> httpx2.Client:
    return httpx2.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {server.new_house_key()}"}, timeout=PATIENCE_S
    )


def first_promise(rundown: Rundown, sku: str) -> float:
    """Log of the first rate that the engine begins with, before a room of that size."""
    item = rundown.item(sku)
    assert item
    return Crowd(rundown, {}, ROOM).promise(item).appeal


def test_a_show_that_ended_teaches_and_the_next_plan_begins_nearer_to_the_truth(server: Server) -> None:
    show = a_show(server)
    sku = hold(show)
    taught = until(lambda: kept(server, show.id), "the show has taught")
    assert taught
    assert [each.sku for each in taught.items] == [sku]
    assert taught.room == ROOM
    with producer(server) as client:
        page = client.get(f"/shows/{show.id}/recap", params={"lang": "en"}).text
        assert "What this show taught" in page
        assert f'action="/shows/{show.id}/next"' in page
        answer = client.post(f"/shows/{show.id}/next")
        assert answer.status_code == 303
        plan = answer.headers["location"]
        again = plan.split("/")[2]
        assert client.get(plan).status_code == 200
        learned = client.get(f"{plan}/lessons").json()["items"]
        assert 0.5 < learned[sku]["fields"]["expected_per_min"] / (60 * PER_S) < 1.5
    assert Desk(server, server.new_house_key(), again).look().publish().status_code == 200
    rundown = server.with_store(lambda store: store.rundown(again))
    plain = msgspec.structs.replace(
        rundown, items=tuple(msgspec.structs.replace(each, expected_per_min=None) for each in rundown.items)
    )
    truth = log(PER_S / ROOM)
    assert abs(first_promise(rundown, sku) - truth) < 0.5
    assert abs(first_promise(plain, sku) - truth) > 2


def test_whoever_asks_first_reads_the_lesson_out_of_the_show(server: Server) -> None:
    show = a_show(server)
    sku = hold(show)
    now = time.time_ns() // 1_000_000
    taught = until(lambda: server.with_store(lambda store: taught_of(store, show.id, now)), "the show has taught")
    assert taught
    assert [each.sku for each in taught.items] == [sku]
    assert kept(server, show.id)


def test_a_lesson_that_is_kept_already_is_not_written_again(server: Server) -> None:
    lesson = shown(f"kept-{next(_NUMBERS)}", seen(f"K-{next(_NUMBERS)}", 30))

    async def twice(store: Store) -> list[int]:
        versions = []
        for _ in range(2):
            await keep(store.house, lesson)
            document = await store.house.get(LESSON, lesson.show)
            assert document
            versions.append(document.version)
        return versions

    before, after = server.with_store(twice)
    assert before == after


def test_a_lesson_outlives_its_show(server: Server) -> None:
    gone = shown(f"gone-{next(_NUMBERS)}", seen(f"G-{next(_NUMBERS)}", 30))
    server.with_store(lambda store: keep(store.house, gone))
    lessons = server.with_store(lambda store: lessons_of(store.house))
    assert gone in lessons.taught
    with producer(server) as client:
        assert gone.items[0].sku in client.get("/lessons").text
        again = client.post("/new", json={"document": {"show": {"id": gone.show}}})
    assert (again.status_code, again.json()["code"]) == (409, "known_show"), "else its lesson would be another's"


def test_only_who_may_see_all_shows_sees_the_lessons_and_begins_the_next_show(show: ShowOnServer) -> None:
    headers = show.headers("producer")
    for method, path in (("GET", "/lessons"), ("POST", f"/shows/{show.id}/next")):
        assert show.http.request(method, path, headers=headers).status_code == 401
    assert show.http.get(f"/shows/{show.id}/plan/lessons", headers=headers).json() == {"items": {}}
    assert "/next" not in show.http.get(f"/shows/{show.id}/recap", headers=headers).text


@pytest.mark.parametrize(
    ("show", "taken", "name"),
    [
        ("launch", set(), "launch-2"),
        ("launch-2", {"launch-2", "launch-3"}, "launch-4"),
        ("launch-try-1122-200000", {"launch-2"}, "launch-3"),
        ("launch-0630", set(), "launch-0630-2"),
        ("-7", set(), "-7-2"),
        ("a" * 64, set(), "a" * 59 + "-2"),
    ],
)
def test_the_next_show_has_a_name_of_its_own(show: str, taken: set[str], name: str) -> None:
    assert next_id(show, taken) == name
