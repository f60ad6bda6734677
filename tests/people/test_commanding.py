"""Laws of commands and of the feed that shows them, against a running server."""

import itertools
import json
import os
from typing import Any

import msgspec
import pytest
from websockets.sync.client import ClientConnection

from conftest import Server, ShowOnServer, small_rundown
from cueroom.people.debrief import read_recap
from cueroom.show.papers import Override
from cueroom.storage.dossiers import keep_dossier, read_dossier
from cueroom.storage.store import Store
from feeding import PlainFeed, order
from papers_given import cleared
from waiting import PATIENCE_S

_NUMBERS = (f"{os.getpid()}-{n}" for n in itertools.count())


def next_frame(socket: ClientConnection, **wanted: Any) -> Any:
    """The next frame in which these fields have these values."""
    while True:
        frame = json.loads(socket.recv(timeout=PATIENCE_S))
        if all(frame[name] == value for name, value in wanted.items()):
            return frame


def test_a_command_moves_the_show_and_every_screen_sees_it_in_one_frame(show: ShowOnServer) -> None:
    with show.connect_feed() as socket:
        first = json.loads(socket.recv(timeout=PATIENCE_S))
        assert (first["phase"], first["live"], first["next"]) == ("planned", None, "V01")
        answer = show.command("next").json()
        assert answer["sku"] == "V01"
        frame = next_frame(socket, phase="live")
        assert (frame["live"]["sku"], frame["next"], frame["rev"]) == ("V01", "V02", answer["rev"])


def test_a_revision_grows_by_one_a_transition(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    assert show.command("start").json()["rev"] == rev + 1
    assert show.command("present", sku="V03").json()["rev"] == rev + 2
    show.post(order("1"))
    assert show.state()["rev"] >= rev + 3


def test_a_stale_revision_is_refused_with_the_present_one(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    assert show.command("start", if_rev=rev).status_code == 200
    late = show.command("next", if_rev=rev)
    assert late.status_code == 412
    assert late.json()["rev"] == show.state()["rev"]
    assert "start" in late.json()["detail"]
    assert show.command("next", if_rev=late.json()["rev"]).status_code == 200


def test_orders_that_come_in_do_not_make_a_producers_view_stale(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    show.post(order("1"))
    assert show.state()["rev"] > rev
    assert show.command("start", if_rev=rev).status_code == 200


def test_a_repeated_idempotency_key_gets_the_first_answer_and_does_nothing(show: ShowOnServer) -> None:
    first = show.command("next", idempotency_key="once").json()
    again = show.command("next", idempotency_key="once").json()
    assert again == first
    assert show.state()["live"]["sku"] == "V01"
    assert show.command("next", idempotency_key="twice").json()["sku"] == "V02"


def test_a_message_lives_until_it_is_recalled(show: ShowOnServer) -> None:
    with show.connect_feed() as socket:
        cue_id = show.command("message", text="<b>慢一点</b>", to="lead").json()["cue"]
        frame = next_frame(socket)
        while not frame["cues"]:
            frame = next_frame(socket)
        assert (frame["cues"][0]["text"], frame["cues"][0]["to"]) == ("<b>慢一点</b>", "lead")
        show.command("recall", cue=cue_id)
        while frame["cues"]:
            frame = next_frame(socket)
        assert [cue["state"] for cue in frame["changed"]] == ["withdrawn"]
    again = show.command("dismiss", cue=cue_id)
    assert again.status_code == 409
    assert "withdrawn" in again.json()["detail"]


def test_only_real_stock_that_is_held_back_can_be_released(show: ShowOnServer) -> None:
    assert show.command("release", sku="V01", units=60).status_code == 200
    item = show.state()["items"]["V01"]
    assert (item["on_shelf"], item["stock_left"]) == (100, 100)
    refused = show.command("release", sku="V01", units=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_reserve")
    assert refused.json()["rev"] == show.state()["rev"]


@pytest.mark.parametrize(
    ("command", "fields", "status"),
    [
        ("dance", {}, 400),
        ("present", {}, 400),
        ("present", {"sku": "V99"}, 404),
        ("present", {"sku": "V01", "host": "nobody"}, 404),
        ("accept", {"cue": "c-99"}, 404),
        ("accept", {"cue": "99"}, 404),
        ("message", {"text": "  "}, 400),
        ("message", {"text": "x" * 201}, 400),
        ("release", {"sku": "V01", "units": 0}, 400),
    ],
)
def test_a_command_that_cannot_be_is_told_why(
    show: ShowOnServer, command: str, fields: dict[str, Any], status: int
) -> None:
    response = show.command(command, **fields)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


def test_nothing_goes_on_air_after_the_end(show: ShowOnServer) -> None:
    show.command("next")
    assert show.command("end").status_code == 200
    assert show.command("next").json()["code"] == "wrong_phase"
    assert show.command("end").status_code == 409
    assert show.state()["phase"] == "ended"


def test_after_the_end_nobody_is_left_to_read_a_message(show: ShowOnServer) -> None:
    show.command("end")
    refused = show.command("message", text="慢一点")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_phase")
    assert refused.json()["detail"] == "the show has ended; nobody reads a prompter any more"
    assert show.state()["cues"] == []


def test_only_producers_command(show: ShowOnServer) -> None:
    url = f"/v1/shows/{show.id}/commands"
    for role in ("host", "viewer", "ingest"):
        assert show.http.post(url, json={"command": "next"}, headers=show.headers(role)).status_code == 403
    assert show.http.post(url, json={"command": "next"}).status_code == 401


def test_a_form_commands_as_json_does(show: ShowOnServer) -> None:
    url = f"/v1/shows/{show.id}/commands"
    form = {"command": "release", "sku": "V01", "units": "10", "if_rev": ""}
    response = show.http.post(url, data=form, headers=show.headers("producer"))
    assert response.json()["units"] == 10


def test_a_cookie_needs_our_own_origin_to_command(show: ShowOnServer) -> None:
    url = f"/v1/shows/{show.id}/commands"
    cookie = {"Cookie": f"cueroom-{show.id}-producer={show.keys['producer']}"}
    assert show.http.post(url, json={"command": "start"}, headers=cookie).status_code == 403
    foreign = cookie | {"Origin": "https://elsewhere.example"}
    assert show.http.post(url, json={"command": "start"}, headers=foreign).status_code == 403
    ours = cookie | {"Origin": show.server.url}
    assert show.http.post(url, json={"command": "start"}, headers=ours).status_code == 200


def test_a_refusal_is_repeated_to_a_repeated_idempotency_key(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    show.command("start")
    first = show.command("next", idempotency_key="late", if_rev=rev)
    assert first.status_code == 412
    again = show.command("next", idempotency_key="late", if_rev=rev)
    assert (again.status_code, again.json()) == (412, first.json())
    assert show.state()["live"] is None


@pytest.mark.parametrize("if_rev", [1_000_000, 2**70])
def test_a_revision_from_nowhere_is_refused(show: ShowOnServer, if_rev: int) -> None:
    assert show.command("start", if_rev=if_rev).status_code in (400, 412)
    assert show.state()["phase"] == "planned"


def test_a_message_reaches_the_host_as_one_readable_line(show: ShowOnServer) -> None:
    show.command("message", text=" 慢\u202e一\u0000\n点 👨‍👩‍👧 ")
    assert show.state()["cues"][0]["text"] == "慢 一 点 👨‍👩‍👧"


def test_after_the_end_nothing_more_is_forecast(show: ShowOnServer) -> None:
    show.command("start")
    show.post(order("1", amount=4_200))
    show.command("end")
    plan = show.state()["plan"]
    assert (plan["forecast"], plan["needed_per_min"]) == (4_200, None)
    assert show.command("next").json()["code"] == "wrong_phase"


def test_counters_and_what_is_on_air_change_in_one_frame(show: ShowOnServer) -> None:
    with show.connect_feed() as socket:
        json.loads(socket.recv(timeout=PATIENCE_S))
        rev = show.state()["rev"]
        show.post([{"type": "item.presented", "sku": "V02"}, order("1", sku="V02")])
        frame = next_frame(socket)
        while frame["rev"] == rev:
            assert (frame["live"], frame["totals"]["orders_paid"]) == (None, 0)
            frame = next_frame(socket)
    assert (frame["rev"], frame["live"]["sku"], frame["totals"]["orders_paid"]) == (rev + 1, "V02", 1)


def test_the_running_order_is_changed_for_everybody_and_a_conflict_is_told_in_words(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    assert show.command("order", skus=["V03", "V01", "V02"], if_rev=rev).json()["order"] == ["V03", "V01", "V02"]
    late = show.command("order", skus=["V01", "V03", "V02"], if_rev=rev)
    assert late.status_code == 412
    assert "order V03 → 1 (producer" in late.json()["detail"]
    state = show.state()
    assert (state["order"], state["next"], list(state["items"])) == (
        ["V03", "V01", "V02"],
        "V03",
        ["V01", "V02", "V03"],
    )


def test_what_was_planned_stays_beside_what_was_edited(show: ShowOnServer) -> None:
    show.command("minutes", sku="V02", minutes=4.5)
    show.command("skip", sku="V01")
    state = show.state()
    assert (state["items"]["V02"]["minutes"], state["items"]["V02"]["planned_minutes"]) == (4.5, 10)
    assert (state["skipped"], state["next"]) == (["V01"], "V02")
    assert show.command("unskip", sku="V01").json()["sku"] == "V01"
    assert (show.state()["skipped"], show.state()["next"]) == ([], "V01")


def test_an_inserted_item_sells_on_a_feed_that_is_connected_already(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket, "kuaishou-1")
        expected = show.state()["plan"]["goal"]
        assert feed.push([order("1", sku="X1")])["rejected"][0]["code"] == "unknown_sku"
        fields: dict[str, Any] = {"sku": "X1", "name": "蓝牙音箱", "price": 19_900, "stock": 7, "minutes": 5}
        assert show.command("insert", **fields, after="V01").json()["sku"] == "X1"
        assert feed.push([order("2", sku="X1", qty=2)])["accepted"] == 1
    state = show.state()
    item = state["items"]["X1"]
    assert state["order"] == ["V01", "X1", "V02", "V03"]
    assert (item["on_shelf"], item["units_paid"], item["gmv"], item["inserted"]) == (5, 2, 39_800, True)
    assert state["plan"]["goal"] == expected
    assert show.command("insert", **fields).json()["code"] == "known_sku"
    assert show.command("present", sku="X1").status_code == 200


def test_a_show_file_loaded_again_keeps_what_people_changed(show: ShowOnServer) -> None:
    show.command("insert", sku="X1", name="音箱", price=100, stock=7, minutes=5, after="V01")
    show.command("order", skus=["V03", "X1", "V02", "V01"])
    show.command("skip", sku="V02")
    dearer = (msgspec.structs.replace(show.rundown.items[0], price=12_000), *show.rundown.items[1:])
    show.server.with_store(lambda store: store.put_show(msgspec.structs.replace(show.rundown, items=dearer), 1))
    state = show.state()
    assert (state["order"], state["skipped"]) == (["V03", "X1", "V02", "V01"], ["V02"])
    assert state["items"]["V01"]["price"] == 12_000
    turned = msgspec.structs.replace(show.rundown, items=dearer[::-1])
    show.server.with_store(lambda store: store.put_show(turned, 1))
    assert show.state()["order"] == ["V03", "V02", "V01", "X1"]


def test_a_show_file_loaded_again_unchanged_moves_nothing(show: ShowOnServer) -> None:
    rev = show.state()["rev"]
    show.server.with_store(lambda store: store.put_show(show.rundown, 1))
    assert show.state()["rev"] == rev


def test_the_last_move_is_taken_back_and_the_state_says_how_long_it_can_be(show: ShowOnServer) -> None:
    show.command("present", sku="V01")
    since = show.state()["live"]["since"]
    show.command("next")
    assert show.state()["undo_until"] == show.state()["live"]["since"] + 10_000
    assert show.command("undo").json()["sku"] == "V01"
    state = show.state()
    assert (state["live"], state["plays"]) == ({"sku": "V01", "since": since, "host": "lead"}, [])
    assert (state["next"], state["undo_until"]) == ("V02", None)
    assert show.command("undo").json()["code"] == "nothing_to_undo"


def test_a_threshold_set_during_the_show_holds_until_it_is_taken_back(show: ShowOnServer) -> None:
    assert show.command("policy", set={"next_confidence": 0.9, "off": ["hold"]}).status_code == 200
    assert show.state()["policy"] == {"next_confidence": 0.9, "off": ["hold"]}
    answer = show.command("policy", set={"next_confidence": None}).json()
    assert answer["policy"] == show.state()["policy"] == {"off": ["hold"]}


def test_every_fault_of_a_policy_is_told_and_none_of_it_counts(show: ShowOnServer) -> None:
    refused = show.command("policy", set={"next_confidence": 7, "mood": 1, "hue": None, "host_gap_s": 30})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_policy")
    assert all(f"{key}: " in refused.json()["detail"] for key in ("next_confidence", "mood", "hue"))
    assert "host_gap_s: " not in refused.json()["detail"]
    assert show.state()["policy"] == {}
    assert show.command("policy", set={}).status_code == 400


def test_the_plan_line_goes_by_the_policy_as_it_is_now(show: ShowOnServer) -> None:
    show.command("policy", set={"plan_on_s": 0.0})
    show.command("start")
    with show.connect_feed() as socket:
        assert next_frame(socket, phase="live")["plan"]["status"] != "on"
        show.command("policy", set={"plan_on_s": 3600.0})
        frame = next_frame(socket)
        while frame["plan"]["status"] != "on":
            frame = next_frame(socket)


@pytest.fixture
def strict_show(server: Server) -> ShowOnServer:
    """A show that requires papers, whose V02 and V03 have them."""
    show = ShowOnServer(server, msgspec.structs.replace(small_rundown(f"strict-{next(_NUMBERS)}"), papers=True))

    async def clear(store: Store) -> None:
        for sku in ("V02", "V03"):
            _, version = await read_dossier(store.house, sku)
            assert await keep_dossier(store.house, cleared(sku), version)

    server.with_store(clear)
    return show


def overrides(show: ShowOnServer) -> tuple[Override, ...]:
    """What the recap tells of papers that were lacking."""
    now = show.state()["time"]
    return show.server.with_store(lambda store: read_recap(store, show.id, now, [])).overrides


def test_only_with_its_papers_an_item_goes_live(strict_show: ShowOnServer) -> None:
    refused = strict_show.command("next")
    assert (refused.status_code, refused.json()["code"]) == (409, "papers_missing")
    assert list(refused.json()["lacks"]) == ["V01"]
    assert strict_show.state()["phase"] == "planned"
    assert strict_show.command("present", sku="V02").status_code == 200
    assert overrides(strict_show) == ()


def test_a_reason_lets_it_go_live_and_the_recap_tells_who_and_why(strict_show: ShowOnServer) -> None:
    assert strict_show.command("next", reason="合同今晚补签").status_code == 200
    assert strict_show.state()["live"]["sku"] == "V01"
    told = overrides(strict_show)
    assert [(one.act, one.sku, one.reason) for one in told] == [("next", "V01", "合同今晚补签")]
    assert told[0].by.startswith("producer")


def test_a_feed_tells_a_fact_which_is_marked_once(strict_show: ShowOnServer) -> None:
    strict_show.post([{"type": "item.presented", "sku": sku, "source": "platform"} for sku in ("V02", "V01", "V01")])
    assert strict_show.state()["live"]["sku"] == "V01"
    assert [(one.act, one.sku, one.by, one.reason) for one in overrides(strict_show)] == [
        ("item.presented", "V01", "platform", "")
    ]


def test_a_show_that_requires_no_papers_runs_without(show: ShowOnServer) -> None:
    assert show.command("start").status_code == 200
    assert show.command("next").status_code == 200
