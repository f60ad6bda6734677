"""Laws of the pipe as a program sees it: what each line is answered."""

import io
import json
import random
from typing import Any

import msgspec
import pytest

from cueroom.pipe import run_pace
from pacing.rehearsal import START, item, rundown

Line = dict[str, Any]
SHOW = rundown()


def paced(*lines: Line | bytes, with_state: bool = False) -> list[Line]:
    out = io.BytesIO()
    run_pace(
        SHOW,
        [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines],
        out,
        with_state=with_state,
    )
    return [json.loads(line) for line in out.getvalue().splitlines()]


def tick(second: float) -> Line:
    return {"type": "tick", "time": START + round(1000 * second)}


def presented(sku: str, second: float) -> Line:
    return {"type": "item.presented", "time": START + round(1000 * second), "sku": sku}


def order(number: int, second: float, sku: str = "V1", kind: str = "paid") -> Line:
    time = START + round(1000 * second)
    return {"type": f"order.{kind}", "time": time, "id": f"o{number}", "sku": sku, "qty": 1}


def a_fading_show(seconds: int = 420) -> list[Line]:
    """An item that fades, a tick every three seconds."""
    lines, owed, number = [presented("V1", 0)], 0.0, 0
    for second in range(seconds):
        owed += 0.2 + 6 * 0.5 ** (second / 40)
        while owed >= 1:
            owed, number = owed - 1, number + 1
            lines.append(order(number, second + 0.5))
        lines.append({"type": "viewer.entered", "time": START + 1000 * second, "n": 20})
        if second % 3 == 2:
            lines.append(tick(second + 1))
    return lines


def cues(answers: list[Line]) -> list[Line]:
    return [answer["cue"] for answer in answers if "cue" in answer]


def test_every_tick_gets_exactly_one_answer_after_its_cues() -> None:
    lines = a_fading_show()
    answers = paced(*lines)
    ticks = [line["time"] for line in lines if line["type"] == "tick"]
    assert [answer["tick"] for answer in answers if "tick" in answer] == ticks
    assert "tick" in answers[-1]
    issued = next(index for index, answer in enumerate(answers) if "cue" in answer)
    following = next(answer["tick"] for answer in answers[issued:] if "tick" in answer)
    assert answers[issued]["cue"]["issued_at"] == following


def test_a_fading_item_is_answered_with_a_next_as_the_contract_spells_it() -> None:
    cue = next(cue for cue in cues(paced(*a_fading_show())) if cue["kind"] == "next")
    assert {"id", "kind", "sku", "audience", "priority", "text", "issued_at", "expires_at", "state", "why"} <= set(cue)
    assert {"rule", "numbers", "sample", "age_ms", "explain"} <= set(cue["why"])
    assert (cue["sku"], cue["state"], cue["to"]) == ("V2", "issued", None)


def test_the_state_comes_only_when_asked_for() -> None:
    lines = [presented("V1", 0), order(1, 0.5), tick(1)]
    assert paced(*lines)[-1] == {"tick": START + 1000}
    state = paced(*lines, with_state=True)[-1]["state"]
    assert (state["phase"], state["live"]["sku"], state["totals"]["gmv"]) == ("live", "V1", 10_000)


def test_the_same_input_gives_the_same_bytes() -> None:
    lines = a_fading_show(200)
    assert paced(*lines, with_state=True) == paced(*lines, with_state=True)


def test_the_order_of_events_within_a_tick_is_of_no_account() -> None:
    lines = a_fading_show(300)
    dice = random.Random(7)
    shuffled: list[Line] = []
    tick_events: list[Line] = []
    for line in lines:
        if line["type"] != "tick":
            tick_events.append(line)
            continue
        dice.shuffle(tick_events)
        shuffled += [*tick_events, line]
        tick_events = []
    assert paced(*shuffled, with_state=True) == paced(*lines, with_state=True)


def test_a_bad_line_is_answered_and_skipped() -> None:
    answers = paced(
        presented("V1", 0),
        b"not json",
        {"type": "order.paid", "id": "a", "qty": 1},
        {"type": "order.paid", "id": "a", "sku": "V99", "qty": 1},
        {"type": "nonsense"},
        {"type": "room.online", "n": -1},
        {"type": "tick"},
        {"type": "cue.accepted", "cue": "c-99"},
        {"type": "item.presented", "sku": "V1", "host": "nobody"},
        b"",
        tick(1),
    )
    errors = [(answer["error"]["line"], answer["error"]["code"]) for answer in answers if "error" in answer]
    assert errors == [
        (2, "unreadable"),
        (3, "missing_field"),
        (4, "unknown_sku"),
        (5, "unknown_type"),
        (6, "out_of_range"),
        (7, "missing_field"),
        (8, "unknown_cue"),
        (9, "unknown_host"),
    ]
    assert answers[-1] == {"tick": START + 1000}


@pytest.mark.parametrize("kind", ["tick", "cue.accepted", "cue", "command", "kept", "nonsense"])
@pytest.mark.parametrize("rest", [b"", b",", b',"time":', b',"time":"\xe6', b',"cue":' + b"[" * 100_000])
def test_a_line_of_the_pipe_s_own_that_breaks_off_is_answered_and_skipped(kind: str, rest: bytes) -> None:
    told, ticked = paced(b'{"type":"%s"%s' % (kind.encode(), rest), tick(1))
    assert told["error"]["line"] == 1
    assert ticked == {"tick": START + 1000}


@pytest.mark.parametrize(
    "line",
    [
        rb'{"type": "viewer.commented", "text": "cut \ud83d"}',
        rb'{"type": "command", "command": {"command": "message", "text": "cut \ud83d"}}',
    ],
)
def test_half_a_character_spoils_no_line(line: bytes) -> None:
    assert paced(presented("V1", 0), line, tick(1)) == [{"tick": START + 1000}]


def test_the_clock_does_not_go_back() -> None:
    answers = paced(tick(10), tick(5), tick(10))
    assert [next(iter(answer)) for answer in answers] == ["tick", "error", "tick"]


def test_events_without_a_time_happened_at_the_last_tick() -> None:
    state = paced(tick(10), {"type": "item.presented", "sku": "V2"}, tick(20), with_state=True)[-1]["state"]
    assert state["live"] == {"sku": "V2", "since": START + 10_000, "host": "lead"}


@pytest.mark.parametrize("ahead_s", [0, 30])
def test_however_far_ahead_a_feeds_clock_is_nothing_is_on_air_in_the_future_nor_newer_than_its_tick(
    ahead_s: int,
) -> None:
    answers = paced(presented("V1", 1 + ahead_s), order(1, 1 + ahead_s), tick(1), tick(7), with_state=True)
    live, later = answers[0]["state"]["live"], answers[-1]["state"]
    assert (live["since"], later["age_ms"]) == (START + 1_000, 6_000)


def test_what_became_of_a_cue_is_told_with_the_next_tick() -> None:
    lines = a_fading_show()
    answers = paced(*lines)
    cue = next(cue for cue in cues(answers) if cue["kind"] == "next")
    until = next(i for i, line in enumerate(lines) if line == {"type": "tick", "time": cue["issued_at"]}) + 1
    verdict = {"type": "cue.accepted", "cue": cue["id"]}
    again = paced(*lines[:until], verdict, verdict, {"type": "tick", "time": cue["issued_at"] + 1000})
    assert again[-3]["error"]["code"] == "cue_ended"
    assert (again[-2]["cue"]["id"], again[-2]["cue"]["state"]) == (cue["id"], "accepted")


def test_each_tick_is_flushed_before_the_next_line_is_read() -> None:
    class Watched(io.BytesIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed = len(self.getvalue())

    out = Watched()

    def lines() -> Any:
        yield msgspec.json.encode(tick(1))
        assert out.flushed > 0
        yield msgspec.json.encode(tick(2))

    run_pace(SHOW, lines(), out)
    assert out.flushed == len(out.getvalue())


def test_an_empty_input_gives_no_output() -> None:
    assert paced() == []


def test_items_with_other_prices_are_priced_by_the_sheet() -> None:
    out = io.BytesIO()
    show = rundown(item("V1", price=123))
    lines = [msgspec.json.encode(line) for line in (presented("V1", 0), order(1, 0.5), tick(1))]
    run_pace(show, lines, out, with_state=True)
    totals = json.loads(out.getvalue().splitlines()[-1])["state"]["totals"]
    assert (totals["gmv"], totals["gmv_estimated"]) == (123, 123)
