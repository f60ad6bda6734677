"""The hosts (1+N): what came in while each was on air, and what a hand-over did to it."""

from itertools import pairwise

import msgspec

from cueroom.recap.record import Record
from cueroom.recap.summary import ratio
from cueroom.show.state import MINUTE_MS

AROUND_MS = 3 * MINUTE_MS
"""A hand-over is told by the minutes before and after it, as far as both hosts were on air."""


class HostRecap(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid while a host was on air, for whatever item; without a name: while nobody was, as when orders were
    paid after the end."""

    host: str | None
    name: str
    spells: int
    items: int
    air_ms: int
    gmv: int

    @property
    def gmv_per_min(self) -> float | None:
        """GMV ÷ minutes on air."""
        return ratio(self.gmv * MINUTE_MS, self.air_ms)


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One host took over from another, at `at` (ms). GMV a minute before and after, in minor units."""

    at: int
    before: str
    after: str
    sku: str
    before_per_min: float | None
    after_per_min: float | None


def hosts_of(record: Record) -> tuple[HostRecap, ...]:
    """The hosts in the order of the show file, and what was paid while nobody was on air: together the show's GMV."""
    rundown = record.snapshot.rundown
    plays = record.plays
    told = []
    for host in rundown.hosts:
        own = [play for play in plays if play.host == host.id]
        told.append(
            HostRecap(
                host=host.id,
                name=host.name,
                spells=len(own),
                items=len({play.sku for play in own}),
                air_ms=sum(play.until - play.since for play in own),
                gmv=sum(record.sum("gmv", play.since, play.until) for play in own),
            )
        )
    rest = record.snapshot.totals.gmv - sum(host.gmv for host in told)
    if rest:
        told.append(HostRecap(host=None, name="", spells=0, items=0, air_ms=0, gmv=rest))
    return tuple(told)


def handovers_of(record: Record) -> tuple[Handover, ...]:
    """Every change of host, in order."""
    names = {host.id: host.name for host in record.snapshot.rundown.hosts}
    spells = _spells(record)
    return tuple(
        Handover(
            at=after.since,
            before=names.get(before.host, before.host),
            after=names.get(after.host, after.host),
            sku=after.sku,
            before_per_min=_per_min(record, max(before.since, before.until - AROUND_MS), before.until),
            after_per_min=_per_min(record, after.since, min(after.until, after.since + AROUND_MS)),
        )
        for before, after in pairwise(spells)
    )


class _Spell(msgspec.Struct, frozen=True):
    """A host's time on air without a break, with whatever items; `sku` is the first of them."""

    host: str
    sku: str
    since: int
    until: int


def _spells(record: Record) -> list[_Spell]:
    spells: list[_Spell] = []
    for play in record.plays:
        if spells and spells[-1].host == play.host:
            spells[-1] = msgspec.structs.replace(spells[-1], until=play.until)
        else:
            spells.append(_Spell(play.host, play.sku, play.since, play.until))
    return spells


def _per_min(record: Record, since: int, until: int) -> float | None:
    return ratio(record.sum("gmv", since, until) * MINUTE_MS, until - since)
