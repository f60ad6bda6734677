"""Laws of the lead: a show has a director, and when it dies another goes on without repeating itself."""

import json
import signal
import time
from typing import Any

import msgspec
import pytest

from conftest import Server, ShowOnServer
from cueroom.board import with_cues
from cueroom.cues import Kind
from cueroom.store import Change, Store
from feeding import PlainFeed, order
from scenes import open_cues


def await_state(show: ShowOnServer, wanted: Any) -> Any:
    """The first state for which `wanted` holds, as the show's feed brings it."""
    with show.connect_feed() as socket:
        while True:
            state = json.loads(socket.recv(timeout=20))
            if wanted(state):
                return state


def test_an_emptying_shelf_leads_to_a_release_cue_with_its_reason(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        now = int(time.time() * 1000)
        feed.push([{"type": "item.presented", "sku": "V01", "time": now - 30_000}])
        feed.push([order(f"o{n}", time=now - 30_000 + n * 1000) for n in range(30)])
        state = await_state(show, lambda state: any(cue["kind"] == "release" for cue in state["cues"]))
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
    (cue,) = (cue for cue in open_cues(show.state()["time"]) if cue.kind is Kind.RELEASE)

    async def put(store: Store) -> None:
        while True:
            board = await store.board(show.id)
            after = with_cues(board, (msgspec.structs.replace(cue, sku="V01", expires_at=2**42),))
            if (await store.change(show.id, Change(before=board, after=after))).status == "ok":
                return

    async def logged(store: Store) -> list[Any]:
        return [entry["cue"] async for entry in store.log_entries(show.id) if entry["type"] == "cue"]

    def counted() -> float:
        lines = show.http.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("cueroom_cue_effects_total"))

    before = counted()
    show.server.with_store(put)
    assert show.command("accept", cue=cue.id).status_code == 200
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
        server.process.wait(30)
        server.start(server.port)
        state = await_state(show, lambda state: state["cues"])
        assert [cue["id"] for cue in state["cues"]] == [cue_id]
        assert show.command("message", text="慢一点").json()["cue"] != cue_id
    finally:
        server.stop()
