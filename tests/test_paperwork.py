"""Laws of paperwork: what people do with papers is told by name, and every mistake at its field."""

from typing import Any

import msgspec
import pytest

from cueroom import i18n
from cueroom.paperwork import MOST_FILES, AnyDeed, Desk, carry_out
from cueroom.show.papers import Dossier, PaperKind, State, Trade
from papers_given import FILE, cleared

DESK = Desk(5, "producer 1234", {FILE.digest: FILE})
SENT = {"digest": FILE.digest, "name": FILE.name}
HAND_IN: dict[str, Any] = {"deed": "hand_in", "kind": "contract", "number": " N-7 ", "files": [SENT]}
REFUSE: dict[str, Any] = {"deed": "judge", "kind": "contract", "state": "refused", "note": "没有签章"}
FAULTS = ("name", "number", "day", "no_file", "many_files", "file_gone", "reason", "nothing_to_judge")


def done(dossier: Dossier, **fields: Any) -> Any:
    deed: AnyDeed = msgspec.convert({"version": 0, "by": "王芳"} | fields, AnyDeed)
    return carry_out(deed, dossier, DESK)


def test_a_paper_that_is_handed_in_waits_for_its_verdict() -> None:
    paper = done(Dossier("V01"), **HAND_IN, valid_until="2026-12-31").papers[PaperKind.CONTRACT]
    assert (paper.number, str(paper.valid_until), paper.files, paper.state) == (
        "N-7",
        "2026-12-31",
        (FILE,),
        State.GIVEN,
    )
    assert (paper.steps[-1].by, paper.steps[-1].at) == ("王芳 (producer 1234)", 5)


def test_who_refuses_a_paper_says_why_and_who_approves_it_need_not() -> None:
    given = done(Dossier("V01"), **HAND_IN)
    refused = done(given, **REFUSE).papers[PaperKind.CONTRACT]
    assert (refused.state, refused.steps[-1].note) == (State.REFUSED, "没有签章")
    approved = done(given, **{**REFUSE, "state": "approved", "note": ""}).papers[PaperKind.CONTRACT]
    assert [step.state for step in approved.steps] == [State.GIVEN, State.APPROVED]


def test_the_trade_says_which_papers_are_needed() -> None:
    assert done(Dossier("V01"), deed="trade", trade="cross_border").trade is Trade.CROSS_BORDER


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({**HAND_IN, "by": " "}, {"by": "name"}),
        ({**HAND_IN, "number": "\n"}, {"number": "number"}),
        ({**HAND_IN, "number": "7" * 65, "valid_until": "soon"}, {"number": "number", "valid_until": "day"}),
        ({**HAND_IN, "files": []}, {"files": "no_file"}),
        ({**HAND_IN, "files": [SENT] * (MOST_FILES + 1)}, {"files": "many_files"}),
        ({**HAND_IN, "files": [{"digest": "00", "name": "x"}]}, {"files": "file_gone"}),
        ({**REFUSE, "note": "no"}, {"note": "reason"}),
        ({**REFUSE, "state": "approved"}, {"note": "nothing_to_judge"}),
        ({**REFUSE, "state": "given"}, {"note": "nothing_to_judge"}),
        ({"deed": "trade", "trade": "general", "by": ""}, {"by": "name"}),
    ],
)
def test_every_mistake_is_told_at_its_field(fields: dict[str, Any], faults: dict[str, str]) -> None:
    assert done(cleared("V01"), **fields) == faults


def test_an_account_is_a_number_alone() -> None:
    assert isinstance(done(Dossier("V01"), **{**HAND_IN, "kind": "account", "files": []}), Dossier)


def test_what_nobody_handed_in_cannot_be_judged() -> None:
    assert done(Dossier("V01"), **REFUSE) == {"note": "nothing_to_judge"}


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_mistake_has_words(locale: str) -> None:
    assert [code for code in FAULTS if not i18n.known(locale, f"papers.fault.{code}")] == []
