"""Reasons: the sentence of every cue is true to the arithmetic that fired it, in every language."""

import re
from collections.abc import Callable
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import msgspec
import pytest

from cueroom.i18n import LOCALES, catalogue, cue_explain, duration_words, money, rate
from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.board import Phase
from cueroom.show.cues import Cue, Kind
from cueroom.show.state import Snapshot
from pacing.rehearsal import HOSTS, Rehearsal, fading, figure, item, on_air, rundown

POLICY = Policy()
PLENTY = tuple(item(f"V{number}") for number in range(2, 7))


def an_item_that_fades() -> Rehearsal:
    return on_air().play(420, fading("V1", 6.0, 40, base=0.2))


def a_show_without_an_item() -> Rehearsal:
    show = Rehearsal(rundown())
    show.apply(ev.ShowStarted())
    return show.play(20)


def a_last_batch_bought_at_once() -> Rehearsal:
    show = on_air(item("V1", stock=30), *PLENTY).play(4)
    show.apply(ev.StockCounted(sku="V1", n=0))
    return show.play(20)


def a_stock_that_runs_out() -> Rehearsal:
    return on_air(item("V1", stock=150), item("V2")).play(90, {"V1": 2.0})


def a_clock_that_runs_out() -> Rehearsal:
    items = (item("V1"), *(item(f"V{number}", min_minutes=5) for number in range(2, 6)))
    return on_air(*items, duration_min=20).play(160, {"V1": 3.0})


def an_item_still_to_come_past_the_end() -> Rehearsal:
    return on_air(duration_min=5).play(600, {"V1": 3.0})


def a_hit_beyond_its_minutes() -> Rehearsal:
    items = [item(f"V{number}", minutes=2) for number in range(1, 4)]
    return on_air(*items).play(300, {"V1": 8.0})


def a_shelf_that_runs_low() -> Rehearsal:
    return on_air(item("V1", stock=1_000, batches=(200, 300, 500)), *PLENTY).play(90, {"V1": 2.0})


def a_next_item_with_little_on_its_shelf() -> Rehearsal:
    return on_air(item("V1"), item("V2", stock=1_000, batches=(20, 980)), *PLENTY[1:]).play(420, fading("V1", 6.0, 40))


def a_shelf_found_empty() -> Rehearsal:
    show = on_air(item("V1", stock=1_000, batches=(500, 500)), *PLENTY).play(20, {"V1": 2.0})
    show.apply(ev.StockCounted(sku="V1", n=0))
    return show.play(6)


def many_unpaid() -> Rehearsal:
    show = on_air()
    for _ in range(80):
        show.order("V1", paid=False)
    return show.play(240, {"V1": 0.05})


def a_room_that_falls_silent() -> Rehearsal:
    show = on_air()
    for _ in range(600):
        show.apply(ev.ViewerCommented(n=3))
        show.play(1, {"V1": 2.0})
    return show.play(120, {"V1": 2.0})


def a_room_that_fills() -> Rehearsal:
    show = on_air().play(600, {"V1": 2.0}, entered=40)
    return show.play(90, {"V1": 6.0}, entered=200)


def a_room_that_fills_by_its_gauge() -> Rehearsal:
    show = on_air()
    for second in range(690):
        show.apply(ev.RoomOnline(n=5_000 if second < 600 else 15_000))
        show.play(1, {"V1": 2.0 if second < 600 else 6.0}, entered=0)
    return show


def a_slow_show() -> Rehearsal:
    return on_air(item("V1", share=0.5), item("V2", share=0.5)).play(600, {"V1": 1.0})


def a_fast_show() -> Rehearsal:
    return on_air(item("V1", share=0.5), item("V2", share=0.5)).play(600, {"V1": 30.0})


def orders_for_another() -> Rehearsal:
    return on_air().play(60, {"V1": 1.0}).play(60, {"V3": 1.0})


def orders_while_nothing_is_on_air() -> Rehearsal:
    show = Rehearsal(rundown())
    show.apply(ev.ShowStarted())
    return show.play(60, {"V3": 1.0})


def a_sheet_that_is_done() -> Rehearsal:
    show = on_air(item("V1"), item("V2"), duration_min=30).play(300, fading("V1", 8.0, 60, base=0.5))
    show.present("V2")
    return show.play(420, {"V2": 0.02})


def a_guest_who_comes_next() -> Rehearsal:
    items = (item("V1"), item("V2", host="guest"), *PLENTY[1:])
    return on_air(*items).play(400, fading("V1", 6.0, 40, base=0.2))


def a_guest_who_comes_again() -> Rehearsal:
    guests = (item("V1", host="guest"), item("V3", host="guest"))
    show = on_air(guests[0], item("V2"), guests[1], *PLENTY[2:]).play(200, fading("V1", 2.0, 40, base=0.2))
    show.present("V2")
    return show.play(400, lambda second: {"V2": 0.3 + 6.0 * 0.5 ** ((second - 200) / 40)})


def the_last_minutes() -> Rehearsal:
    return on_air(item("V1", encore=False), duration_min=5).play(290, {"V1": 1.0})


def a_show_that_runs_over() -> Rehearsal:
    return on_air(item("V1", encore=False), duration_min=5).play(400, {"V1": 1.0})


def a_stock_that_is_gone() -> Rehearsal:
    return on_air(item("V1", stock=30)).play(120, {"V1": 1.0})


def a_feed_that_stops() -> Rehearsal:
    show = on_air().play(60, {"V1": 2.0})
    for _ in range(30):
        show.second += 1
        show.decide()
    return show


class LateFeed(Rehearsal):
    """A show whose events come in all the time."""

    def snapshot(self) -> Snapshot:
        return msgspec.structs.replace(super().snapshot(), arrived_at=self.now)


def a_feed_whose_clock_is_slow() -> Rehearsal:
    show = LateFeed(rundown())
    show.present("V1")
    for _ in range(60):
        show.apply(ev.ViewerEntered(n=20), late_s=20)
        show.play(1, entered=0)
    return show


def a_show_that_no_feed_tells_of() -> Rehearsal:
    show = Rehearsal(rundown())
    show.ledger.board = msgspec.structs.replace(show.ledger.board, phase=Phase.LIVE, started_at=show.now)
    return show.play(60, entered=0)


def orders_that_stop() -> Rehearsal:
    return on_air().play(90, {"V1": 5.0}).play(30)


def orders_that_stop_while_a_batch_is_held_back() -> Rehearsal:
    show = Rehearsal(rundown(item("V1", stock=2_000, batches=(1_000, 1_000)), item("V2"), item("V3")))
    show.present("V1")
    return show.play(90, {"V1": 5.0}).play(30)


def a_shelf_that_sells_none(reserve: int = 0) -> Callable[[], Rehearsal]:
    batches = (190, reserve) if reserve else ()
    first = item("V1", stock=190 + reserve, batches=batches)
    return lambda: on_air(first, *PLENTY).play(100, {"V1": 1.0}).play(100)


def sure(cue: Cue, confidence: float) -> bool:
    """Whether the certainty told is the one asked for, to the whole per cent."""
    return figure(cue, "confidence_pct") >= round(100 * confidence)


def a_minute_here_is_worth_less(cue: Cue) -> bool:
    return sure(cue, POLICY.next_confidence) and figure(cue, "gmv_per_min") < figure(cue, "minute_price")


def a_minute_here_is_worth_more(cue: Cue) -> bool:
    return sure(cue, POLICY.hold_confidence) and figure(cue, "gmv_per_min") > figure(cue, "minute_price")


def nothing_sells_but_the_next(cue: Cue) -> bool:
    return cue.sku != cue.why.numbers["live_sku"] and figure(cue, "expected_next") > 0


def all_that_is_counted_should_be_gone(cue: Cue) -> bool:
    missed = figure(cue, "expected_units")
    return missed == pytest.approx(figure(cue, "age_s"), abs=1.5) and missed >= figure(cue, "counted") == 90


def what_is_left_lasts_for_the_change(cue: Cue) -> bool:
    return figure(cue, "left") > 0 and figure(cue, "cover_s") <= POLICY.reaction_s + 0.5


def the_clock_is_short(cue: Cue) -> bool:
    return figure(cue, "remaining_min") <= figure(cue, "needed_min")


def the_shelf_may_not_outlast_the_lead(cue: Cue) -> bool:
    """The units of the lead, over-dispersed as orders are, at the certainty the policy asks for."""
    on_shelf, per_min, lead_s = (figure(cue, name) for name in ("on_shelf", "units_per_min", "lead_s"))
    units = (per_min + 0.05) * lead_s / 60
    bound = units + (NormalDist().inv_cdf(POLICY.release_certainty) + 0.01) * sqrt(2 * units)
    lasts = figure(cue, "cover_s") == pytest.approx(60 * on_shelf / per_min, rel=0.02, abs=1)
    return lasts and on_shelf <= bound and a_batch_is_there(cue)


def a_batch_is_there(cue: Cue) -> bool:
    return 0 < figure(cue, "units") <= figure(cue, "reserve")


def the_cover_is_short(cue: Cue) -> bool:
    cover = figure(cue, "left") / figure(cue, "units_per_min")
    return figure(cue, "cover_min") == pytest.approx(cover, abs=0.11) and cover <= POLICY.stock_cover_min + 0.1


def a_reminder_pays(cue: Cue) -> bool:
    save, amount = figure(cue, "save_minor"), figure(cue, "amount_minor")
    return save == round(amount * POLICY.payment_saved) and save > POLICY.payment_gain * figure(cue, "cost_minor")


def comments_are_below_their_usual(cue: Cue) -> bool:
    drop_pct = 100 * (1 - figure(cue, "now_per_min_comments") / figure(cue, "baseline_per_min_comments"))
    return figure(cue, "drop_pct") == pytest.approx(drop_pct, abs=2) and drop_pct >= 100 * POLICY.engage_drop - 2


def more_come_than_by_chance(cue: Cue) -> bool:
    now, usual = figure(cue, "now_per_min_viewers"), figure(cue, "baseline_per_min_viewers")
    rise_pct = 100 * (now - usual) / usual
    beyond_chance = now - usual >= POLICY.inflow_certainty_sd * sqrt(usual)
    told = figure(cue, "rise_pct") == pytest.approx(rise_pct, abs=1)
    return told and beyond_chance and rise_pct >= 100 * POLICY.inflow_rise - 1


def more_are_there_than_by_chance(cue: Cue) -> bool:
    now, usual = figure(cue, "now_viewers"), figure(cue, "baseline_viewers")
    rise_pct = figure(cue, "rise_pct")
    return rise_pct == pytest.approx(100 * (now - usual) / usual, abs=1) and rise_pct >= 100 * POLICY.inflow_rise


def the_gap_is_the_difference(cue: Cue) -> bool:
    gap = figure(cue, "gmv_minor") - figure(cue, "expected_minor")
    says_so = gap > 0 if cue.kind is Kind.AHEAD else gap < 0
    return says_so and figure(cue, "gap_minor") == abs(gap) and figure(cue, "offset_min") >= POLICY.plan_on_s // 60


def most_orders_are_elsewhere(cue: Cue) -> bool:
    own_pct = 100 * POLICY.mismatch_share
    return figure(cue, "share_pct") >= round(own_pct) and figure(cue, "window_s") == POLICY.mismatch_window_s


def it_brings_more_again(cue: Cue) -> bool:
    unsold = figure(cue, "left") > 0 and 0 <= figure(cue, "unseen_pct") <= 100
    return unsold and figure(cue, "expected_per_min") > figure(cue, "gmv_per_min")


def it_is_the_guests(cue: Cue) -> bool:
    return cue.why.numbers["host_name"] in {host.name for host in HOSTS[1:]}


def the_guest_sold_less(cue: Cue) -> bool:
    return it_is_the_guests(cue) and figure(cue, "items") == 1 and 0 < figure(cue, "yield_pct") < 100


def it_is_the_first(cue: Cue) -> bool:
    return cue.sku == "V1" and figure(cue, "expected_next") > 0


def the_end_is_near(cue: Cue) -> bool:
    end = rundown(duration_min=5).starts_at + 300_000
    return figure(cue, "remaining_min") == pytest.approx((end - cue.issued_at) / 60_000, abs=0.05)


def there_is_not_time_for_all(cue: Cue) -> bool:
    return the_end_is_near(cue) and the_clock_is_short(cue)


def the_end_is_past(cue: Cue) -> bool:
    end = rundown(duration_min=5).starts_at + 300_000
    return figure(cue, "over_min") == pytest.approx((cue.issued_at - end) / 60_000, abs=0.05)


def nothing_is_left(cue: Cue) -> bool:
    return figure(cue, "left") == 0 < figure(cue, "remaining_min")


def the_newest_event_is_that_old(cue: Cue) -> bool:
    return figure(cue, "age_s") == round((cue.why.age_ms or 0) / 1000) >= POLICY.blind_after_s


def the_show_has_been_on_that_long(cue: Cue) -> bool:
    return 30 < figure(cue, "since_s") == (cue.issued_at - rundown().starts_at) / 1000


def as_many_orders_are_missed_as_came_before(cue: Cue) -> bool:
    return figure(cue, "expected_orders") == pytest.approx(5.0 * figure(cue, "age_s"), rel=0.1)


class Reason(NamedTuple):
    """A scene in which a rule speaks, what its figures must show, and which of them its sentence must say."""

    scene: Callable[[], Rehearsal]
    holds: Callable[[Cue], bool]
    says: str


HERE = "gmv_per_min minute_price confidence_pct sample"
PLAN = "gmv_minor expected_minor gap_minor offset_min"

REASONS = {
    "next.rate_below_next": Reason(an_item_that_fades, a_minute_here_is_worth_less, f"{HERE} expected_next"),
    "next.opening": Reason(a_show_without_an_item, it_is_the_first, "expected_next"),
    "next.sold_out": Reason(a_last_batch_bought_at_once, nothing_sells_but_the_next, "expected_next"),
    "next.seems_sold_out": Reason(
        a_shelf_that_sells_none(), all_that_is_counted_should_be_gone, "age_s expected_units counted expected_next"
    ),
    "next.selling_out": Reason(a_stock_that_runs_out, what_is_left_lasts_for_the_change, "left cover_s expected_next"),
    "next.time_needed": Reason(a_clock_that_runs_out, the_clock_is_short, "remaining_min needed_min items"),
    "next.overtime": Reason(an_item_still_to_come_past_the_end, the_end_is_past, "over_min items"),
    "hold.above_price": Reason(a_hit_beyond_its_minutes, a_minute_here_is_worth_more, HERE),
    "release.cover_short": Reason(
        a_shelf_that_runs_low,
        the_shelf_may_not_outlast_the_lead,
        "on_shelf cover_s units_per_min lead_s units reserve",
    ),
    "release.cover_short_at_start": Reason(
        a_next_item_with_little_on_its_shelf,
        the_shelf_may_not_outlast_the_lead,
        "on_shelf cover_s units_per_min lead_s units reserve",
    ),
    "release.shelf_empty": Reason(a_shelf_found_empty, a_batch_is_there, "reserve"),
    "release.shelf_seems_empty": Reason(
        a_shelf_that_sells_none(reserve=50),
        all_that_is_counted_should_be_gone,
        "age_s expected_units counted reserve",
    ),
    "stock.nearly_gone": Reason(a_stock_that_runs_out, the_cover_is_short, "left units_per_min cover_min"),
    "payment.unpaid_worth": Reason(
        many_unpaid, a_reminder_pays, "orders amount_minor age_s save_minor cost_s cost_minor"
    ),
    "engage.comments_fall": Reason(
        a_room_that_falls_silent,
        comments_are_below_their_usual,
        "drop_pct now_per_min_comments baseline_per_min_comments",
    ),
    "benefit.inflow": Reason(
        a_room_that_fills, more_come_than_by_chance, "now_per_min_viewers baseline_per_min_viewers"
    ),
    "benefit.inflow_online": Reason(
        a_room_that_fills_by_its_gauge, more_are_there_than_by_chance, "now_viewers baseline_viewers"
    ),
    "behind.plan_behind": Reason(a_slow_show, the_gap_is_the_difference, f"{PLAN} needed_per_min"),
    "ahead.plan_ahead": Reason(a_fast_show, the_gap_is_the_difference, PLAN),
    "mismatch.orders_elsewhere": Reason(orders_for_another, most_orders_are_elsewhere, "share_pct orders window_s"),
    "mismatch.nothing_on_air": Reason(
        orders_while_nothing_is_on_air, most_orders_are_elsewhere, "share_pct orders window_s"
    ),
    "encore.worth_more": Reason(
        a_sheet_that_is_done, it_brings_more_again, "expected_per_min unseen_pct left gmv_per_min"
    ),
    "handover.next_host": Reason(a_guest_who_comes_next, it_is_the_guests, ""),
    "handover.next_host_known": Reason(a_guest_who_comes_again, the_guest_sold_less, "yield_pct items"),
    "wrap.time_up": Reason(the_last_minutes, the_end_is_near, "remaining_min"),
    "wrap.items_left": Reason(
        an_item_still_to_come_past_the_end, there_is_not_time_for_all, "remaining_min items needed_min"
    ),
    "wrap.over": Reason(a_show_that_runs_over, the_end_is_past, "over_min"),
    "wrap.over_items_left": Reason(an_item_still_to_come_past_the_end, the_end_is_past, "over_min items needed_min"),
    "wrap.all_sold": Reason(a_stock_that_is_gone, nothing_is_left, "left remaining_min"),
    "blind.stale": Reason(a_feed_that_stops, the_newest_event_is_that_old, "age_s"),
    "blind.late": Reason(a_feed_whose_clock_is_slow, the_newest_event_is_that_old, "age_s stale_s"),
    "blind.never_heard": Reason(a_show_that_no_feed_tells_of, the_show_has_been_on_that_long, "since_s"),
    "blind.orders_silent": Reason(orders_that_stop, as_many_orders_are_missed_as_came_before, "age_s expected_orders"),
    "blind.orders_silent_in_reserve": Reason(
        orders_that_stop_while_a_batch_is_held_back,
        as_many_orders_are_missed_as_came_before,
        "age_s expected_orders on_shelf reserve",
    ),
}


@cache
def fired(rule: str) -> Cue:
    """The first cue of that rule in its scene."""
    return next(cue for cue in REASONS[rule].scene().cues if f"{cue.kind.value}.{cue.why.rule}" == rule)


MONEY = {"gmv_per_min", "minute_price", "needed_per_min", "expected_per_min", "expected_next"}


def worded(locale: str, cue: Cue, name: str) -> str:
    """A figure as that language writes it."""
    value = figure(cue, name)
    if name.endswith("_minor") or name in MONEY:
        return money(locale, round(value), "CNY")
    return duration_words(locale, value) if name.endswith("_s") else rate(locale, value)


def test_every_rule_of_the_catalogue_has_its_reason_checked() -> None:
    rules = {match[1] for msgid in catalogue("en") if (match := re.fullmatch(r"cue\.(.+\..+)\.why", msgid))}
    assert rules == set(REASONS)


@pytest.mark.parametrize("rule", REASONS)
def test_the_figures_of_a_reason_show_what_it_claims(rule: str) -> None:
    cue = fired(rule)
    assert REASONS[rule].holds(cue), cue.why


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("rule", REASONS)
def test_a_reason_says_its_figures_and_no_others(rule: str, locale: str) -> None:
    cue = fired(rule)
    numbers = cue.why.numbers
    sentence = cue_explain(locale, cue.kind.value, cue.why.rule, numbers)
    figures = [worded(locale, cue, name) for name in REASONS[rule].says.split()]
    assert [each for each in figures if each not in sentence] == []
    names = [str(numbers[name]) for name in ("name", "live_name") if numbers.get(name)]
    for said in sorted([*figures, *names], key=len, reverse=True):
        sentence = sentence.replace(said, "")
    assert not re.search(r"\d", sentence)


@pytest.mark.parametrize("rule", REASONS)
def test_the_reason_is_told_in_the_shows_own_language(rule: str) -> None:
    cue = fired(rule)
    assert cue.why.explain == cue_explain("zh-Hans", cue.kind.value, cue.why.rule, cue.why.numbers)
