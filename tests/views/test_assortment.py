"""What an assortment tells people: figures that can be checked, and words for everything that can be wrong."""

import io
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.pools import candidate, wish, worths_of
from cueroom import i18n
from cueroom.assortment.candidates import Sales, Span
from cueroom.assortment.forms import read_asked, read_profile
from cueroom.assortment.pool_file import Flaw, PoolFile
from cueroom.assortment.proposal import Proposal, propose
from cueroom.assortment.scoring import Past
from cueroom.assortment.solving import Impossible
from cueroom.assortment.worths import MINUTES, ROLES
from cueroom.showfile.fields import Wrong
from cueroom.views.assortment import flaw_view, numbers_of, place_view, wrong_words

HEAD = "货号,名称,类目,价格,库存,品牌标签,佣金率,性别,年龄段"
TAGS = "；".join(map(str, range(60)))
FILES = (
    f"{HEAD},颜色,评分,库存\nA,,c,x,1.5,{TAGS},2,狗,少年,红,9\nA,a,c,1,1\nB,a,c,1,1\nB,a,c,1,1\n".encode(),
    f"{HEAD}\nC{',a' * 20}\n".encode(),
    "货号,名称,类目,库存,价格(斤)\n".encode(),
    b"PK\x03\x04",
    "货号".encode("utf-16"),
    f'{HEAD}\n"{"x" * 200_000}'.encode(),
)
PROFILES: tuple[dict[str, str], ...] = (
    {},
    {"name": "x", "currency": "CNY", "price_low": "9", "price_high": "1", "tags": "x 0", "active_hours": "25"},
    {"sexes.male": "1", "sales.0.category": "a", "sales.1.category": "a"},
)
WISHES = ({"count.least": "3", "count.most": "2"},)


def faults_of(read: object) -> list[Wrong]:
    assert isinstance(read, Mapping)
    return list(read.values())


def all_that_can_be_wrong() -> list[Flaw | Wrong]:
    found: list[Flaw | Wrong] = []
    for content in FILES:
        file = PoolFile(io.BytesIO(content), "CNY")
        list(file.products())
        found += file.flaws
    found += [wrong for typed in PROFILES for wrong in faults_of(read_profile(typed))]
    found += [wrong for typed in WISHES for wrong in faults_of(read_asked(typed, "CNY", {}, frozenset()))]
    # Too large for a test to make.
    large = (Flaw(9, "pool_too_long", {"most": 100_000}), Flaw(0, "too_large", {"most_mb": 256}), Flaw(0, "too_wide"))
    return [*found, *large]


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_mistake_has_words_and_no_words_are_idle(locale: str) -> None:
    wrongs = all_that_can_be_wrong()

    said = [wrong_words(locale, wrong) for wrong in wrongs]

    assert not [text for text in said if re.match(r"(flaw|rule)\.", text) or i18n.NOTHING in text.replace("1–", "")]
    words = {msgid.removeprefix("flaw.") for msgid in i18n.catalogue(locale) if msgid.startswith("flaw.")}
    assert words <= {wrong.code for wrong in wrongs}


def test_a_mistake_tells_its_line_and_cell() -> None:
    flaw = Flaw(3, "money", {}, "E3", "价格", "99.5")

    assert flaw_view("en", flaw) == {
        "at": "Line 3 · E3 · 价格",
        "shown": "99.5",
        "text": i18n.say("en", "rule.money"),
    }
    assert flaw_view("en", Flaw(0, "encoding"))["at"] == "The file"


@given(
    own=st.builds(Sales, st.floats(0.1, 1_000), st.floats(0, 1e9)),
    stock=st.integers(1, 10_000),
    role=st.sampled_from(range(len(ROLES))),
    length=st.sampled_from(range(len(MINUTES))),
)
def test_the_figures_of_a_reason_add_up(own: Sales, stock: int, role: int, length: int) -> None:
    past = Past({"A": own}, {"home": Sales(60.0, 9e6)}, usual_per_min=100_000)
    pick = worths_of(candidate("A", stock=stock), past=past).pick(0, role, length)

    told = numbers_of(pick)

    own_gmv = told["own_min"] * told["own_per_min"]
    minutes = told["own_min"] + told["trust"]
    assert own_gmv == pytest.approx(own.gmv)
    assert told["per_min"] == pytest.approx((own_gmv + told["trust"] * told["prior"]) / minutes)
    assert told["prior"] == pytest.approx(told["level"] * told["fit"])
    assert told["demand"] * told["cover"] == pytest.approx(told["gmv"])
    assert 0 <= told["sold_out"] <= 1


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_a_reason_names_every_figure_and_the_best_left_out(locale: str) -> None:
    worths = worths_of(candidate("A"), candidate("B", name="next best", stock=50))
    proposal = propose(worths, wish(count=Span(1, 1)))
    assert isinstance(proposal, Proposal)

    (place,) = proposal.places
    told = place_view(locale, "CNY", place, 0.0, wish())

    assert i18n.NOTHING not in told["why"]
    assert told["rival"]["sku"] == "B"
    assert "next best" in told["rival"]["why"]


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_why_there_is_no_show_is_told_in_words(locale: str) -> None:
    worths = worths_of(candidate("A"), candidate("B"))
    for asked in (wish(pins={"X": None}), wish(category_most=1, bans=frozenset("AB")), wish(length_min=1.0)):
        answer = propose(worths, asked)
        assert isinstance(answer, Impossible)
        assert i18n.known(locale, f"assortment.{answer.code}")
        assert i18n.NOTHING not in i18n.say(locale, f"assortment.{answer.code}", **answer.figures)
