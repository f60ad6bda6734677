"""Laws of the back-test: every cue is told once, paired only with its like at about the same time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.backtest import TOLERANCE_MS, Pair, Summary, compare, line_of, summary_of
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why

START = 1_790_000_000_000


def cue(number: int, at_s: float, kind: Kind = Kind.NEXT, sku: str | None = "V01") -> Cue:
    at = START + round(1000 * at_s)
    return Cue(
        id=f"c-{number}",
        kind=kind,
        sku=sku,
        audience=Audience.BOTH,
        priority=2,
        text=f"{kind.value} {sku}",
        issued_at=at,
        expires_at=at + 60_000,
        why=Why("rule"),
    )


def matches(then: list[Cue], now: list[Cue]) -> list[str]:
    return [pair.match for pair in compare(then, now)]


def test_the_like_at_about_the_same_time_is_the_same_advice() -> None:
    assert matches([cue(1, 0)], [cue(7, 80)]) == ["both"]
    assert matches([cue(1, 0)], [cue(7, TOLERANCE_MS / 1000 + 1)]) == ["only_then", "only_now"]


@pytest.mark.parametrize("other", [cue(7, 0, sku="V02"), cue(7, 0, sku=None), cue(7, 0, kind=Kind.HOLD)])
def test_other_advice_at_the_same_time_is_no_match(other: Cue) -> None:
    assert sorted(matches([cue(1, 0)], [other])) == ["only_now", "only_then"]


def test_what_a_person_wrote_is_no_advice() -> None:
    assert matches([cue(1, 0, Kind.MESSAGE, None)], []) == []


def test_the_summary_counts_the_pairs_and_what_was_cued_both_times() -> None:
    pairs = compare([cue(1, 0), cue(2, 500)], [cue(1, 5), cue(2, 900), cue(3, 905, Kind.HOLD)])
    assert summary_of(pairs) == Summary(both=1, only_then=1, only_now=2, agreement=0.25)
    assert summary_of([]) == Summary(0, 0, 0, None)


def test_a_line_tells_what_people_did_with_the_cue_of_then() -> None:
    then = cue(4, 0).moved(CueState.DISMISSED, START + 900, "producer ab12")
    line = line_of(Pair(then, cue(9, -2.5)))
    assert (line["match"], line["kind"], line["sku"], line["later_s"]) == ("both", Kind.NEXT, "V01", -2.5)
    assert (line["then"]["id"], line["then"]["state"], line["then"]["by"]) == ("c-4", "dismissed", "producer ab12")
    assert (line["now"]["id"], line["now"]["state"], line["now"]["by"]) == ("c-9", "issued", None)


cues = st.lists(
    st.builds(cue, st.integers(1, 10**6), st.integers(0, 3600), st.sampled_from(Kind), st.sampled_from(["V01", "V02"])),
    max_size=20,
)


@given(cues, cues)
def test_every_cue_is_in_one_pair_with_its_like(then: list[Cue], now: list[Cue]) -> None:
    then, now = ([each for each in side if each.kind is not Kind.MESSAGE] for side in (then, now))
    pairs = compare(then, now)
    for side, given_cues in (("then", then), ("now", now)):
        told = [getattr(pair, side) for pair in pairs if getattr(pair, side)]
        assert sorted(each.id for each in told) == sorted(each.id for each in given_cues)
    for pair in pairs:
        if pair.then and pair.now:
            assert (pair.then.kind, pair.then.sku) == (pair.now.kind, pair.now.sku)
            assert abs(pair.then.issued_at - pair.now.issued_at) <= TOLERANCE_MS


@given(cues)
def test_a_recording_paced_by_the_same_engine_agrees_with_itself(then: list[Cue]) -> None:
    assert {pair.match for pair in compare(then, then)} <= {"both"}
