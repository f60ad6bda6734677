"""Unpaid orders: whom a reminder can still move, and when it is worth its seconds."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import CueState, Kind
from pacing.rehearsal import Rehearsal, figure, rundown

POLICY = Policy()
OLD_ENOUGH_S = round(POLICY.payment_age_s) + 120
"""Ages are known to the minute, so this long after the order it is surely old enough."""


def waiting(orders: int, seconds: int = OLD_ENOUGH_S, rate: float = 0.05, **policy: object) -> Rehearsal:
    """So many unpaid orders at the first second, and the show that long after."""
    show = Rehearsal(rundown(policy=policy))
    show.present("V1")
    for _ in range(orders):
        show.order("V1", paid=False)
    return show.play(seconds, {"V1": rate})


@pytest.mark.parametrize(("orders", "told"), [(0, False), (1, False), (400, True)])
def test_only_what_is_worth_it_is_pushed(orders: int, told: bool) -> None:
    assert bool(waiting(orders).of(Kind.PAYMENT)) is told


def test_nobody_is_pushed_before_the_age_of_the_policy() -> None:
    [cue] = waiting(400, 420, payment_age_s=240).of(Kind.PAYMENT)
    assert cue.issued_at - rundown().starts_at >= 240_000


def test_the_dearer_the_selling_time_the_less_is_a_reminder_worth_it() -> None:
    assert waiting(60).of(Kind.PAYMENT)
    assert not waiting(60, rate=10.0).of(Kind.PAYMENT)


def test_the_paid_and_the_cancelled_are_not_pushed() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    for number in range(400):
        show.apply(ev.OrderCreated(id=f"u{number}", sku="V1", qty=1))
        ended = ev.OrderPaid if number % 2 else ev.OrderCancelled
        show.apply(ended(id=f"u{number}", sku="V1", qty=1))
    assert not show.play(OLD_ENOUGH_S, {"V1": 0.05}).of(Kind.PAYMENT)


def test_a_reminder_stays_open_until_people_take_it_or_its_time_is_over() -> None:
    show = waiting(400, off=["next"]).play(90, {"V1": 0.05})
    cue = show.of(Kind.PAYMENT)[0]
    [end] = [change for change in show.changes if change.id == cue.id and not change.is_open]
    assert end.state is CueState.EXPIRED


def test_who_was_not_reminded_after_all_is_hoped_for_as_before() -> None:
    show = waiting(400, off=["next"])
    first = show.of(Kind.PAYMENT)[0]
    second = show.play(840, {"V1": 0.05}).of(Kind.PAYMENT)[1]
    assert figure(second, "save_minor") == figure(first, "save_minor")


def test_the_reminded_are_counted_again_but_hoped_for_less() -> None:
    show = waiting(400, 0, off=["next"])
    while not show.of(Kind.PAYMENT):
        show.play(2, {"V1": 0.05})
    first = show.of(Kind.PAYMENT)[0]
    show.answer(first, CueState.ACCEPTED)
    for _ in range(200):
        show.order("V1", paid=False)
    show.play(840, {"V1": 0.05})
    second = show.of(Kind.PAYMENT)[1]
    assert figure(second, "orders") == 600
    assert figure(second, "amount_minor") > figure(first, "amount_minor")
    assert figure(second, "save_minor") < figure(first, "save_minor")


def test_the_amount_is_that_of_all_items() -> None:
    show = waiting(200, 2)
    for _ in range(100):
        show.order("V2", paid=False)
    cue = show.play(OLD_ENOUGH_S, {"V1": 0.05}).of(Kind.PAYMENT)[-1]
    assert cue.sku is None
    assert figure(cue, "amount_minor") <= 300 * 10_000
    assert figure(cue, "orders") in {200, 300}


def test_of_a_feed_that_tells_of_no_payment_nobody_is_reminded() -> None:
    assert not waiting(400, rate=0.0).of(Kind.PAYMENT)
