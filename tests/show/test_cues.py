"""Laws of what a cue came to."""

import pytest

from cueroom.show.cues import CueState, Kind, ended_as


@pytest.mark.parametrize(
    ("kind", "state", "was_shown", "told"),
    [
        (Kind.MESSAGE, CueState.EXPIRED, True, "shown"),
        (Kind.MESSAGE, CueState.EXPIRED, False, "expired"),
        (Kind.MESSAGE, CueState.WITHDRAWN, True, "withdrawn"),
        (Kind.NEXT, CueState.EXPIRED, True, "expired"),
        (Kind.NEXT, CueState.ACCEPTED, True, "accepted"),
        (Kind.BLIND, CueState.ACCEPTED, True, "understood"),
        (Kind.BEHIND, CueState.ACCEPTED, True, "understood"),
    ],
)
def test_what_asks_for_nothing_is_shown_or_understood(
    kind: Kind, state: CueState, *, was_shown: bool, told: str
) -> None:
    assert ended_as(kind, state, was_shown=was_shown) == told
