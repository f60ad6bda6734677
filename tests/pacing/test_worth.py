"""Worth: a unit brings what people pay for it, and what is sold still goes by the sheet where nothing else is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.pacing.worth import worths
from cueroom.show.events import OrderPaid
from pacing.rehearsal import Rehearsal, item, on_air, rundown

PRICE = 10_000
PRICES = {"V1": PRICE, "V2": 2 * PRICE, "V3": PRICE}


def paid(parts: dict[str, float], units: int = 200, scale: int = 1) -> dict[str, float]:
    """What a unit of three items is worth once so many of each were paid for at these parts of their prices."""
    show = Rehearsal(rundown(*(item(sku, price=scale * price) for sku, price in PRICES.items())))
    for sku, part in parts.items():
        for number in range(units):
            amount = round(scale * PRICES[sku] * part)
            show.apply(OrderPaid(id=f"{sku}-{number}", sku=sku, qty=1, amount=amount))
    return worths(show.snapshot())


def test_before_any_payment_and_where_none_tells_its_amount_the_sheet_holds() -> None:
    assert paid({}) == PRICES
    show = on_air().play(60, {"V1": 5.0})
    assert set(worths(show.snapshot()).values()) == {PRICE}


def test_a_voucher_for_everything_is_expected_of_what_is_still_to_come() -> None:
    after = paid({"V1": 0.8, "V2": 0.8})
    assert [after[sku] / price for sku, price in PRICES.items()] == pytest.approx([0.8] * 3, rel=0.03)


def test_what_is_given_away_is_worth_little_and_the_others_are_not_given_away() -> None:
    after = paid({"V1": 0.1, "V2": 1.0})
    assert after["V1"] < 0.25 * PRICE
    assert after["V2"] == pytest.approx(2 * PRICE, rel=0.03)


def test_a_few_payments_say_little() -> None:
    assert paid({"V1": 0.1}, units=1)["V1"] > 0.85 * PRICE


def test_an_amount_that_cannot_be_makes_no_item_worth_all_others() -> None:
    after = paid({"V1": 1_000_000.0, "V2": 1.0}, units=20)
    assert after["V1"] / PRICES["V1"] <= 4 * after["V3"] / PRICES["V3"]


@given(st.dictionaries(st.sampled_from(sorted(PRICES)), st.floats(0.01, 3)), st.integers(1, 40), st.integers(2, 1000))
def test_prices_and_amounts_in_another_currency_are_worth_the_same(
    parts: dict[str, float], units: int, scale: int
) -> None:
    once, scaled = paid(parts, units), paid(parts, units, scale)
    assert {sku: scaled[sku] / scale for sku in once} == pytest.approx(once, rel=1e-3)


def test_the_next_minute_is_told_in_what_is_paid_for_it() -> None:
    show = on_air()
    for number in range(300):
        show.apply(OrderPaid(id=f"p{number}", sku="V1", qty=1, amount=PRICE // 2))
        show.play(1)
    assert show.decision
    promised = show.decision.outlook.items["V1"].promise_per_min
    assert promised == pytest.approx(60 * PRICE / 2, rel=0.15)
