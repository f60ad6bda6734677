"""Laws of the lead: a show has a director, and when it dies another goes on without repeating itself."""

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chaos_lab.proxy import Proxy
from conftest import Server, ShowOnServer, small_rundown
from cueroom.director import IDLE_S, LOOK_S, QUIET_S, SPACING_S, idle_s, rest_s
from cueroom.pacing.memory import Memory
from cueroom.pacing.pacer import Mind
from cueroom.processes.embedded import embedded_redis
from cueroom.show.board import Board, Phase, with_cues
from cueroom.show.cues import CueState, Kind
from cueroom.storage.calls import Change
from cueroom.storage.store import LEASE_MS, Store, prefix_of
from feeding import PlainFeed, order
from proxied import ProxyBeside, proxy_beside
from scenes import open_cues
from waiting import PATIENCE_S, until


def await_state(show: ShowOnServer, wanted: Callable[[Any], object]) -> Any:
    """The first state for which `wanted` holds, as the show's feed brings it."""
    with show.connect_feed() as socket:
        return until(lambda: json.loads(socket.recv(timeout=PATIENCE_S)), "such a state", wanted)


def await_release(show: ShowOnServer, feed: PlainFeed) -> Any:
    """Empties the shelf of V01, and answers the first state with the cue to fill it."""
    now = int(time.time() * 1000)
    feed.push([{"type": "item.presented", "sku": "V01", "time": now - 30_000}])
    feed.push([order(f"o{n}", time=now - 30_000 + n * 1000) for n in range(30)])

    def has_release(state: Any) -> bool:
        feed.push([{"type": "viewer.entered"}])  # advice needs fresh data, however long it takes
        return any(cue["kind"] == "release" for cue in state["cues"])

    return await_state(show, has_release)


@pytest.mark.parametrize(
    ("took_s", "rests_s"), [(0, SPACING_S), (0.005, SPACING_S - 0.005), (0.04, 0.12), (0.5, IDLE_S), (10, IDLE_S)]
)
def test_a_show_rests_by_how_long_its_decision_took_but_never_longer_than_in_silence(
    took_s: float, rests_s: float
) -> None:
    assert rest_s(took_s) == pytest.approx(rests_s)


@pytest.mark.parametrize(("phase", "alone_s"), [(Phase.PLANNED, QUIET_S), (Phase.LIVE, IDLE_S), (Phase.ENDED, QUIET_S)])
def test_only_a_live_show_or_one_with_an_open_cue_is_decided_every_second(phase: Phase, alone_s: float) -> None:
    board = Board(phase=phase)
    assert idle_s(board) == alone_s
    assert idle_s(with_cues(board, open_cues(0))) == IDLE_S


def test_an_emptying_shelf_leads_to_a_release_cue_with_its_reason(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        state = await_release(show, PlainFeed(socket))
    cue = next(cue for cue in state["cues"] if cue["kind"] == "release")
    assert (cue["sku"], cue["state"]) == ("V01", "issued")
    assert cue["why"]["explain"]
    assert cue["why"]["numbers"]["on_shelf"] == 10
    assert cue["issued_at"] <= state["time"] < cue["expires_at"]


def test_an_accepted_cue_is_closed_with_who_and_when(show: ShowOnServer) -> None:
    cue_id = show.command("message", text="快一点").json()["cue"]
    assert show.command("accept", cue=cue_id).status_code == 200
    state = await_state(show, lambda state: not state["cues"])
    closed = state["closed_cues"][0]
    assert (closed["id"], closed["state"]) == (cue_id, "accepted")
    assert closed["steps"][-1]["by"].startswith("producer ")


def test_a_painted_cue_is_shown_once(show: ShowOnServer) -> None:
    cue_id = show.command("message", text="快一点").json()["cue"]
    url = f"/shows/{show.id}/cues/{cue_id}/shown"
    assert show.http.post(url, headers=show.headers("viewer")).status_code == 403
    for _ in range(2):
        assert show.http.post(url, headers=show.headers("host")).status_code == 204
    state = await_state(show, lambda state: state["cues"] and state["cues"][0]["state"] == "shown")
    assert [step["state"] for step in state["cues"][0]["steps"]] == ["shown"]


def test_what_an_accepted_cue_came_to_is_kept_with_it_logged_and_counted(show: ShowOnServer) -> None:
    show.command("next")
    now = show.state()["time"]
    (release,) = (cue for cue in open_cues(now) if cue.kind is Kind.RELEASE)
    cue = msgspec.structs.replace(release, sku="V01").moved(CueState.ACCEPTED, now, "producer")

    async def put(store: Store) -> None:
        while True:
            board = await store.board(show.id)
            change = Change(before=board, after=with_cues(board, (cue,)))
            if (await store.change(show.id, change)).status == "ok":
                return

    async def logged(store: Store) -> list[Any]:
        return [entry["cue"] async for entry in store.log_entries(show.id) if entry["type"] == "cue"]

    def counted() -> float:
        series = 'cueroom_cue_effects_total{kind="release",outcome="cannot_tell"} '
        lines = show.http.get("/metrics").text.splitlines()
        return sum(float(line.removeprefix(series)) for line in lines if line.startswith(series))

    before = counted()
    show.server.with_store(put)
    show.command("end")
    state = await_state(show, lambda state: any(closed["effect"] for closed in state["closed_cues"]))
    closed = next(closed for closed in state["closed_cues"] if closed["id"] == cue.id)
    assert (closed["effect"]["outcome"], closed["effect"]["doubt"]) == ("cannot_tell", "show_ended")
    assert show.server.with_store(logged)[-1] == closed
    assert counted() == before + 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_another_director_goes_on_when_one_is_gone(
    tmp_path_factory: pytest.TempPathFactory, how: signal.Signals
) -> None:
    server = Server(tmp_path_factory.mktemp("directors") / "data")
    try:
        show = server.new_show()
        cue_id = show.command("message", text="快一点").json()["cue"]
        server.process.send_signal(how)
        server.process.wait(PATIENCE_S)
        server.start()
        state = await_state(show, lambda state: state["cues"])
        assert [cue["id"] for cue in state["cues"]] == [cue_id]
        assert show.command("message", text="慢一点").json()["cue"] != cue_id
    finally:
        server.stop()


def test_a_show_that_is_no_longer_kept_is_led_no_more_and_leaves_the_list_without_an_alarm(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    try:
        show = server.new_show()
        assert show.command("present", sku="V01").status_code == 200
        until(lambda: "director leads" in server.log.read_text(), "it is led")
        show.forget()
        until(lambda: "show is gone" in server.log.read_text(), "its director has left")
        until(lambda: server.with_store(lambda store: store.shows()) == [], "the list has left it out")
        led = f'cueroom_led{{show="{show.id}"}} '
        until(lambda: led + "NaN" in show.http.get("/metrics").text, "nobody is missed at its head")
    finally:
        server.stop()


def test_a_show_that_cannot_be_led_keeps_no_other_from_being_led(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")

    async def spoil(store: Store) -> None:
        await store._call("a-spoilt", lambda redis: redis.hset(f"{prefix_of('a-spoilt')}lease", "no", "string"))

    try:
        server.with_store(spoil)
        spoilt, other = ShowOnServer(server, small_rundown("a-spoilt")), server.new_show()
        until(lambda: f'cueroom_led{{show="{other.id}"}} 1.0' in other.http.get("/metrics").text, "the other is led")
        assert f'cueroom_led{{show="{spoilt.id}"}} 0.0' in other.http.get("/metrics").text
    finally:
        server.stop()


def test_a_store_too_full_to_be_led_on_is_told_once_and_led_again_when_there_is_room(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")

    def logged(words: str) -> int:
        return server.log.read_text().count(words)

    def give_memory(limit: str) -> None:
        server.with_store(lambda store: store._call("", lambda redis: redis.config_set("maxmemory", limit)))

    try:
        server.new_show()
        until(lambda: logged("director leads"), "it is led")
        give_memory("100kb")
        until(lambda: logged("lead not taken"), "somebody wanted to lead")
        leads = logged("director leads")
        give_memory("0")
        until(lambda: logged("director leads") > leads, "it is led again")
        assert logged("lead not taken") == 1
    finally:
        server.stop()


def test_a_lost_leader_is_replaced_within_three_seconds() -> None:
    """At worst it had just renewed its lease, and the others had just looked."""
    assert LEASE_MS / 1000 + LOOK_S < 3


@pytest.fixture
def shared_store(tmp_path: Path) -> Iterator[Path]:
    """The directory of an embedded store that lives as long as the test, whoever dies."""
    loop = asyncio.new_event_loop()
    running = embedded_redis(tmp_path / "data", "everysec")
    loop.run_until_complete(running.__aenter__())
    yield tmp_path / "data"
    loop.run_until_complete(running.__aexit__(None, None, None))
    loop.close()


class Rivals:
    """Two servers of one show on one store; the first leads, and reaches the store through a proxy."""

    def __init__(self, data: Path, proxy: ProxyBeside) -> None:
        self.proxy = proxy
        self.first = Server(data, "--redis", f"redis://127.0.0.1:{proxy.port}")
        self.show = self.first.new_show("led")
        self.lease = self.leader_after(0)
        self.second = Server(data, "--redis", f"unix://{data}/redis.sock")
        self.show_on_second = ShowOnServer(self.second, self.show.rundown)

    def leader_after(self, lease: int) -> int:
        """The token of the first leader that is newer."""

        async def ask(store: Store) -> int:
            key = f"{prefix_of(self.show.id)}lease"
            return int(await store._call(key, lambda redis: redis.get(key)) or 0)

        return until(lambda: self.first.with_store(ask), "a newer one leads", lambda token: token > lease)

    def mind(self) -> Mind:
        """What the last leader saved."""
        _, saved = self.first.with_store(lambda store: store.read(self.show.id, int(time.time() * 1000)))
        return msgspec.msgpack.decode(saved.memory, type=Mind) if saved.memory else Mind()

    def decided_after(self, at: int | None) -> Memory:
        """What was remembered of a decision later than that one."""
        since = at or 0
        return until(lambda: self.mind().memory, "it decides again", lambda memory: (memory.decided_at or 0) > since)

    def cue_log(self) -> list[tuple[str, str]]:
        async def read(store: Store) -> list[Any]:
            return [entry["cue"] async for entry in store.log_entries(self.show.id) if entry["type"] == "cue"]

        return [(cue["id"], cue["state"]) for cue in self.first.with_store(read)]

    def first_has_logged(self, words: str) -> bool:
        return words in self.first.log.read_text()


@pytest.fixture
def rivals(shared_store: Path) -> Iterator[Rivals]:
    with proxy_beside(f"unix://{shared_store}/redis.sock") as proxy:
        rivals = Rivals(shared_store, proxy)
        yield rivals
        proxy.do(Proxy.heal)
        with contextlib.suppress(ProcessLookupError):
            rivals.first.signal_all(signal.SIGCONT)
            rivals.first.kill()
        rivals.second.stop()


@pytest.mark.parametrize("fate", ["killed", "stopped", "cut off"])
def test_a_lost_leader_is_replaced_nothing_is_said_twice_and_it_cannot_write_when_it_wakes(
    rivals: Rivals, fate: str
) -> None:
    show = rivals.show
    with show.connect_ingest() as socket:
        await_release(show, PlainFeed(socket))
    before = rivals.mind().memory
    (release,) = (key for key in before.told if key.startswith("release|V01"))

    if fate == "killed":
        rivals.first.kill()
    elif fate == "stopped":
        rivals.first.signal_all(signal.SIGSTOP)
    else:
        rivals.proxy.do(Proxy.stall)
    rivals.leader_after(rivals.lease)
    rivals.show_on_second.post(order("late"))
    told = rivals.show_on_second.command("message", text="快一点").json()["cue"]
    after = rivals.decided_after(rivals.mind().memory.decided_at)
    assert after.told[release] == before.told[release], "it rests as long as it would have"

    if fate == "stopped":
        rivals.first.signal_all(signal.SIGCONT)
    if fate == "cut off":
        rivals.proxy.do(Proxy.heal)
    if fate != "killed":
        until(lambda: rivals.first_has_logged("director lost its lease"), "it learns of it")
    steps = rivals.cue_log()
    assert len(steps) == len(set(steps))
    assert [cue for cue, state in steps if state == "issued"].count(told) == 1
    assert sum(state == "issued" for _, state in steps) == len({cue for cue, _ in steps})
