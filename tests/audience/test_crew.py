"""The people of a simulated show: slow, and not always obedient."""

from typing import Any

import msgspec
import pytest

from cueroom.audience import SMALL, Act, Crew
from cueroom.audience.crew import act_of

NOW = 1_800_000_000_000
SURE = msgspec.structs.replace(SMALL, obedience=1.0, reaction_s=20, reaction_sd=0)


def cue(kind: str = "next", cue_id: str = "c-1", **numbers: Any) -> dict[str, Any]:
    return {"id": cue_id, "kind": kind, "sku": "V02", "why": {"numbers": numbers}}


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("next", Act("next", "V02")),
        ("encore", Act("encore", "V02")),
        ("payment", Act("payment", "V02")),
        ("benefit", Act("benefit", "V02")),
        ("release", Act("release", "V02", 300)),
        ("handover", None),
        ("behind", None),
        ("blind", None),
    ],
)
def test_only_cues_that_ask_for_an_act_make_the_crew_move(kind: str, act: Act | None) -> None:
    assert act_of(cue(kind, units=300) if kind == "release" else cue(kind)) == act


def test_a_cue_is_followed_after_the_reaction_time_and_once() -> None:
    crew = Crew(SURE, 1)
    assert crew.heed(cue(), NOW)
    assert crew.due(NOW + 19_999) == {}
    assert crew.due(NOW + 20_000) == {"c-1": Act("next", "V02")}
    assert crew.due(NOW + 60_000) == {}


def test_a_cue_taken_back_in_time_is_not_followed() -> None:
    crew = Crew(SURE, 1)
    crew.heed(cue(), NOW)
    crew.forget("c-1")
    assert crew.due(NOW + 60_000) == {}


def test_the_crew_follows_as_many_cues_as_it_is_obedient() -> None:
    crew = Crew(msgspec.structs.replace(SURE, obedience=0.7), 1)
    followed = sum(crew.heed(cue(cue_id=f"c-{number}"), NOW) for number in range(2_000))
    assert followed == pytest.approx(1_400, abs=80)


def test_what_is_due_happens_in_the_order_of_time() -> None:
    crew = Crew(SURE, 1)
    crew.follow("c-9", Act("payment"), NOW)
    crew.follow("c-1", Act("next", "V02"), NOW + 1_000)
    assert list(crew.due(NOW + 60_000)) == ["c-9", "c-1"]
