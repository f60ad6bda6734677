"""The book of a recap: which sheets it has, and how each of their lines reads in a language."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from cueroom import i18n
from cueroom.recap import PolicyChange, Recap
from cueroom.recap.advice import Ignored, KindRecord, painted_ms
from cueroom.recap.aftermath import Complaints
from cueroom.recap.hosts import HostRecap
from cueroom.recap.shortages import Shortage
from cueroom.sheets import columns
from cueroom.sheets.cells import Book, Column, Form, Sheet, cell_of, sheet_of, word
from cueroom.show.aftersales import Parcels
from cueroom.show.cues import OPEN, Cue, Kind, Step, ended_as
from cueroom.show.papers import Override
from cueroom.show.rundown import Item, Rundown


class CueLine(msgspec.Struct, frozen=True):
    """A cue in the reader's language, with the two moments of its life: when a screen had painted it, and its end."""

    cue: Cue
    text: str
    why: str
    effect: str | None

    @property
    def kind(self) -> str:
        return f"kind.{self.cue.kind.value}"

    @property
    def state(self) -> str:
        return f"state.{ended_as(self.cue.kind, self.cue.state, was_shown=self.shown_after_ms is not None)}"

    @property
    def shown_after_ms(self) -> int | None:
        return painted_ms(self.cue)

    @property
    def ended_after_ms(self) -> int | None:
        return self._end.at - self.cue.issued_at if self._end else None

    @property
    def ended_by(self) -> str | None:
        return self._end.by if self._end else None

    @property
    def _end(self) -> Step | None:
        return next((step for step in self.cue.steps if step.state not in OPEN), None)


class KindLine(msgspec.Struct, frozen=True):
    """A kind of cue, by its name."""

    told: KindRecord

    @property
    def word(self) -> str:
        return f"kind.{self.told.kind.value}"


class IgnoredLine(msgspec.Struct, frozen=True):
    """A cue that nobody followed; `why` says how its cost was estimated."""

    ignored: Ignored
    line: CueLine
    why: str


class ShortageLine(msgspec.Struct, frozen=True):
    """A shortage; `why` says how its cost was estimated."""

    shortage: Shortage
    why: str


class HostLine(msgspec.Struct, frozen=True):
    """A host by name, or nobody in words."""

    told: HostRecap
    name: str


class ParcelLine(msgspec.Struct, frozen=True):
    """What an item owes."""

    item: Item
    parcels: Parcels


class SupplierLine(msgspec.Struct, frozen=True):
    """What a supplier's items owe."""

    supplier: str
    parcels: Parcels


class ComplaintLine(msgspec.Struct, frozen=True):
    """A kind of complaint, by its name."""

    told: Complaints

    @property
    def word(self) -> str:
        return f"complaint.{self.told.kind.value}" if self.told.kind else "complaint.all"


class OverrideLine(msgspec.Struct, frozen=True):
    """An item that went live without its papers: by its name, and what it lacked in words."""

    at: int
    sku: str
    name: str
    lacking: str
    by: str
    reason: str


class PolicyLine(msgspec.Struct, frozen=True):
    """A threshold that was set during the show; `told` is its value as it would be written."""

    at: int
    by: str
    key: str
    told: str


def book_of(recap: Recap, locale: str) -> Book:
    """The recap in that language, its instants as the clocks at the show told them. Sheets that would be empty are
    left out."""
    zone = recap.rundown.zone
    start = datetime.fromtimestamp((recap.started_at or recap.rundown.starts_at) / 1000, zone)
    phase = i18n.say(locale, f"phase.{recap.phase.value}")
    return Book(
        title=f"{recap.rundown.title} · {start:%Y-%m-%d} (UTC{start:%z}) · {phase}",
        locale=locale,
        currency=recap.rundown.currency,
        zone=zone,
        sheets=tuple(sheet for sheet in _sheets(recap, locale) if sheet.rows),
    )


def _sheets(recap: Recap, locale: str) -> Iterator[Sheet]:
    lines = {cue.id: _cue_line(cue, locale, recap.rundown) for cue in recap.cues}
    yield _figures(recap, locale, "Live data", columns.LIVE)
    yield _figures(recap, locale, "Shop data", columns.SHOP)
    yield sheet_of(locale, "Product data", columns.PRODUCTS, recap.items, "recap.products")
    shortages = (ShortageLine(one, _shortage_words(locale, one, recap.rundown)) for one in recap.shortages)
    yield sheet_of(locale, "Empty shelves", columns.SHORTAGES, shortages, "recap.shortages")
    yield sheet_of(locale, "Cues by kind", columns.KINDS, map(KindLine, recap.kinds), "recap.kinds")
    ignored = (IgnoredLine(one, lines[one.cue.id], _ignored_words(locale, one, recap.rundown)) for one in recap.ignored)
    yield sheet_of(locale, "Ignored cues", columns.IGNORED, ignored, "recap.ignored")
    yield sheet_of(locale, "Hosts", columns.HOSTS, (_host_line(locale, host) for host in recap.hosts), "recap.hosts")
    yield sheet_of(locale, "Hand-overs", columns.HANDOVERS, recap.handovers, "recap.handovers")
    yield sheet_of(locale, "Payments", columns.PAYMENTS, (item for item in recap.items if item.counts.orders_created))
    overrides = (_override_line(locale, one, recap.rundown) for one in recap.overrides)
    yield sheet_of(locale, "Without papers", columns.OVERRIDES, overrides, "recap.overrides")
    yield from _aftermath(recap, locale)
    yield sheet_of(locale, "Gaps in the data", columns.GAPS, recap.gaps, "recap.gaps")
    if recap.earlier:
        yield sheet_of(locale, "Earlier shows", columns.EARLIER, (recap, *recap.earlier))
    yield sheet_of(locale, "Cues", columns.CUES, lines.values())
    yield sheet_of(locale, "Policy", columns.POLICY, map(_policy_line, recap.policy_changes))


def _figures(recap: Recap, locale: str, title: str, figures: tuple[Column, ...]) -> Sheet:
    """A row for each figure: its name, its value, and how it is made."""
    rows = tuple(
        (word(locale, figure.name), cell_of(locale, recap, figure), word(locale, figure.how)) for figure in figures
    )
    named = sheet_of(locale, title, (Column(name, Form.TEXT, "") for name in ("Figure", "Value", "How")), ())
    return msgspec.structs.replace(named, rows=rows)


def _aftermath(recap: Recap, locale: str) -> Iterator[Sheet]:
    told = recap.aftermath
    suppliers = any(item.supplier for item in recap.rundown.items)
    if told.shipped:
        items = (ParcelLine(*owed) for owed in told.by_item)
        shown = [column for column in columns.PARCELS if suppliers or column.path != "item.supplier"]
        yield sheet_of(locale, "Parcels", shown, items, "recap.parcels")
    if told.shipped and suppliers:
        by_supplier = (SupplierLine(*owed) for owed in told.by_supplier)
        yield sheet_of(locale, "Parcels by supplier", columns.SUPPLIERS, by_supplier)
    yield sheet_of(locale, "Complaints", columns.COMPLAINTS, map(ComplaintLine, told.complaints), "recap.complaints")


def _cue_line(cue: Cue, locale: str, rundown: Rundown) -> CueLine:
    """The cue as it was said or, in another language than the show's, said again; a person's words stay."""
    effect = i18n.effect_words(locale, msgspec.to_builtins(cue.effect), rundown.currency) if cue.effect else None
    if cue.kind is Kind.MESSAGE or locale == rundown.locale:
        return CueLine(cue, cue.text, cue.why.explain, effect)
    told = (locale, cue.kind.value, cue.why.rule, cue.why.numbers)
    return CueLine(cue, i18n.cue_text(*told), i18n.cue_explain(*told), effect)


def _shortage_words(locale: str, shortage: Shortage, rundown: Rundown) -> str:
    return i18n.say(
        locale,
        "shortage.held_back" if shortage.held_back else "shortage.sold_out",
        units_per_min=shortage.units_per_min,
        before_s=shortage.before_s,
        counted_s=shortage.counted_s,
        empty_s=shortage.empty_s,
        price=shortage.item.price,
        units=shortage.lost_units,
        currency=rundown.currency,
    )


def _ignored_words(locale: str, ignored: Ignored, rundown: Rundown) -> str:
    return i18n.say(locale, f"ignored.{ignored.reason}", **ignored.numbers, currency=rundown.currency)


def _host_line(locale: str, host: HostRecap) -> HostLine:
    return HostLine(host, host.name if host.host else i18n.say(locale, "nobody on air"))


def _override_line(locale: str, override: Override, rundown: Rundown) -> OverrideLine:
    item = rundown.item(override.sku)
    reason = override.reason or i18n.say(locale, "told by a feed")
    lacking = i18n.lacking_words(locale, override.lacks) or i18n.say(locale, "not known then")
    return OverrideLine(override.time, override.sku, item.name if item else "", lacking, override.by, reason)


def _policy_line(change: PolicyChange) -> PolicyLine:
    return PolicyLine(change.at, change.by, change.key, i18n.threshold(change.value))
