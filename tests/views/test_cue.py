"""What the screens show of a cue."""

import pytest

from cueroom.show.cues import Audience, Kind
from cueroom.views.cue import cue_view, fit_of, host_cue
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
