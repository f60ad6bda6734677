"""The forms of the assortment: what was typed is understood, and every mistake stands at its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.assortment.candidates import Profile, Sales, Span, Wish
from cueroom.assortment.forms import Asked, read_asked, read_profile, typed_profile
from cueroom.assortment.pool_columns import AGES
from cueroom.show.rundown import Role

LEAST = {"name": "阿美", "currency": "CNY", "price_low": "29", "price_high": "199.90"}
WISH = {"profile": "p", "length_min": "180", "goal": "1,000,000", "count.least": "20", "count.most": "30"}

_names = st.text(st.sampled_from("abc宠物家居"), min_size=1, max_size=8)
_halves = st.sampled_from([{}, {"female": 0.75, "male": 0.25}])
profiles = st.builds(
    Profile,
    name=_names,
    currency=st.sampled_from(["CNY", "JPY", "USD"]),
    tags=st.dictionaries(_names, st.integers(1, 100).map(float), max_size=4),
    fans=st.integers(0, 10**9),
    sexes=_halves,
    ages=st.sampled_from([{}, {AGES[1]: 0.4, AGES[5]: 0.6}]),
    active_hours=st.frozensets(st.integers(0, 23)),
    price_low=st.integers(1, 10_000),
    price_high=st.integers(10_000, 10**7),
    sales=st.dictionaries(_names, st.builds(Sales, st.integers(1, 9999).map(float), st.integers(1, 10**9)), max_size=3),
)


@given(profiles)
def test_a_profile_is_read_again_as_it_is_shown(profile: Profile) -> None:
    assert read_profile(typed_profile(profile)) == profile


def test_a_profile_with_everything_that_can_be_said() -> None:
    typed = LEAST | {
        "tags": "宠物 3、家居",
        "fans": "1,200,000",
        "sexes.female": "80%",
        "sexes.male": "20",
        "active_hours": "22-1, 8",
        "sales.4.category": "家电",
        "sales.4.minutes": "300",
        "sales.4.gmv": "20000.50",
    }

    assert read_profile(typed) == Profile(
        name="阿美",
        tags={"宠物": 3.0, "家居": 1.0},
        fans=1_200_000,
        sexes={"female": 0.8, "male": 0.2},
        active_hours=frozenset({22, 23, 0, 1, 8}),
        price_low=2_900,
        price_high=19_990,
        sales={"家电": Sales(300.0, 2_000_050)},
    )


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        (
            {},
            {"name": "missing", "currency": "missing", "price_low": "missing", "price_high": "missing"},
        ),
        (LEAST | {"price_low": "0"}, {"price_low": "money"}),
        (LEAST | {"price_high": "28.99"}, {"price_high": "under_low"}),
        (LEAST | {"currency": "yuan", "price_high": "199"}, {"currency": "currency"}),
        (LEAST | {"fans": "many", "active_hours": "25"}, {"fans": "whole", "active_hours": "hours"}),
        (LEAST | {"tags": "宠物 0"}, {"tags": "weights"}),
        (LEAST | {"sexes.female": "70"}, {"sexes.female": "not_whole"}),
        (LEAST | {"ages.18-23": "a lot"}, {"ages.18-23": "share"}),
        (LEAST | {"sales.0.category": "家电"}, {"sales.0.minutes": "missing", "sales.0.gmv": "missing"}),
    ],
)
def test_every_mistake_in_a_profile_stands_at_its_field(typed: dict[str, str], faults: dict[str, str]) -> None:
    found = read_profile(typed)

    assert not isinstance(found, Profile)
    assert {at: wrong.code for at, wrong in found.items()} == faults


def asked(**typed: str) -> Any:
    return read_asked(WISH | typed, "CNY", {"A": None}, frozenset("B"))


def test_a_wish_with_everything_that_can_be_asked() -> None:
    found = asked(**{"roles.hot.least": "4", "roles.profit.least": "2", "roles.profit.most": "3", "category_most": "5"})

    assert found == Asked(
        "p",
        100_000_000,
        Wish(
            length_min=180.0,
            count=Span(20, 30),
            roles={Role.HOT: Span(4, 30), Role.PROFIT: Span(2, 3)},
            category_most=5,
            pins={"A": None},
            bans=frozenset("B"),
        ),
    )


def test_typed_pins_stand_beside_those_in_a_role() -> None:
    found = asked(pins="V01，V02, A")
    assert isinstance(found, Asked)
    assert found.wish.pins == {"V01": None, "V02": None, "A": None}


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"goal": ""}, {"goal": "missing"}),
        ({"length_min": "long", "profile": ""}, {"length_min": "number", "profile": "missing"}),
        ({"count.least": "31"}, {"count.most": "under_least"}),
        ({"roles.hot.least": "31"}, {"roles.hot.most": "under_least"}),
        ({"roles.hot.most": "-1"}, {"roles.hot.most": "whole"}),
        ({"category_most": "0"}, {"category_most": "whole"}),
    ],
)
def test_every_mistake_in_a_wish_stands_at_its_field(typed: dict[str, str], faults: dict[str, str]) -> None:
    found = asked(**typed)

    assert {at: wrong.code for at, wrong in found.items()} == faults
