"""The rules, one by one, on small shows: when each speaks, and when it must not."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import CueState, Kind
from pacing.rehearsal import Rehearsal, fading, figure, item, on_air


def test_a_sold_out_item_is_left() -> None:
    show = on_air(item("V1", stock=30), item("V2"))
    show.play(60, {"V1": 1.0})
    cue = show.of(Kind.NEXT)[0]
    assert cue.why.rule in {"selling_out", "sold_out"}
    assert (cue.issued_at - show.ledger.rundown.starts_at) / 1000 <= 35


def test_a_sell_out_is_seen_coming() -> None:
    show = on_air(item("V1", stock=200), item("V2"))
    show.play(120, {"V1": 2.0})
    cue = show.of(Kind.NEXT)[0]
    assert cue.why.rule == "selling_out"
    assert 0 < figure(cue, "left") <= 2.6 * Policy().reaction_s


def test_an_item_without_stock_is_passed_over() -> None:
    show = on_air(item("V1", stock=30), item("V2", stock=0), item("V3"))
    show.play(60, {"V1": 1.0})
    assert show.of(Kind.NEXT)[0].sku == "V3"


def test_the_least_times_still_to_come_take_their_time() -> None:
    items = (item("V1"), *(item(f"V{number}", min_minutes=5) for number in range(2, 6)))
    show = on_air(*items, duration_min=20)
    show.play(160, {"V1": 3.0})
    cue = show.of(Kind.NEXT)[0]
    assert cue.why.rule == "time_needed"
    assert figure(cue, "remaining_min") <= figure(cue, "needed_min")


def test_hold_is_said_when_the_plan_says_go_and_the_sales_say_stay() -> None:
    show = on_air(item("V1", minutes=2), *(item(f"V{number}", minutes=2) for number in range(2, 4)))
    show.play(300, {"V1": 8.0})
    cue = show.of(Kind.HOLD)[0]
    assert figure(cue, "gmv_per_min") > figure(cue, "minute_price")


def test_unpaid_orders_are_pushed_when_they_are_worth_it() -> None:
    show = on_air()
    for _ in range(80):
        show.order("V1", paid=False)
    show.play(240, {"V1": 0.05})
    cue = show.of(Kind.PAYMENT)[0]
    assert figure(cue, "orders") == 80
    assert figure(cue, "amount_minor") == 80 * 10_000
    assert figure(cue, "save_minor") > Policy().payment_gain * figure(cue, "cost_minor")


def test_fresh_unpaid_orders_are_left_alone() -> None:
    show = on_air()
    for _ in range(40):
        show.order("V1", paid=False)
    assert not show.play(50, {"V1": 0.05}).of(Kind.PAYMENT)


def test_orders_for_another_item_are_a_mismatch() -> None:
    show = on_air()
    show.play(60, {"V1": 1.0})
    show.play(60, {"V3": 1.0})
    cue = show.of(Kind.MISMATCH)[0]
    assert (cue.sku, cue.why.numbers["live_sku"]) == ("V3", "V1")
    assert figure(cue, "share_pct") >= 65


def test_a_few_orders_from_the_cart_are_no_mismatch() -> None:
    assert not on_air().play(120, {"V1": 1.0, "V3": 0.3}).of(Kind.MISMATCH)


def sold_through(**changes: object) -> Rehearsal:
    """A short show whose sheet is done: V1 was the hit, V2 on air sells nothing."""
    items = (item("V1", **changes), item("V2"))
    show = on_air(*items, duration_min=30, tick_s=5)
    show.play(300, fading("V1", 8.0, 60, base=0.5))
    show.present("V2")
    return show.play(420, {"V2": 0.02})


def test_the_hit_comes_back_when_the_sheet_is_done() -> None:
    cue = sold_through().of(Kind.ENCORE)[0]
    assert cue.sku == "V1"
    assert figure(cue, "expected_per_min") > figure(cue, "gmv_per_min")


@pytest.mark.parametrize("changes", [{"encore": False}, {"ship_48h": 100}, {"stock": 900}])
def test_no_encore_without_leave_shipping_or_stock(changes: dict[str, object]) -> None:
    show = sold_through(**changes)
    if "stock" in changes:
        assert show.ledger.snapshot(show.now).shelf("V1").left < 100
    assert all(cue.sku != "V1" or figure(cue, "left") > 0 for cue in show.of(Kind.ENCORE))
    assert "stock" in changes or not show.of(Kind.ENCORE)


def test_a_hand_over_is_told_to_who_comes_next() -> None:
    show = on_air(item("V1"), item("V2", host="guest"), *(item(f"V{number}") for number in range(3, 7)))
    show.play(400, fading("V1", 6.0, 40, base=0.2))
    assert show.of(Kind.HANDOVER)[0].why.numbers["host_name"] == "嘉宾"


def test_a_room_that_fills_and_buys_is_to_be_caught() -> None:
    show = on_air(tick_s=5)
    show.play(600, {"V1": 2.0}, entered=40)
    show.play(90, {"V1": 6.0}, entered=200)
    cue = show.of(Kind.BENEFIT)[0]
    assert figure(cue, "now_per_min_viewers") > 2 * figure(cue, "baseline_per_min_viewers")


def test_a_room_that_falls_silent_is_to_be_engaged() -> None:
    show = on_air(tick_s=5)
    for _ in range(600):
        show.apply(ev.ViewerCommented(n=3))
        show.play(1, {"V1": 2.0})
    show.play(120, {"V1": 2.0})
    assert figure(show.of(Kind.ENGAGE)[0], "drop_pct") >= 50


def test_silent_orders_while_viewers_come_are_told_as_such() -> None:
    show = on_air()
    show.play(90, {"V1": 5.0})
    show.play(30)
    assert show.of(Kind.BLIND)[0].why.rule == "orders_silent"
    assert not [cue for cue in show.ledger.board.cues if cue.kind is Kind.NEXT]


def test_the_end_is_announced_once_when_nothing_is_left() -> None:
    show = on_air(item("V1", encore=False), duration_min=5)
    show.play(290, {"V1": 1.0})
    assert len(show.of(Kind.WRAP)) == 1
    assert figure(show.of(Kind.WRAP)[0], "remaining_min") <= 2


def test_a_cue_the_world_has_followed_is_withdrawn() -> None:
    show = on_air(item("V1", stock=30), item("V2"))
    while not show.of(Kind.NEXT):
        show.play(2, {"V1": 1.0})
    show.present("V2")
    show.play(2, {"V2": 1.0})
    assert [cue.state for cue in show.changes if cue.kind is Kind.NEXT][-1] is CueState.WITHDRAWN
