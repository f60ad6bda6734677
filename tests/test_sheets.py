"""Laws of the recap's sheets: complete in every language, exact in the workbook, and text stays text."""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from cueroom import i18n
from cueroom.recap import PolicyChange, Recap, Record, recap_of
from cueroom.recap.advice import REASONS
from cueroom.sheets import Book, book_of, columns, workbook_of
from cueroom.sheets.cells import Column
from cueroom.show.cues import Effect, EffectOutcome, cue_entry
from cueroom.show.events import Complaint
from cueroom.show.papers import Lack, Override, PaperKind
from scenes import START, snapshot

TITLES = (
    *("Live data", "Shop data", "Product data", "Empty shelves", "Cues by kind", "Ignored cues", "Hosts", "Hand-overs"),
    *(
        "Payments",
        "Without papers",
        "Parcels",
        "Parcels by supplier",
        "Complaints",
        "Gaps in the data",
        "Earlier shows",
        "Cues",
        "Policy",
    ),
)
NOTES = (
    "products",
    "shortages",
    "kinds",
    "ignored",
    "hosts",
    "handovers",
    "overrides",
    "parcels",
    "complaints",
    "gaps",
)


def recap(**changes: Any) -> Recap:
    """The recap of the scene, with all its cues."""
    shot = msgspec.structs.replace(snapshot(), **changes)
    cues = (*shot.board.closed, *shot.board.cues)
    minutes = {START // 60_000: {"gmv|V01": 1_234_567, "online": 4}}
    return recap_of(Record(snapshot=shot, minutes=minutes, entries=[cue_entry(cue, shot.now) for cue in cues]))


def read(book: Book) -> dict[str, list[list[Any]]]:
    """The rows of each of the workbook's sheets by its name, without its title."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(workbook_of(book)))
    sheets = {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names}
    return {name: rows[1:] for name, rows in sheets.items()}


def figures(book: Book) -> dict[str, Any]:
    """The live data and the shop data together, in English."""
    sheets = read(book)
    return {name: value for name, value, _ in (*sheets["Live data"], *sheets["Shop data"])}


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_every_word_of_the_sheets_is_translated(locale: str) -> None:
    tables = [table for table in vars(columns).values() if isinstance(table, tuple)]
    told = [column for table in tables for column in table if isinstance(column, Column)]
    assert set(told) > {*columns.LIVE, *columns.CUES}
    names = {column.name for column in told} | {column.how for column in told if column.how}
    names |= {*TITLES, "Figure", "Value", "How", "nobody on air", "told by a feed", "not known then"}
    assert {name for name in names if not i18n.known(locale, name)} == set()


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_reason_and_note_has_words(locale: str) -> None:
    names = {f"ignored.{reason}" for reason in REASONS} | {"shortage.held_back", "shortage.sold_out", "complaint.all"}
    names |= {f"complaint.{kind.value}" for kind in Complaint} | {f"recap.{note}" for note in NOTES}
    assert {name for name in names if not i18n.known(locale, name)} == set()


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_row_of_the_book_is_in_the_workbook(locale: str) -> None:
    book = book_of(recap(), locale)
    for sheet, (heads, *rows) in zip(book.sheets, read(book).values(), strict=True):
        assert tuple(heads) == sheet.heads
        assert len(rows) == len(sheet.rows)


def test_money_and_counts_in_the_workbook_are_exact() -> None:
    told = recap()
    book = book_of(told, "en")
    found = figures(book)
    assert round(found["GMV"] * 100) == told.counts.gmv
    assert found["Orders created"] == told.counts.orders_created
    assert found["Viewers (UV)"] == told.unique
    assert found["Time on air"] == timedelta(milliseconds=told.air_ms)
    heads, *rows = read(book)["Product data"]
    for row, item in zip(rows, told.items, strict=True):
        cells = dict(zip(heads, row, strict=True))
        assert (cells["SKU"], cells["Orders paid"]) == (item.item.sku, item.counts.orders_paid)
        assert round(cells["GMV"] * 100) == item.counts.gmv
        assert cells["CTR"] == ("" if item.ctr is None else pytest.approx(item.ctr))
    assert dict(zip(heads, rows[0], strict=True))["Best minute"] == datetime.fromtimestamp(START / 1000, UTC).replace(
        tzinfo=None
    )


def test_instants_are_told_as_the_clocks_at_the_show_told_them() -> None:
    there = msgspec.structs.replace(snapshot().rundown, utc_offset_min=480)
    told = recap(rundown=there)
    book = book_of(told, "en")
    at = datetime.fromtimestamp((told.started_at or 0) / 1000, timezone(timedelta(hours=8)))
    assert f"{at:%Y-%m-%d} (UTC+0800)" in book.title
    assert figures(book)["Started"] == at.replace(tzinfo=None, microsecond=0)


def test_a_currency_without_cents_has_none() -> None:
    yen = msgspec.structs.replace(snapshot().rundown, currency="JPY")
    assert figures(book_of(recap(rundown=yen), "en"))["GMV"] == snapshot().totals.gmv


def test_a_cue_is_told_with_its_life_in_the_readers_language() -> None:
    told = recap()
    heads, *rows = read(book_of(told, "en"))["Cues"]
    lives = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [life["Cue"] for life in lives] == [cue.id for cue in told.cues]
    payment = next(life for life in lives if life["Cue"] == "c-30")
    assert (payment["Text"], payment["Outcome"], payment["By"]) == ("482 unpaid: remind to pay", "Accepted", "producer")
    assert (payment["Painted after (s)"], payment["Ended after (s)"]) == (0.084, 4.5)


def test_what_a_cue_came_to_stands_beside_what_was_expected_without_it() -> None:
    measured = Effect(
        outcome=EffectOutcome.BETTER,
        since=START,
        until=START + 90_000,
        gmv=526_000,
        gmv_expected=214_000,
        gmv_low=150_000,
        gmv_high=300_000,
        orders=41,
        orders_expected=17,
        sample=77,
    )
    shot = snapshot()
    closed = tuple(msgspec.structs.replace(cue, effect=measured) for cue in shot.board.closed[:1])
    board = msgspec.structs.replace(shot.board, closed=closed)
    heads, *rows = read(book_of(recap(board=board), "en"))["Cues"]
    lives = [dict(zip(heads, row, strict=True)) for row in rows]
    told, untold = (next(life for life in lives if life["Cue"] == cue) for cue in ("c-30", "c-31"))
    assert str(told["Effect"]).startswith("Better: ")
    assert (told["GMV after it"], told["GMV expected without it"], told["Expected at most"]) == (5_260, 2_140, 3_000)
    assert (told["Orders after it"], told["Orders expected without it"], told["Online after it"]) == (41, 17, "")
    assert (untold["Effect"], untold["GMV after it"]) == ("", "")


def test_thresholds_set_during_the_show_have_a_sheet_of_their_own() -> None:
    changed = (PolicyChange(START, "producer", "off", ["hold", "wrap"]), PolicyChange(START, "producer", "off", None))
    told = msgspec.structs.replace(recap(), policy_changes=changed)
    heads, *rows = read(book_of(told, "en"))["Policy"]
    assert [dict(zip(heads, row, strict=True))["Value"] for row in rows] == ["hold, wrap", i18n.NOTHING]
    assert "Policy" not in read(book_of(recap(), "en"))


def test_what_people_and_platforms_wrote_is_text_and_never_a_formula() -> None:
    sheet = snapshot().rundown
    items = tuple(msgspec.structs.replace(item, name="=1+1") for item in sheet.items)
    heads, *rows = read(book_of(recap(rundown=msgspec.structs.replace(sheet, items=items)), "en"))["Product data"]
    assert {row[heads.index("Item")] for row in rows} == {"=1+1"}


def test_who_did_what_is_told_in_the_readers_words() -> None:
    overrides = tuple(
        Override(time=START, by=by, act="next", sku="V01", lacks=()) for by in ("producer ab12", "engine", "platform")
    )
    heads, *rows = read(book_of(msgspec.structs.replace(recap(), overrides=overrides), "zh-Hans"))[
        "资质未齐仍讲解的商品"
    ]
    assert [row[heads.index("操作者")] for row in rows] == ["中控 ab12", "引擎", "platform"]


def test_what_went_live_without_papers_is_told_with_what_lacked_by_whom_and_why() -> None:
    lacks = (Lack(PaperKind.CONTRACT, "missing"), Lack(PaperKind.INSPECTION, "expires"))
    overrides = (
        Override(time=START, by="producer ab12", act="next", sku="V01", lacks=lacks, reason="signed tonight"),
        Override(time=START, by="platform", act="item.presented", sku="X9", lacks=()),
    )
    book = book_of(msgspec.structs.replace(recap(), overrides=overrides), "en")
    heads, *rows = read(book)["Without papers"]
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [(one["SKU"], one["By"], one["Reason"]) for one in told] == [
        ("V01", "producer ab12", "signed tonight"),
        ("X9", "platform", "told by a feed"),
    ]
    assert told[0]["Papers lacking"] == "contract missing, inspection report runs out before the last parcel leaves"
    assert told[1]["Papers lacking"] == "not known then"
