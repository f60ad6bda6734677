"""Rundowns of every kind a show file can hold, for laws."""

from typing import Any
from unicodedata import category

from hypothesis import strategies as st

from cueroom.show.rundown import Host, Item, Role, Rundown, Script
from cueroom.showfile.draft import NO_CHARACTERS, is_hidden

_CHARACTERS = st.characters(codec="utf-8").filter(lambda char: category(char) != "Cc" and char not in NO_CHARACTERS)
_LINE = st.characters(codec="utf-8").filter(lambda char: not is_hidden(char))
_ODD = ("_x000D_", "=1+1", "'007", "1.0", "TRUE", "是", "hot", "[show]", '"', "\\", "👩\u200d💻", "2026-01-01")
_MINUTES = st.integers(1, 1_000_000).map(lambda micro: round(micro / 1000, 6))


def lines(longest: int) -> st.SearchStrategy[str]:
    """Text of one line, as it is read: nothing hidden, no spaces around it."""
    return (st.text(_LINE, max_size=longest) | st.sampled_from(_ODD)).map(str.strip).filter(bool)


_ROLE_NAMES = st.sampled_from([role.value for role in Role])
PROSE = st.lists(
    st.text(_CHARACTERS | st.just("\t"), max_size=12) | st.sampled_from(['"""', "\\", "_x0041_"]), max_size=4
)
POLICIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "next_confidence": st.sampled_from([0.5, 0.85]),
        "encore_most": st.integers(0, 50),
        "off": st.lists(st.sampled_from(["hold", "benefit", "wrap"]), min_size=1, unique=True),
        "min_minutes": st.dictionaries(_ROLE_NAMES, st.sampled_from([2.5, 4.0]), min_size=1),
    },
)


@st.composite
def items(draw: st.DrawFn, sku: str, hosts: list[Host]) -> Item:
    batches = draw(st.lists(st.integers(1, 10**6), max_size=3))
    minutes = draw(_MINUTES)
    parts = ("intro", "experience", "promotion", "benefit", "interaction")
    return Item(
        sku=sku,
        name=draw(lines(30)),
        role=draw(st.sampled_from(Role)),
        price=draw(st.integers(1, 10**12)),
        stock=sum(batches) or draw(st.integers(1, 10**9)),
        batches=tuple(batches),
        minutes=max(0.1, minutes),
        min_minutes=draw(st.sampled_from([0.0, 0.1])),
        share=draw(st.none() | st.sampled_from([0.0, 0.01, 0.123456])),
        host=draw(st.sampled_from(hosts)).id,
        encore=draw(st.booleans()),
        ship_48h=draw(st.none() | st.integers(0, 10**9)),
        supplier=draw(st.just("") | lines(10)),
        category=draw(st.just("") | lines(10)),
        expected_per_min=draw(st.none() | st.sampled_from([0.01, 7.25, 1e9])),
        expected_within=draw(st.none() | st.sampled_from([1.05, 1.5, 5.0])),
        half_life_s=draw(st.none() | st.sampled_from([5.0, 62.5])),
        script=Script(**{part: "\n".join(draw(PROSE)).strip() for part in parts if draw(st.booleans())}),
    )


@st.composite
def rundowns(draw: st.DrawFn) -> Rundown:
    """Any show."""
    ids = draw(st.lists(lines(10), min_size=1, max_size=3, unique=True))
    hosts = [Host(host, draw(lines(10))) for host in ids]
    skus = draw(st.lists(lines(10), min_size=1, max_size=4, unique=True))
    return Rundown(
        id=draw(st.from_regex("[a-z0-9-]{1,64}", fullmatch=True)),
        title=draw(lines(40)),
        theme=draw(st.just("") | lines(20)),
        warm_up=tuple(draw(st.lists(lines(20), max_size=3))),
        papers=draw(st.booleans()),
        starts_at=draw(st.integers(0, 4_000_000_000_000)),
        utc_offset_min=draw(st.sampled_from([0, 480, -210, 345])),
        duration_min=draw(_MINUTES.filter(lambda minutes: minutes >= 1)),
        currency=draw(st.sampled_from(["CNY", "JPY", "KWD"])),
        goal=draw(st.integers(1, 10**12)),
        locale=draw(st.sampled_from(["zh-Hans", "zh-Hant", "en"])),
        hosts=tuple(hosts),
        items=tuple(draw(items(sku, hosts)) for sku in skus),
        policy=draw(POLICIES),
    )
