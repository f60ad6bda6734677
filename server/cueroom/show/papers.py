"""Papers (资质): what a product must have before it may be sold, what it has, and who approved it when."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

HANDLING_DAYS = 2
"""A paper has to be good until the last parcel has left: the show's day and 48 hours."""


class Trade(StrEnum):
    """How a product comes to its buyers: sold within the country, or from abroad."""

    GENERAL = "general"
    CROSS_BORDER = "cross_border"


class PaperKind(StrEnum):
    """The papers there are; `contract` is the signed one with the supplier, `account` the supplier's opened account."""

    TRADEMARK = "trademark"
    LICENCE = "licence"
    AUTHORISATION = "authorisation"
    INSPECTION = "inspection"
    CUSTOMS = "customs"
    CONTRACT = "contract"
    ACCOUNT = "account"


NEEDED: Mapping[Trade, tuple[PaperKind, ...]] = {
    Trade.GENERAL: (
        PaperKind.TRADEMARK,
        PaperKind.AUTHORISATION,
        PaperKind.INSPECTION,
        PaperKind.CUSTOMS,
        PaperKind.CONTRACT,
        PaperKind.ACCOUNT,
    ),
    Trade.CROSS_BORDER: (
        PaperKind.LICENCE,
        PaperKind.AUTHORISATION,
        PaperKind.INSPECTION,
        PaperKind.CONTRACT,
        PaperKind.ACCOUNT,
    ),
}
"""What each trade needs. A customs declaration needs its declarant's stamp: whoever approves it looks for that."""

WITHOUT_FILE = frozenset({PaperKind.ACCOUNT})
"""Papers that are a number alone."""


class State(StrEnum):
    """How far a paper is: handed in, then approved or refused."""

    GIVEN = "given"
    APPROVED = "approved"
    REFUSED = "refused"


class Attachment(msgspec.Struct, frozen=True):
    """A file as it is kept: `digest` is its SHA-256 in hex, `size` in bytes, `name` what its owner called it."""

    digest: str
    name: str
    size: int


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something somebody did to a paper, at a time in ms; a refusal says why in `note`. `number` and `digests` are what
    it was done to."""

    state: State
    at: int
    by: str
    number: str
    digests: tuple[str, ...]
    note: str = ""


class Paper(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paper: its number, the last day it is good for (None: for ever), its files (a chain has several), and what was
    done to it, in order."""

    number: str
    valid_until: date | None
    files: tuple[Attachment, ...]
    steps: tuple[Step, ...]

    @property
    def state(self) -> State:
        return self.steps[-1].state


class Dossier(msgspec.Struct, frozen=True, omit_defaults=True):
    """The papers of one product."""

    sku: str
    trade: Trade = Trade.GENERAL
    papers: dict[PaperKind, Paper] = {}

    @property
    def digests(self) -> set[str]:
        """Of all files that its papers have, or had."""
        steps = (step for paper in self.papers.values() for step in paper.steps)
        files = (file for paper in self.papers.values() for file in paper.files)
        return {digest for step in steps for digest in step.digests} | {file.digest for file in files}

    def given(self, kind: PaperKind, paper: Paper) -> "Dossier":
        """The same with that paper in place of what was there; what was done before is kept."""
        before = self.papers[kind].steps if kind in self.papers else ()
        whole = msgspec.structs.replace(paper, steps=(*before, *paper.steps))
        return msgspec.structs.replace(self, papers={**self.papers, kind: whole})

    def judged(self, kind: PaperKind, state: State, at: int, by: str, note: str = "") -> "Dossier":
        """The same with a verdict on that paper as it is."""
        paper = self.papers[kind]
        step = Step(state, at, by, paper.number, tuple(file.digest for file in paper.files), note)
        judged = msgspec.structs.replace(paper, steps=(*paper.steps, step))
        return msgspec.structs.replace(self, papers={**self.papers, kind: judged})


class Lack(msgspec.Struct, frozen=True):
    """Why a paper does not count: `missing`, `given` (nobody has approved it yet), `refused` or `expires`."""

    kind: PaperKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.code}"


class Override(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="papers.overridden"
):
    """A product that was taken live without its papers, as the show's log keeps it: when (ms), by whom and by which
    command, for which reason. A feed tells what has happened already (`item.presented`), and gives no reason. Nothing
    in `lacks`: nobody could look then."""

    time: int
    by: str
    act: str
    sku: str
    lacks: tuple[Lack, ...]
    reason: str = ""


def lacks(dossier: Dossier, starts_at: int, zone: tzinfo) -> tuple[Lack, ...]:
    """What keeps a product out of the show that starts then (ms): nothing, if it is cleared."""
    day = datetime.fromtimestamp(starts_at / 1000, zone).date()
    found = ((kind, _lack(dossier.papers.get(kind), day)) for kind in NEEDED[dossier.trade])
    return tuple(Lack(kind, code) for kind, code in found if code)


def _lack(paper: Paper | None, day: date) -> str:
    if paper is None:
        return "missing"
    if paper.state is not State.APPROVED:
        return paper.state.value
    if paper.valid_until is not None and paper.valid_until < day + timedelta(days=HANDLING_DAYS):
        return "expires"
    return ""


def uncleared(
    skus: Iterable[str], dossiers: Mapping[str, Dossier], starts_at: int, zone: tzinfo
) -> dict[str, tuple[Lack, ...]]:
    """What each of these products lacks, for those that lack anything; one without a dossier lacks all of them."""
    found = {sku: lacks(dossiers.get(sku, Dossier(sku)), starts_at, zone) for sku in skus}
    return {sku: missing for sku, missing in found.items() if missing}
