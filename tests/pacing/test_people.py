"""People: this show's own reaction time and success of reminders."""

import pytest

from cueroom.pacing.people import as_people_are
from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Cue, CueState, Kind
from pacing.rehearsal import Rehearsal, item, rundown

POLICY = Policy()


def until_next(show: Rehearsal, sku: str) -> Cue:
    """Present the item, which fades, until `next` is said."""
    show.present(sku)
    said, since = len(show.of(Kind.NEXT)), show.second
    while len(show.of(Kind.NEXT)) == said:
        show.play(1, lambda second: {sku: 3.0 * 0.97 ** (second - since)})
    return show.of(Kind.NEXT)[-1]


def reaction_after(took_s: int) -> float:
    """What is thought of people who took so long four times."""
    show = Rehearsal(rundown(*(item(f"V{number}") for number in range(1, 9)), duration_min=40), tick_s=1)
    sku = "V1"
    for _ in range(4):
        sku = until_next(show, sku).sku or ""
        show.play(took_s)
    show.present(sku)
    show.decide()
    return as_people_are(POLICY, show.memory).reaction_s


def test_people_are_thought_to_react_as_they_did() -> None:
    assert reaction_after(5) < POLICY.reaction_s < reaction_after(50)


def test_until_people_have_acted_the_policy_is_what_is_known_of_them() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(60, {"V1": 1.0})
    known = as_people_are(POLICY, show.memory)
    assert known.reaction_s == pytest.approx(POLICY.reaction_s)
    assert known.payment_saved == pytest.approx(POLICY.payment_saved)


def saved_after(paid: int, state: CueState) -> float:
    """What is hoped of a reminder after one of which so many of a hundred orders came in."""
    show = Rehearsal(rundown(), tick_s=1)
    show.present("V1")
    for _ in range(100):
        show.order("V1", paid=False)
    while not show.of(Kind.PAYMENT):
        show.play(1, {"V1": 0.05})
    cue = show.play(2, {"V1": 0.05}).of(Kind.PAYMENT)[0]
    show.answer(cue, state)
    for number in range(1, paid + 1):
        show.apply(ev.OrderPaid(id=f"o{number}", sku="V1", qty=1))
    show.play(150, {"V1": 0.05})
    return as_people_are(POLICY, show.memory).payment_saved


def test_a_reminder_is_hoped_to_save_what_the_last_ones_saved() -> None:
    before = POLICY.payment_saved
    assert saved_after(0, CueState.ACCEPTED) < before < saved_after(80, CueState.ACCEPTED)


def test_a_reminder_that_people_refused_says_nothing_of_its_success() -> None:
    assert saved_after(80, CueState.DISMISSED) == pytest.approx(POLICY.payment_saved)


def lead_after(took_s: int) -> float:
    """What a release is thought to take where the last four took so long."""
    batches = (50,) * 40
    show = Rehearsal(rundown(item("V1", stock=2_000, batches=batches), policy={"off": ["next"]}), tick_s=1)
    show.present("V1")
    for number in range(1, 5):
        while len(show.of(Kind.RELEASE)) < number:
            show.play(1, {"V1": 2.0})
        show.play(took_s, {"V1": 2.0})
        show.apply(ev.StockReleased(sku="V1", n=50))
        show.play(2, {"V1": 2.0})
    return as_people_are(POLICY, show.memory).release_lead_s


def test_a_release_is_thought_to_take_what_the_slowest_of_late_took_and_half_as_long_again() -> None:
    assert 1.5 * 5 < lead_after(5) < lead_after(30) < POLICY.release_lead_s
    assert lead_after(100) > POLICY.release_lead_s
