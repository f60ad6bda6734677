"""Papers: what clears a product for a show, and what does not."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.show.papers import NEEDED, Dossier, Lack, PaperKind, State, Step, Trade, lacks, uncleared
from papers_given import FILE, cleared, paper

SHOW_DAY = date(2026, 6, 30)
STARTS_AT = round(datetime(2026, 6, 30, 20, tzinfo=UTC).timestamp() * 1000)


def complete(trade: Trade) -> Dossier:
    return cleared("V01", trade)


@pytest.mark.parametrize("trade", Trade)
def test_a_product_with_all_its_papers_approved_is_cleared(trade: Trade) -> None:
    assert lacks(complete(trade), STARTS_AT, UTC) == ()


@given(trade=st.sampled_from(Trade), data=st.data())
def test_one_paper_less_keeps_a_product_out(trade: Trade, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(NEEDED[trade]))
    dossier = complete(trade)
    del dossier.papers[kind]

    assert lacks(dossier, STARTS_AT, UTC) == (Lack(kind, "missing"),)


@pytest.mark.parametrize("state", [State.GIVEN, State.REFUSED])
def test_a_paper_counts_only_once_it_is_approved(state: State) -> None:
    dossier = complete(Trade.GENERAL)
    dossier.papers[PaperKind.CONTRACT] = paper(state=state)

    assert lacks(dossier, STARTS_AT, UTC) == (Lack(PaperKind.CONTRACT, state.value),)


@given(st.integers(-400, 400))
def test_a_paper_counts_only_if_it_is_good_until_the_last_parcel_has_left(days: int) -> None:
    dossier = complete(Trade.GENERAL)
    dossier.papers[PaperKind.INSPECTION] = paper(valid_until=SHOW_DAY + timedelta(days=days))

    expected = () if days >= 2 else (Lack(PaperKind.INSPECTION, "expires"),)
    assert lacks(dossier, STARTS_AT, UTC) == expected


def test_the_show_s_day_is_the_one_where_it_takes_place() -> None:
    dossier = complete(Trade.GENERAL)
    dossier.papers[PaperKind.INSPECTION] = paper(valid_until=SHOW_DAY + timedelta(days=2))

    assert lacks(dossier, STARTS_AT, timezone(timedelta(hours=-8))) == ()
    assert lacks(dossier, STARTS_AT, timezone(timedelta(hours=8))) == (Lack(PaperKind.INSPECTION, "expires"),)


def test_a_paper_that_is_handed_in_again_has_to_be_approved_again_and_its_past_is_kept() -> None:
    dossier = complete(Trade.GENERAL).given(PaperKind.CONTRACT, paper(state=State.GIVEN))

    assert lacks(dossier, STARTS_AT, UTC) == (Lack(PaperKind.CONTRACT, "given"),)
    assert [step.state for step in dossier.papers[PaperKind.CONTRACT].steps] == [
        State.GIVEN,
        State.APPROVED,
        State.GIVEN,
    ]


def test_a_verdict_says_who_gave_it_when_and_on_what() -> None:
    dossier = complete(Trade.GENERAL).judged(PaperKind.CONTRACT, State.REFUSED, 9, "zhao", "not signed")

    assert dossier.papers[PaperKind.CONTRACT].steps[-1] == Step(
        State.REFUSED, 9, "zhao", "N-1", (FILE.digest,), "not signed"
    )


def test_a_product_nobody_handed_papers_in_for_lacks_them_all() -> None:
    found = uncleared(["V01", "V02"], {"V01": complete(Trade.CROSS_BORDER)}, STARTS_AT, UTC)

    assert found == {"V02": tuple(Lack(kind, "missing") for kind in NEEDED[Trade.GENERAL])}
