"""Laws of the preview: what is told of a plan while it is typed is what the show will have."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from cueroom import i18n
from cueroom.before.planning import as_json
from cueroom.pacing.plan import planned_curve
from cueroom.rehearsal import Rehearsed
from cueroom.show.rundown import Rundown, Script
from cueroom.showfile.document import document_of
from cueroom.views.preview import preview, rehearsed_view
from papers_given import cleared
from scenes import rundown
from showfile.rundowns import rundowns


def document(sheet: Rundown | None = None) -> dict[str, Any]:
    return as_json(document_of(sheet or rundown()))


@settings(max_examples=30)
@given(rundowns())
def test_the_curve_is_the_one_the_show_will_be_measured_by(sheet: Rundown) -> None:
    told = preview("en", document(sheet), {item.sku: cleared(item.sku) for item in sheet.items})
    assert told["faults"] == []
    assert told["sketch"]["curve"]["points"] == [(round(at_s), round(gmv)) for at_s, gmv in planned_curve(sheet)]


def test_every_mistake_is_told_at_its_field_in_the_readers_language() -> None:
    typed = document()
    typed["items"][1]["price"] = "cheap"
    del typed["show"]["title"]
    told = {locale: preview(locale, typed, {})["faults"] for locale in i18n.LOCALES}
    for faults in told.values():
        assert {fault["at"] for fault in faults} == {"show.title", "items.1.price"}
    assert len({faults[0]["text"] for faults in told.values()}) > 1


def test_what_is_right_is_reckoned_though_something_else_is_wrong() -> None:
    typed = document()
    typed["items"][1]["price"] = "cheap"
    sketch = preview("en", typed, {})["sketch"]
    assert 1 not in sketch["rows"]
    assert sketch["items"] == len(typed["items"]) - 1


def test_too_many_minutes_and_missing_scripts_are_doubts_and_no_mistakes() -> None:
    sheet = rundown()
    long = msgspec.structs.replace(sheet.items[0], script=Script(), minutes=sheet.duration_min)
    told = preview("en", document(msgspec.structs.replace(sheet, items=(long, *sheet.items[1:]))), {})
    assert told["faults"] == []
    assert [doubt["at"] for doubt in told["doubts"]] == ["items"]
    assert told["sketch"]["left_min"] < 0
    assert long.sku in told["sketch"]["silent"]


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("yuan", 2), (7, 2)])
def test_money_has_the_decimals_of_its_currency(currency: Any, decimals: int) -> None:
    typed = document()
    typed["show"]["currency"] = currency
    assert preview("en", typed, {})["decimals"] == decimals


@pytest.mark.parametrize("typed", [{}, {"show": []}, {"show": {"currency": []}, "items": {}}, {"items": [1, None, {}]}])
def test_no_document_is_too_strange_to_be_judged(typed: dict[str, Any]) -> None:
    told = preview("en", typed, {})
    assert told["faults"]
    assert told["sketch"] is None


def test_a_rehearsal_is_told_as_least_middle_and_most_minute_by_minute() -> None:
    shows = [Rehearsed(gmvs, ()) for gmvs in ((1, 9, 20), (3, 4, 30), (2, 8, 10))]
    view = rehearsed_view("en", rundown(), shows)
    assert (view["low"], view["middle"], view["high"]) == ([1, 4, 10], [2, 8, 20], [3, 9, 30])
    assert view["words"]["middle"] == i18n.money("en", 20, rundown().currency)


def test_in_a_show_that_requires_papers_an_item_without_them_is_a_mistake_with_the_way_to_them() -> None:
    typed = document(msgspec.structs.replace(rundown(), papers=True))
    first, *others = [item.sku for item in rundown().items]
    told = preview("en", typed, {sku: cleared(sku) for sku in others})["faults"]
    assert [(fault["at"], fault["way"]) for fault in told] == [("items.0.name", f"/papers/{first}")]
    assert "contract missing" in told[0]["text"]
    assert preview("en", document(), {})["faults"] == []
