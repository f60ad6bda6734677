"""What an item would still sell, looked ahead in the mean."""

import pytest

from benches.kinds import KINDS
from benches.prospect import Crowds, Prospect
from cueroom.audience import Audience


def under_way(seconds: int = 300) -> Audience:
    """A small show after so many seconds of its first item."""
    rundown, params = KINDS[0].make(1)
    audience = Audience(rundown, params, 1)
    audience.present("V01")
    for _ in range(seconds):
        audience.step()
    return audience


def test_looking_ahead_changes_nothing() -> None:
    watched, left_alone = under_way(), under_way()
    Prospect(watched, Crowds(watched), "V01").show(0.0, 600)
    assert watched.step() == left_alone.step()


def test_what_is_sold_only_grows_and_never_past_the_stock() -> None:
    audience = under_way()
    audience.till.on_shelf["V01"], audience.till.reserve["V01"] = 3, 0
    curve = Prospect(audience, Crowds(audience), "V01").show(0.0, 1200)
    assert curve == sorted(curve)
    assert curve[-1] == pytest.approx(3 * audience.rundown.items[0].price)


def test_an_item_shown_before_finds_fewer_who_want_it() -> None:
    audience = under_way()
    once, again = (Prospect(audience, Crowds(audience), "V02") for _ in range(2))
    again.show(0.0, 600)
    assert again.show(660, 300)[-1] < once.show(660, 300)[-1]


def test_what_comes_after_finds_an_item_shown_for_no_longer_than_it_was() -> None:
    audience = under_way()
    looked_far, shown = (Prospect(audience, Crowds(audience), "V02") for _ in range(2))
    assert looked_far.show(0.0, 900, shown_s=300)[:60] == pytest.approx(shown.show(0.0, 300))
    assert looked_far.show(1500, 300) == pytest.approx(shown.show(1500, 300))


def test_smoothed_crowds_know_how_many_come_but_not_when() -> None:
    audience = under_way()
    smooth = Crowds(audience, 1200)
    seconds = range(600, 9000)
    assert sum(map(smooth.inflow, seconds)) == pytest.approx(sum(audience.inflow[600:9000]), rel=0.05)
    assert max(map(smooth.inflow, seconds)) < max(audience.inflow[600:9000])
