"""What the screens show of a cue."""

import msgspec
import pytest

from cueroom.show.cues import Audience, Cue, CueState, Kind, Step
from cueroom.views.cue import READ_MS, cue_view, fit_of, host_cue
from scenes import START, cue, state_of


def test_a_host_sees_the_most_urgent_cue_meant_for_them() -> None:
    now = START + 1_476_000
    sent = (
        cue(1, Kind.STOCK, "nearly_gone", {"left": 3, "name": "x"}, now=now, audience=Audience.PRODUCER, priority=1),
        cue(2, Kind.MESSAGE, "person", {}, now=now, text="给阿诚", to="guest-1", priority=1),
        cue(3, Kind.ENGAGE, "comments_fall", {}, now=now, priority=4),
        cue(4, Kind.PAYMENT, "unpaid_worth", {"orders": 9}, now=now, priority=3),
    )
    state = state_of(cues=sent)
    assert [(host_cue("zh-Hans", state, host) or {})["id"] for host in ("lead", "guest-1")] == ["c-4", "c-2"]


def message(number: int, issued_at: int, shown_at: int | None) -> Cue:
    """A message to all hosts, and when a prompter had painted it."""
    sent = cue(number, Kind.MESSAGE, "person", {}, now=issued_at, text=f"第{number}条")
    steps = () if shown_at is None else (Step(CueState.SHOWN, shown_at, "screen"),)
    state = CueState.ISSUED if shown_at is None else CueState.SHOWN
    return msgspec.structs.replace(sent, issued_at=issued_at, steps=steps, state=state)


@pytest.mark.parametrize(
    ("shown_after_ms", "seen"),
    [
        ((None, None, None), "c-1"),
        ((1 - READ_MS, None, None), "c-1"),
        ((-READ_MS, None, None), "c-2"),
        ((-2 * READ_MS, 1 - READ_MS, None), "c-2"),
        ((-2 * READ_MS, -READ_MS, None), "c-3"),
        ((-3 * READ_MS, -2 * READ_MS, -READ_MS), "c-3"),
    ],
)
def test_each_message_is_read_and_none_waits_until_another_runs_out(
    shown_after_ms: tuple[int | None, ...], seen: str
) -> None:
    now = state_of()["time"]
    sent = [
        message(number, now - 30_000 + number, None if shown is None else now + shown)
        for number, shown in enumerate(shown_after_ms, start=1)
    ]
    seen_cue = host_cue("zh-Hans", state_of(cues=tuple(reversed(sent))), "lead")
    assert seen_cue is not None
    assert seen_cue["id"] == seen


def test_a_longer_text_stands_smaller_in_the_lane() -> None:
    assert [fit_of("放" * length) for length in (5, 7, 10, 11, 20, 21, 300)] == [
        "short",
        "middling",
        "short",
        "middling",
        "middling",
        "long",
        "long",
    ]


def test_a_text_stands_smaller_where_that_keeps_a_word_in_one_line() -> None:
    assert [fit_of(text) for text in ("再讲1分钟", "2,861单未付，催付", "Slow down", "Remind everybody")] == [
        "short",
        "middling",
        "short",
        "short",
    ]


def test_how_long_painting_took_is_told_in_real_time() -> None:
    shown = state_of()["cues"][0]
    assert cue_view("en", state_of(), shown, speed=4)["painted_after_ms"] == 21


def test_a_message_tells_who_wrote_it_in_the_readers_language() -> None:
    shown = state_of()["cues"][0]
    message = {**shown, "kind": "message", "why": {**shown["why"], "rule": "person", "explain": "producer 4ea0"}}
    assert cue_view("zh-Hans", state_of(), message)["explain"] == "中控 4ea0"


@pytest.mark.parametrize(("sku", "told"), [("V04", "Hand over to 阿诚"), ("V05", "")])
def test_a_call_for_another_hosts_item_names_that_host(sku: str, told: str) -> None:
    call = {**state_of()["cues"][0], "kind": "next", "sku": sku}
    assert cue_view("en", state_of(), call)["handover"] == told
