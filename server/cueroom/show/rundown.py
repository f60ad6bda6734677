"""The rundown: what a show plans to sell, in which order, for how long, by whom."""

from collections.abc import Sequence
from datetime import timedelta, timezone
from enum import StrEnum
from typing import Any

import msgspec


class Role(StrEnum):
    """What an item is for in the show (引流 / 福利 / 爆款 / 利润 / 常规)."""

    TRAFFIC = "traffic"
    BENEFIT = "benefit"
    HOT = "hot"
    PROFIT = "profit"
    REGULAR = "regular"


class Host(msgspec.Struct, frozen=True):
    """Who presents items, by id and by name."""

    id: str
    name: str


class Script(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the host reads, in the order of the plan's segments."""

    intro: str = ""
    experience: str = ""
    promotion: str = ""
    benefit: str = ""
    interaction: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the rundown. `price` in minor units; `stock`, `batches` and `ship_48h` (units that can leave the
    warehouse within 48 hours) in units. An `inserted` item came in during the show: the plan of the show file knows
    nothing of it.

    What is expected of it, from shows before: `expected_per_min` units in its first minute on air before the show's
    usual room, known to a factor of `expected_within` (two times in three the truth lies nearer), and `half_life_s`,
    seconds until it sells half as fast as at first."""

    sku: str
    name: str
    role: Role = Role.REGULAR
    price: int
    stock: int
    batches: tuple[int, ...] = ()
    minutes: float
    min_minutes: float = 0.0
    share: float | None = None
    host: str
    encore: bool = True
    ship_48h: int | None = None
    supplier: str = ""
    category: str = ""
    expected_per_min: float | None = None
    expected_within: float | None = None
    half_life_s: float | None = None
    script: Script = Script()
    inserted: bool = False

    @property
    def first_batch(self) -> int:
        """Units on the shelf when the show starts."""
        return self.batches[0] if self.batches else self.stock

    def next_batch(self, reserve: int) -> int:
        """Units of the next batch: the sheet's, found by what is still in reserve; all of it where that fits none."""
        left = 0
        for batch in reversed(self.batches[1:]):
            left += batch
            if left >= reserve:
                return batch - (left - reserve)
        return reserve


class Rundown(msgspec.Struct, frozen=True, kw_only=True):
    """The show file as a value. `starts_at` in ms since the epoch, `goal` in minor units; `utc_offset_min` is what the
    clocks at the show are ahead of UTC. `warm_up` is what is done before to bring people (预热), a line each.
    With `papers` an item goes on air only once its papers (资质) are complete."""

    id: str
    title: str
    starts_at: int
    utc_offset_min: int = 0
    duration_min: float
    currency: str
    goal: int
    locale: str = "zh-Hans"
    hosts: tuple[Host, ...]
    items: tuple[Item, ...]
    policy: dict[str, Any] = {}
    theme: str = ""
    warm_up: tuple[str, ...] = ()
    papers: bool = False

    def item(self, sku: str) -> Item | None:
        """The item of that SKU, or None where the rundown has none."""
        return next((item for item in self.items if item.sku == sku), None)

    @property
    def planned(self) -> tuple[Item, ...]:
        """The items of the show file, in its order."""
        return tuple(item for item in self.items if not item.inserted)

    @property
    def zone(self) -> timezone:
        """What the clocks at the show go by."""
        return timezone(timedelta(minutes=self.utc_offset_min))

    @property
    def host_ids(self) -> tuple[str, ...]:
        """The hosts, the leading one first."""
        return tuple(host.id for host in self.hosts)

    @property
    def lead(self) -> str:
        """The id of the leading host (the "1" of 1+N)."""
        return self.hosts[0].id


def strange_host(host: str, hosts: Sequence[str]) -> str:
    """What to tell whoever names a host that is none of these."""
    return f"host {host!r} is not one of {', '.join(hosts)}"


class Unchangeable(msgspec.Struct, frozen=True):
    """Why a change cannot be made any more, in words, and by its code and figures in other languages
    (`unchangeable.CODE` of the catalogues)."""

    message: str
    code: str
    figures: dict[str, str]


def unchangeable(stored: Rundown, wanted: Rundown, used: set[str]) -> list[Unchangeable]:
    """What may not change any more once the items in `used` were sold or on air; empty if all may."""
    reasons = []
    if used and stored.currency != wanted.currency:
        message = f"its orders were counted in {stored.currency}; the currency cannot become {wanted.currency}"
        reasons.append(Unchangeable(message, "currency", {"stored": stored.currency, "wanted": wanted.currency}))
    gone = ", ".join(sorted(sku for sku in used if wanted.item(sku) is None))
    if gone:
        reasons.append(Unchangeable(f"{gone} was sold or on air; keep it in the rundown", "gone", {"skus": gone}))
    return reasons
