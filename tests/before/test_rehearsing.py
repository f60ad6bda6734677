"""Laws of rehearsing: told show by show, one at a time, ended by whoever leaves."""

import contextlib
import itertools
import json
import os
from collections.abc import Iterator

import httpx2
import msgspec
import pytest

from conftest import Server, ShowOnServer, small_rundown
from cueroom.before.playing import SEEDS
from waiting import PATIENCE_S, until

_NUMBERS = itertools.count()


def show_of(server: Server, minutes: int) -> ShowOnServer:
    """A show of three items with so many minutes each."""
    name = f"rehearsed-{os.getpid()}-{next(_NUMBERS)}"
    items = tuple(msgspec.structs.replace(item, minutes=minutes) for item in small_rundown(name).items)
    return ShowOnServer(server, msgspec.structs.replace(small_rundown(name), duration_min=3 * minutes, items=items))


@pytest.fixture
def show(server: Server) -> ShowOnServer:
    return show_of(server, minutes=2)


@contextlib.contextmanager
def producer_of(show: ShowOnServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=show.server.url, headers=show.headers("producer"), timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def producer(show: ShowOnServer) -> Iterator[httpx2.Client]:
    with producer_of(show) as client:
        yield client


def test_every_simulated_show_is_told_as_soon_as_it_is_played(show: ShowOnServer, producer: httpx2.Client) -> None:
    with producer.stream("POST", f"/shows/{show.id}/plan/rehearsal?lang=en") as answer:
        assert answer.status_code == 200
        told = [json.loads(line) for line in answer.iter_lines()]
    assert [(line["n"], line["of"]) for line in told] == [(n, len(SEEDS)) for n in range(1, len(SEEDS) + 1)]
    last = told[-1]
    assert len(last["low"]) == show.rundown.duration_min
    assert last["low"][-1] <= last["middle"][-1] <= last["high"][-1]
    assert last["cues"]
    assert show.state()["phase"] == "planned"


def test_one_is_played_at_a_time_and_leaving_ends_it(server: Server) -> None:
    show = show_of(server, minutes=200)  # on no machine it is done before it is left
    path = f"/shows/{show.id}/plan/rehearsal"

    with producer_of(show) as client:

        def is_free() -> bool:
            with client.stream("POST", path) as again:
                return bool(again.status_code == 200)

        with client.stream("POST", path) as answer:
            assert answer.status_code == 200
            second = show.http.post(path, headers=show.headers("producer"))
            assert (second.status_code, second.json()["code"]) == (429, "rehearsing")
        until(is_free, "the rehearsal ends when its page is left")


def test_a_plan_with_mistakes_is_not_rehearsed(show: ShowOnServer, producer: httpx2.Client) -> None:
    page = producer.get(f"/shows/{show.id}/plan").text
    base = page.partition("&#34;base&#34;: &#34;")[2].partition("&#34;")[0]
    typed = {"document": {"show": {}}, "version": 0, "base": base}
    assert producer.put(f"/shows/{show.id}/plan/draft", json=typed).status_code == 200
    answer = producer.post(f"/shows/{show.id}/plan/rehearsal")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_has_mistakes")
