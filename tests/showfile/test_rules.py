"""Laws of the show file's rules: everything wrong is told at once, each with its place."""

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom import i18n
from cueroom.pacing.policy import Policy
from cueroom.show.rundown import Host, Role, Rundown
from cueroom.showfile.draft import Draft, Path, label
from cueroom.showfile.rules import check, doubts, judge, warnings

STARTS_AT = datetime(2026, 11, 22, 20, tzinfo=timezone(timedelta(hours=8)))
SHOW = {
    "id": "launch-0630",
    "title": "宠粉首播",
    "starts_at": STARTS_AT,
    "duration_min": 60,
    "currency": "CNY",
    "goal": 1_000_000,
}
ITEM = {"sku": "V01", "name": "无线吸尘器", "price": 9900, "stock": 20000}


def document(**items: Any) -> dict[str, Any]:
    """A right document with one item, and the item's fields given."""
    return {"show": dict(SHOW), "items": [{**ITEM, **items}]}


def draft(data: dict[str, Any]) -> Draft:
    """A draft in which everything stands at the place of its own name."""
    places: dict[Path, str] = {}

    def visit(value: Any, path: Path) -> None:
        if path:
            places[path] = label(path)
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(child, dict | list):
                visit(child, (*path, key))
            else:
                places[(*path, key)] = label((*path, key))

    visit(data, ())
    return Draft(data, places)


def rundown(data: dict[str, Any]) -> Rundown:
    checked = check(draft(data))
    assert isinstance(checked, Rundown), checked
    return checked


def problems(data: dict[str, Any]) -> list[str]:
    checked = check(draft(data))
    assert isinstance(checked, list), checked
    return [str(problem) for problem in checked]


def test_what_may_be_left_out_has_a_default() -> None:
    show = rundown(document())
    assert show.hosts == (Host("lead", "主播"),)
    assert show.locale == "zh-Hans"
    item = show.items[0]
    assert (item.host, item.role, item.minutes, item.encore) == ("lead", Role.REGULAR, 60, True)


def test_an_instant_is_kept_in_milliseconds_since_the_epoch() -> None:
    assert rundown(document()).starts_at == int(STARTS_AT.astimezone(UTC).timestamp()) * 1000


@pytest.mark.parametrize("offset_min", [480, 0, -570])
def test_the_offset_of_the_clocks_at_the_show_is_kept(offset_min: int) -> None:
    data = document()
    data["show"]["starts_at"] = STARTS_AT.astimezone(timezone(timedelta(minutes=offset_min)))
    kept = rundown(data)
    assert kept.utc_offset_min == offset_min
    assert datetime.fromtimestamp(kept.starts_at / 1000, kept.zone).isoformat() == data["show"]["starts_at"].isoformat()


def test_a_time_without_zone_is_an_error_that_says_so() -> None:
    data = document()
    data["show"]["starts_at"] = datetime(2026, 11, 22, 20)
    assert problems(data) == [
        "show.starts_at: must be given with its time zone, such as 2026-11-22T20:00:00+08:00, not 2026-11-22 20:00:00"
    ]


@pytest.mark.parametrize(
    ("name", "role"),
    [("引流款", "traffic"), ("福利款", "benefit"), ("爆款", "hot"), ("利润款", "profit"), ("常规款", "regular")],
)
def test_a_role_is_known_by_its_chinese_and_its_english_name(name: str, role: str) -> None:
    assert rundown(document(role=name)) == rundown(document(role=role))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_a_role_is_known_as_the_pages_call_it(locale: str, role: Role) -> None:
    assert rundown(document(role=i18n.say(locale, f"role.{role}"))) == rundown(document(role=role.value))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", 101),
        ("sku", "x" * 65),
        ("name", "   "),
        ("role", "star"),
        ("price", 0),
        ("price", 99.0),
        ("price", True),
        ("price", "9900"),
        ("stock", -1),
        ("stock", 10**10),
        ("batches", []),
        ("batches", [20000, 0]),
        ("batches", "20000"),
        ("minutes", 0),
        ("minutes", float("nan")),
        ("minutes", float("inf")),
        ("min_minutes", -1),
        ("share", 1.1),
        ("share", -0.1),
        ("host", "nobody"),
        ("encore", "yes"),
        ("ship_48h", -1),
        ("batches", [1] * 1_001),
        ("script", "…"),
        ("script", {"intro": 1}),
    ],
)
def test_a_wrong_field_of_an_item_is_told_once_at_its_place(field: str, value: Any) -> None:
    (problem,) = problems(document(**{field: value}))
    assert problem.startswith(f"items[1].{field}")
    assert "must be" in problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Launch 0630"),
        ("id", "x" * 65),
        ("starts_at", "tonight"),
        ("starts_at", "0001-01-01T00:00:00+08:00"),
        ("starts_at", "1970-01-01T00:00:00+00:01"),
        ("starts_at", "2100-01-01T00:00:00Z"),
        ("starts_at", "9999-12-31T23:59:59-08:00"),
        ("duration_min", 0),
        ("currency", "YUAN"),
        ("goal", 0),
        ("locale", "zh"),
        ("hosts", []),
        ("hosts", "lead"),
    ],
)
def test_a_wrong_field_of_the_show_is_told_once_at_its_place(field: str, value: Any) -> None:
    data = document()
    data["show"][field] = value
    (problem,) = problems(data)
    assert problem.startswith(f"show.{field}: must be")


def test_an_unknown_key_is_told_with_the_one_it_resembles() -> None:
    assert problems(document(prise=1)) == ["items[1].prise: is unknown; did you mean price?"]


def test_skus_and_hosts_are_unique() -> None:
    data = document()
    data["items"] *= 2
    data["show"]["hosts"] = [{"id": "lead", "name": "甲"}, {"id": "lead", "name": "乙"}]
    assert problems(data) == [
        "show.hosts[2].id: must be unique, but lead stands at show.hosts[1].id too",
        "items[2].sku: must be unique, but V01 stands at items[1].sku too",
    ]


def test_batches_add_up_to_the_stock() -> None:
    assert rundown(document(batches=[5000, 15000])).items[0].batches == (5000, 15000)
    assert problems(document(batches=[5000, 5000])) == [
        "items[1].batches: add up to 10,000; they must add up to the stock, 20,000"
    ]


def test_the_agreed_least_time_fits_into_the_planned_time() -> None:
    assert problems(document(minutes=4, min_minutes=9)) == [
        "items[1].min_minutes: must be at most the planned minutes, 4, not 9"
    ]


def test_shares_add_up_to_one_at_most() -> None:
    data = document(share=0.6)
    data["items"].append({**ITEM, "sku": "V02", "share": 0.6})
    assert problems(data) == ["items: have shares that add up to 1.2; they must add up to 1 or less"]


def test_items_without_minutes_share_the_time_that_is_left() -> None:
    data = document(minutes=20)
    data["items"] += [{**ITEM, "sku": sku} for sku in ("V02", "V03")]
    assert [item.minutes for item in rundown(data).items] == [20, 20, 20]


def test_no_time_left_for_an_item_without_minutes_is_an_error() -> None:
    data = document(minutes=60)
    data["items"].append({**ITEM, "sku": "V02"})
    assert problems(data) == ["items[2]: minutes is missing, and the others fill the 60 there are"]


def test_a_plan_longer_than_the_show_is_a_warning() -> None:
    show = rundown(document(minutes=90))
    assert [str(warning) for warning in warnings(show)] == ["items: plan 90 minutes, but the show lasts 60"]
    assert warnings(rundown(document(minutes=60))) == []


@given(st.integers(1, 300), st.integers(60, 600))
def test_even_parts_of_the_time_there_is_are_no_more_than_it(items: int, duration_min: int) -> None:
    data = document()
    data["show"]["duration_min"] = duration_min
    data["items"] = [{**ITEM, "sku": f"V{at}"} for at in range(items)]
    show = check(draft(data))
    assert isinstance(show, Rundown)
    assert not warnings(show)


def test_more_to_ship_than_there_is_in_stock_is_a_warning() -> None:
    assert [str(warning) for warning in warnings(rundown(document(ship_48h=30_000)))] == [
        "items[1].ship_48h: is 30,000, more than the stock, 20,000"
    ]
    assert warnings(rundown(document(ship_48h=20_000))) == []


@pytest.mark.parametrize("text", ["V02 x\0y", "ring\a", "two\nlines", "turned\u202e", "\x1b[31mred"])
@pytest.mark.parametrize("field", ["sku", "name"])
def test_what_nobody_sees_is_refused_in_names_and_reaches_no_terminal(field: str, text: str) -> None:
    (problem,) = problems(document(**{field: text}))
    assert problem.startswith(f"items[1].{field}: must be one line without control characters")
    assert problem.isprintable()


def test_a_name_may_hold_any_script_wide_spaces_and_joined_emoji() -> None:
    name = "面膜　สบู่ 👨‍👩‍👧"
    assert rundown(document(name=f" {name}\n")).items[0].name == name


def test_an_empty_file_is_told_what_it_lacks() -> None:
    assert [problem.split(";")[0] for problem in problems({})] == [
        "the file: show is missing",
        "the file: items is missing",
    ]


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ({"next_confidance": 0.8}, "policy.next_confidance: is unknown; did you mean next_confidence?"),
        (
            {"next_confidence": 8},
            "policy.next_confidence: must be a number from 0.3 to 0.99 (default 0.55), not 8",
        ),
        ({"encore_most": 0.5}, "policy.encore_most: must be a whole number from 0 to 50 (default 6), not 0.5"),
        (
            {"min_minutes": {"hot": -1}},
            "policy.min_minutes: must be a table that gives any of traffic, benefit, hot, profit, regular "
            "a number from 0 to 600, not {'hot': -1}",
        ),
    ],
)
def test_the_policy_is_judged_by_the_engine_that_follows_it(policy: dict[str, Any], problem: str) -> None:
    assert problems({**document(), "policy": policy}) == [problem]


@pytest.mark.parametrize("threshold", Policy.__struct_fields__)
def test_every_threshold_of_the_policy_says_what_is_right(threshold: str) -> None:
    (told,) = problems({**document(), "policy": {threshold: "?"}})
    assert told.startswith(f"policy.{threshold}: must be a ")
    assert rundown({**document(), "policy": {threshold: getattr(Policy(), threshold)}}).policy


REQUIRED: list[Path] = [("show", key) for key in SHOW] + [("items", 0, key) for key in ITEM]


@given(st.sets(st.sampled_from(REQUIRED), min_size=1))
def test_everything_missing_is_told_at_once(missing: set[Path]) -> None:
    data = copy.deepcopy(document())
    for table, *_, key in missing:
        (data["show"] if table == "show" else data["items"][0]).pop(key)
    told = [problem.split(" is missing")[0] for problem in problems(data)]
    expected = [f"show: {key}" if table == "show" else f"items[1]: {key}" for table, *_, key in missing]
    assert sorted(told) == sorted(expected)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
TABLES = {
    "show": st.fixed_dictionaries({}, optional=dict.fromkeys((*SHOW, "hosts", "locale"), VALUES)),
    "items": st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys((*ITEM, "batches", "minutes", "script"), VALUES))
    ),
    "policy": st.dictionaries(st.sampled_from(["off", "min_minutes", "next_confidence"]), VALUES),
}


@given(st.fixed_dictionaries({}, optional={key: table | VALUES for key, table in TABLES.items()}))
def test_whatever_the_values_they_are_judged_and_never_the_end_of_the_program(data: dict[str, Any]) -> None:
    for problem in problems(data):
        assert ": " in problem


WRONG_SHOW = {
    "id": "A b",
    "title": "",
    "starts_at": "soon",
    "duration_min": 0,
    "currency": "yuan",
    "goal": "much",
    "locale": "fr",
    "hosts": [],
    "theme": "a\nb",
    "warm_up": [""],
    "papers": "always",
    "colour": "red",
}
WRONG_ITEM = {
    "sku": "V01",
    "role": "star",
    "stock": 0,
    "batches": [],
    "encore": 1,
    "script": {"intro": 1, "benefit": "x" * 10_001},
    "share": 0.7,
}


def test_every_mistake_has_words_in_every_language_and_no_words_are_idle() -> None:
    clashing = {**ITEM, "minutes": 70, "min_minutes": 80, "batches": [1], "host": "nobody", "share": 0.7}
    shared = {"duration_min": 60, "goal": 1, "hosts": [{"id": "lead", "name": "x"}]}
    untimed = {**ITEM, "sku": "V02", "share": 0.7}
    documents: list[dict[str, Any]] = [
        {"show": WRONG_SHOW, "items": [WRONG_ITEM, WRONG_ITEM], "policy": {"stale_s": "long"}},
        {"show": {**shared, "title": 3.6e18, "starts_at": "9999-12-31T23:59:59Z"}, "items": [clashing, untimed]},
        {"show": 1, "items": 1},
    ]
    faults = [fault for data in documents for fault in judge(data).faults]
    faults += doubts(rundown(document(ship_48h=30_000, minutes=70)))
    for locale in i18n.LOCALES:
        words = {msgid.removeprefix("rule.") for msgid in i18n.catalogue(locale) if msgid.startswith("rule.")}
        assert {fault.code for fault in faults} == words
        said = [i18n.say(locale, f"rule.{fault.code}", **fault.figures) for fault in faults]
        assert [text for text in said if i18n.NOTHING in text.replace("1–", "")] == []


def test_a_sketch_holds_the_items_that_are_right_and_tells_their_rows() -> None:
    data = document(minutes=10)
    data["items"] += [
        {**ITEM, "sku": "V02", "price": "?"},
        {**ITEM, "sku": "V03", "host": "nobody"},
        dict(data["items"][0]),
    ]
    data["show"] = {"duration_min": 60, "goal": 100}
    sketch = judge(data).sketch()
    assert sketch
    assert ([item.sku for item in sketch[0].items], sketch[1]) == (["V01", "V03"], (0, 2))
    assert judge({}).sketch() is None
    assert judge(document(price="?")).sketch() is None
