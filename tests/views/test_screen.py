"""Laws of the page of thresholds: each is told with its meaning and with who set it."""

import msgspec
import pytest

from cueroom import i18n
from cueroom.pacing.policy import Policy
from cueroom.views import screen as views
from scenes import rundown, state_of


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_threshold_is_told_with_its_meaning_and_who_set_it(locale: str) -> None:
    sheet = msgspec.structs.replace(rundown(), policy={"host_gap_s": 30, "min_minutes": {"hot": 2}})
    state = {**state_of(), "policy": {"host_gap_s": 40.0, "off": ["hold"]}}
    rows = {row["key"]: row for row in views.policy(locale, {"state": state, "rundown": sheet, "show_id": "s"})["rows"]}
    assert list(rows) == list(Policy.__struct_fields__)
    assert all(row["meaning"] for row in rows.values())
    told = {
        key: (rows[key]["default"], rows[key]["value"], rows[key]["source"]) for key in ("host_gap_s", "min_minutes")
    }
    hot, hold = i18n.say(locale, "role.hot"), i18n.say(locale, "kind.hold")
    assert told == {
        "host_gap_s": (f"{Policy().host_gap_s:g}", "40", "show"),
        "min_minutes": (i18n.say(locale, "none"), f"{hot} 2", "file"),
    }
    assert (rows["off"]["value"], rows["encore_most"]["source"]) == (hold, "default")
    assert [name for name, _, value in rows["off"]["parts"] if value] == ["hold"]


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_every_threshold_has_its_meaning_in_chinese(locale: str) -> None:
    assert {key for key in Policy.__struct_fields__ if not i18n.known(locale, f"policy.{key}")} == set()
