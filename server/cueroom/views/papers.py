"""The pages of papers as plain values: products at a glance, and one product's papers with what was done to them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from cueroom import i18n
from cueroom.show.papers import NEEDED, WITHOUT_FILE, Attachment, Dossier, Lack, Paper, PaperKind, State, Step, Trade
from cueroom.views.view import View

LACKS = ("given", "refused", "missing", "expires")
"""Why a paper does not count."""
MARKS = ("approved", *LACKS)
"""How a paper stands."""
ANY = "any"
"""The choice of all products that lack something, whatever it is."""


class Product(msgspec.Struct, frozen=True):
    """A product as a show plans it or somebody handed papers in for it; `shows` are the titles of the shows it is in by
    their id, `lacks` what keeps it out of the next of them (out of one today, where there is none)."""

    sku: str
    name: str
    shows: dict[str, str]
    dossier: Dossier
    lacks: tuple[Lack, ...]


def address_of(sku: str) -> str:
    """The page of that product's papers."""
    return f"/papers/{quote(sku)}"


def products_view(products: Iterable[Product], lacking: str) -> View:
    """The list, of those that lack what was chosen: a kind of paper, ANY, or nothing in particular."""
    return {
        "kinds": [kind.value for kind in PaperKind],
        "lacking": lacking,
        "rows": [_row(product) for product in products if _is_chosen(product, lacking)],
    }


def _is_chosen(product: Product, lacking: str) -> bool:
    kinds = {lack.kind.value for lack in product.lacks}
    return not lacking or lacking in kinds or (lacking == ANY and bool(kinds))


def _row(product: Product) -> View:
    return {
        "sku": product.sku,
        "name": product.name,
        "address": address_of(product.sku),
        "trade": product.dossier.trade.value,
        "shows": list(product.shows.values()),
        "cleared": not product.lacks,
        "marks": [_mark(product, kind) for kind in PaperKind],
    }


def _mark(product: Product, kind: PaperKind) -> str:
    """One of MARKS; nothing for a paper that the product does not need."""
    if kind not in NEEDED[product.dossier.trade]:
        return ""
    return next((lack.code for lack in product.lacks if lack.kind is kind), "approved")


def product_view(locale: str, product: Product) -> View:
    """One product: every paper it needs."""
    return {
        "sku": product.sku,
        "name": product.name,
        "shows": product.shows,
        "trade": product.dossier.trade.value,
        "trades": [trade.value for trade in Trade],
        "lacking": i18n.lacking_words(locale, product.lacks),
        "papers": [_paper(product, kind) for kind in NEEDED[product.dossier.trade]],
    }


def _paper(product: Product, kind: PaperKind) -> View:
    paper = product.dossier.papers.get(kind, Paper("", None, (), ()))
    return {
        "kind": kind.value,
        "mark": _mark(product, kind),
        "number": paper.number,
        "valid_until": paper.valid_until.isoformat() if paper.valid_until else "",
        "files": [_file(file) for file in paper.files],
        "takes_files": kind not in WITHOUT_FILE,
        "may_approve": bool(paper.steps) and paper.state is not State.APPROVED,
        "may_refuse": bool(paper.steps) and paper.state is not State.REFUSED,
        "steps": [_step(step) for step in reversed(paper.steps)],
    }


def _file(file: Attachment) -> View:
    return {
        "digest": file.digest,
        "name": file.name,
        "size_kb": max(1, round(file.size / 1024)),
        "address": f"/paper-files/{file.digest}?name={quote(file.name)}",
    }


def _step(step: Step) -> View:
    at = datetime.fromtimestamp(step.at / 1000, UTC)
    return {
        "state": step.state.value,
        "at": at.isoformat(timespec="seconds"),
        "told_at": f"{at:%Y-%m-%d %H:%M} UTC",
        "by": step.by,
        "number": step.number,
        "note": step.note,
    }
