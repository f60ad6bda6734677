"""Promises: what the sheet lets expect, and what the crowd makes of it."""

from math import exp, log

import pytest

from cueroom.pacing.curve import PRIOR, mean_of
from cueroom.pacing.memory import Known
from cueroom.pacing.promise import Crowd, expectations, planned_time, shapes_of, usual_shapes
from cueroom.show.rundown import Item, Role
from pacing.rehearsal import item, rundown

LEVEL = 500.0


def learned(appeal: float, variance: float = 0.05) -> Known:
    return Known(appeal=appeal, variance=variance, shapes=PRIOR, peak=1.0, off_at=0)


@pytest.mark.parametrize(
    "items",
    [
        (item("V1"), item("V2")),
        (item("V1", share=0.7), item("V2", share=0.3)),
        (item("V1", price=0), item("V2", price=1_000_000)),
        (item("V1", stock=0), item("V2", minutes=0)),
        (item("V1", role=Role.HOT), item("V2", role=Role.PROFIT), item("V3", share=0.2)),
    ],
)
def test_in_their_planned_minutes_the_items_bring_the_goal(items: tuple[Item, ...]) -> None:
    goal = 30_000_000
    logs = expectations(items, goal)
    assert sum(exp(logs[each.sku]) * each.price * planned_time(each) for each in items) == pytest.approx(goal)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"share": 0.6}, {"share": 0.4}),
        ({"role": Role.HOT}, {"role": Role.PROFIT}),
        ({"price": 5_000}, {"price": 20_000}),
        ({"stock": 2_000}, {"stock": 100}),
    ],
)
def test_a_larger_share_a_hotter_role_a_lower_price_and_more_stock_promise_more_units(
    better: dict[str, object], worse: dict[str, object]
) -> None:
    logs = expectations((item("V1", **better), item("V2", **worse)), 30_000_000)
    assert logs["V1"] > logs["V2"]


def test_before_the_first_item_the_crowd_buys_as_the_sheet_says() -> None:
    show = rundown()
    sheet = expectations(show.items, show.goal)
    promise = Crowd(show, {}, LEVEL).promise(show.items[0])
    assert promise.appeal == pytest.approx(sheet["V1"] - log(LEVEL))


@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_a_crowd_that_bought_more_or_less_than_planned_will_do_so_again(factor: float) -> None:
    show = rundown()
    before = Crowd(show, {}, LEVEL).promise(show.items[3])
    known = {sku: learned(before.appeal + log(factor)) for sku in ("V1", "V2")}
    after = Crowd(show, known, LEVEL).promise(show.items[3])
    assert (after.appeal - before.appeal) / log(factor) == pytest.approx(0.7, abs=0.3)
    assert after.variance < before.variance


@pytest.mark.parametrize("factor", [0.001, 1_000.0])
def test_a_sheet_wrong_a_thousandfold_is_seen_through_after_two_items(factor: float) -> None:
    show = rundown()
    before = Crowd(show, {}, LEVEL).promise(show.items[3])
    known = {sku: learned(before.appeal + log(factor)) for sku in ("V1", "V2")}
    assert Crowd(show, known, LEVEL).promise(show.items[3]).appeal - before.appeal == pytest.approx(
        log(factor), abs=0.7
    )


def test_a_host_who_sells_better_will_do_so_with_the_next_item_too() -> None:
    items = [item(f"V{number}", host="guest" if number % 2 else "lead") for number in range(1, 8)]
    show = rundown(*items)
    before = Crowd(show, {}, LEVEL).promise(show.items[0]).appeal
    known = {each.sku: learned(before + (0.5 if each.host == "guest" else -0.5)) for each in items[:5]}
    guest, lead = (Crowd(show, known, LEVEL).promise(each).appeal for each in (items[6], items[5]))
    assert guest - lead > 0.15


def test_what_shows_before_let_expect_is_promised_surer_than_what_the_sheet_does() -> None:
    known = {"expected_per_min": 120.0}
    show = rundown(item("V1", **known), item("V2", **known, expected_within=1.1), item("V3"))
    crowd = Crowd(show, {}, LEVEL)
    usual, near, of_sheet = (crowd.promise(each) for each in show.items)
    assert exp(usual.appeal) * LEVEL * mean_of(PRIOR).sold(60) == pytest.approx(120)
    assert near.variance < usual.variance < of_sheet.variance


def test_what_is_expected_of_one_item_changes_nothing_of_another() -> None:
    plain, told = rundown(), rundown(item("V1", expected_per_min=999.0, half_life_s=10.0), *rundown().items[1:])
    known = {"V2": learned(-3.0)}
    for each in plain.items[1:]:
        assert Crowd(told, known, LEVEL).promise(each) == Crowd(plain, known, LEVEL).promise(each)
        assert shapes_of(each, PRIOR) is PRIOR


@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_an_evening_that_buys_more_or_less_than_others_did_will_do_so_again(factor: float) -> None:
    show = rundown(*(item(f"V{number}", expected_per_min=60.0) for number in range(1, 5)))
    before = Crowd(show, {}, LEVEL).promise(show.items[3])
    known = {sku: learned(before.appeal + log(factor)) for sku in ("V1", "V2")}
    after = Crowd(show, known, LEVEL).promise(show.items[3])
    assert (after.appeal - before.appeal) / log(factor) == pytest.approx(0.8, abs=0.15)
    assert after.variance < before.variance


@pytest.mark.parametrize("half_life_s", [12.0, 60.0, 200.0])
def test_an_item_known_to_fade_fast_or_slowly_is_expected_to_do_so_again(half_life_s: float) -> None:
    shapes = shapes_of(item("V1", half_life_s=half_life_s), PRIOR)
    assert sum(shapes) == pytest.approx(1, abs=1e-4)
    assert mean_of(shapes).time_to(0.5) == pytest.approx(half_life_s, rel=0.25)


def test_the_usual_shapes_move_to_what_was_seen() -> None:
    seen = tuple(1.0 if i == 3 else 0.0 for i in range(len(PRIOR)))
    known = {"V1": Known(appeal=0.0, variance=0.1, shapes=seen, peak=1.0, off_at=0)}
    assert usual_shapes({}) == pytest.approx(PRIOR)
    assert usual_shapes(known)[3] > PRIOR[3]
    assert min(usual_shapes(known)) > 0
