"""Rates: what a spell's orders say of the item on air, and how sure that is."""

from math import exp, log

import msgspec
import pytest

from cueroom.pacing.curve import PRIOR
from cueroom.pacing.memory import Bin, Spell
from cueroom.pacing.rates import SETTLED_S, Estimate, bins_of, estimate_of
from cueroom.pacing.silence import silences
from cueroom.show import events as ev
from pacing.rehearsal import START, Rehearsal, rundown

LEVEL = 100.0
SECOND = START // 1000
SPELL = Spell(sku="V1", since=START, settled=SECOND, appeal=log(1 / LEVEL), variance=1.0, unseen=1.0)


def read(show: Rehearsal, empty: tuple[tuple[int, int], ...] = ()) -> tuple[Spell, list[Bin]]:
    return bins_of(show.ledger.snapshot(show.now), SPELL, empty, LEVEL)


def steady(rate: float, seconds: int) -> Estimate:
    """What is thought after so many seconds at so many units a second, where a third of that was promised."""
    bins = [Bin(round(10 * rate), 10, 10 * i + 5.0, LEVEL) for i in range(seconds // 10)]
    promised = msgspec.structs.replace(SPELL, appeal=log((rate or 1) / 3 / LEVEL))
    return estimate_of(promised, bins, PRIOR, LEVEL)


def test_before_its_first_order_an_item_sells_as_promised() -> None:
    assert estimate_of(SPELL, [], PRIOR, LEVEL).rate() == pytest.approx(LEVEL * exp(SPELL.appeal))


@pytest.mark.parametrize("rate", [0.0, 0.3, 2.0, 30.0, 2_000.0])
def test_after_two_minutes_the_rate_is_what_was_sold(rate: float) -> None:
    assert steady(rate, 120).rate() == pytest.approx(rate, rel=0.25, abs=0.1)


@pytest.mark.parametrize("rate", [0.0, 0.3, 2.0, 2_000.0])
def test_no_rate_rises_with_time(rate: float) -> None:
    estimate = steady(rate, 60)
    rates = [estimate.rate(ahead_s) for ahead_s in range(0, 300, 20)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_the_chance_to_be_below_grows_with_the_bar(spread: float) -> None:
    estimate = steady(2.0, 60)
    chances = [estimate.below(bar, 30, spread) for bar in (0.0, 0.1, 1.0, 3.0, 100.0)]
    assert chances == sorted(chances)
    assert chances[0] == 0
    assert chances[-1] == pytest.approx(1, abs=0.01)


def test_more_orders_make_surer() -> None:
    assert steady(20.0, 120).appeal[1] < steady(0.2, 120).appeal[1] < SPELL.variance


def test_every_unit_is_in_one_bin_and_only_whole_seconds_count() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(65, {"V1": 2.0})
    _, bins = read(show)
    assert sum(each.units for each in bins) == 130
    assert sum(each.open_s for each in bins) == 65


@pytest.mark.parametrize(("since", "until", "open_s"), [(0, 0, 60), (10, 40, 30), (50, 100, 50)])
def test_an_empty_shelf_is_no_time_in_which_nothing_sold(since: int, until: int, open_s: int) -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(60, lambda second: {} if since <= second < until else {"V1": 1.0})
    _, bins = read(show, ((SECOND + since, SECOND + until),))
    assert sum(each.open_s for each in bins) == open_s


@pytest.mark.parametrize("gap_s", [8, 20, 60, 120])
def test_a_gap_of_the_feed_is_no_time_in_which_nothing_sold(gap_s: int) -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(40, {"V1": 1.0})
    show.second += gap_s
    show.play(10, {"V1": 1.0})
    _, bins = read(show, silences(show.ledger.snapshot(show.now), ()))
    assert sum(each.open_s for each in bins) == 50


def test_while_it_is_paid_for_an_item_without_orders_just_does_not_sell() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(60, {"V1": 5.0})
    show.order("V1", paid=False)
    for _ in range(60):
        show.apply(ev.OrderPaid(id=f"of-{show.second}", sku="V2", qty=1))
        show.play(1)
    _, bins = read(show)
    assert sum(each.open_s for each in bins) == 120


def test_what_has_settled_is_kept_and_the_rest_read_again() -> None:
    show = Rehearsal(rundown(), tick_s=10_000)
    show.present("V1")
    show.play(SETTLED_S + 30, {"V1": 1.0})
    settled, bins = read(show)
    assert show.now // 1000 - settled.settled >= SETTLED_S
    assert settled.bins == tuple(bins[: len(settled.bins)])
    show.apply(ev.OrderCreated(id="late", sku="V1", qty=5), late_s=60)
    _, again = bins_of(show.ledger.snapshot(show.now), settled, (), LEVEL)
    assert sum(each.units for each in again) == sum(each.units for each in bins) + 5


@pytest.mark.parametrize(
    ("promised", "sold", "seconds"), [(1.0, 2_000.0, 2), (1.0, 200.0, 6), (100.0, 2 / 60, 60), (1.0, 2 / 60, 60)]
)
def test_a_promise_that_was_plainly_wrong_yields_to_what_is_sold(promised: float, sold: float, seconds: int) -> None:
    bins = [Bin(round(sold * (at + 2)) - round(sold * at), 2, at + 1.0, LEVEL) for at in range(0, seconds, 2)]
    wrong = msgspec.structs.replace(SPELL, appeal=log(promised / LEVEL))
    assert estimate_of(wrong, bins, PRIOR, LEVEL).rate() == pytest.approx(sold, rel=0.5)


def test_between_the_orders_of_a_feed_that_tells_nothing_else_the_item_was_on_sale() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(120, {"V1": 1 / 15}, entered=0)
    _, bins = read(show)
    assert sum(each.open_s for each in bins) == 120
