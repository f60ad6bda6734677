"""Laws of rehearsing: told show by show, one at a time, ended by whoever leaves."""

import itertools
import json
import os
import time
from collections.abc import Iterator

import httpx2
import msgspec
import pytest

from conftest import Server, ShowOnServer, small_rundown
from cueroom.before.playing import SEEDS

_NUMBERS = itertools.count()


@pytest.fixture
def show(server: Server) -> ShowOnServer:
    """A show of six minutes."""
    name = f"rehearsed-{os.getpid()}-{next(_NUMBERS)}"
    items = tuple(msgspec.structs.replace(item, minutes=2) for item in small_rundown(name).items)
    return ShowOnServer(server, msgspec.structs.replace(small_rundown(name), duration_min=6, items=items))


@pytest.fixture
def producer(show: ShowOnServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=show.server.url, headers=show.headers("producer"), timeout=120) as client:
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


def test_one_is_played_at_a_time_and_leaving_ends_it(show: ShowOnServer, producer: httpx2.Client) -> None:
    path = f"/shows/{show.id}/plan/rehearsal"
    with producer.stream("POST", path) as answer:
        assert answer.status_code == 200
        second = httpx2.post(f"{show.server.url}{path}", headers=show.headers("producer"))
        assert (second.status_code, second.json()["code"]) == (429, "rehearsing")
    deadline = time.monotonic() + 60
    while True:
        with producer.stream("POST", path) as again:
            if again.status_code == 200:
                return
        assert time.monotonic() < deadline, "the first rehearsal did not end when its page was left"


def test_a_plan_with_mistakes_is_not_rehearsed(show: ShowOnServer, producer: httpx2.Client) -> None:
    page = producer.get(f"/shows/{show.id}/plan").text
    base = page.partition("&#34;base&#34;: &#34;")[2].partition("&#34;")[0]
    typed = {"document": {"show": {}}, "version": 0, "base": base}
    assert producer.put(f"/shows/{show.id}/plan/draft", json=typed).status_code == 200
    answer = producer.post(f"/shows/{show.id}/plan/rehearsal")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_has_mistakes")
