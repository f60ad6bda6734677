"""Products: the page of the pool, and the upload that replaces it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import islice
from typing import BinaryIO

import msgspec
import structlog
from babel.numbers import is_currency
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cueroom.assortment.candidates import Candidate
from cueroom.assortment.pool_columns import POOL
from cueroom.assortment.pool_file import PoolFile
from cueroom.before.spooling import spool
from cueroom.edge.answers import XLSX, download
from cueroom.edge.doors import admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem, problem_of
from cueroom.edge.services import Services, services_of
from cueroom.errors import StoreUnavailable
from cueroom.people.pages import page, unwelcome
from cueroom.show.access import KeyRecord
from cueroom.showfile.book import empty_list
from cueroom.storage.pools import CHUNK, Pools, PoolWriter, pool_index
from cueroom.views.assortment import flaw_view
from cueroom.views.planning import CURRENCIES, USUAL_CURRENCIES

FILE_BYTES = 64 << 20
_LONGEST_FILE_NAME = 200

log = structlog.get_logger()


class Products:
    """`/products` and what it sends."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    async def handle_page(self, request: Request) -> Response:
        """`/products`: the pool; `?q=` searches it, `?page=` turns its pages."""
        key = await admit_to_house(request)
        if isinstance(key, Problem):
            return unwelcome(request, key)
        pool = await self._pools.read(services_of(request).store.house)
        query = request.query_params.get("q", "").strip()
        found = await asyncio.to_thread(search, pool.products if pool else (), query)
        usual = USUAL_CURRENCIES[locale_of(request)]
        return page(
            request,
            "products",
            all_shows=True,
            index=pool.index if pool else None,
            currency=pool.index.currency if pool else usual,
            currencies=CURRENCIES,
            query=query,
            found=found,
            page=_page_number(request),
        )

    async def handle_upload(self, request: Request) -> Response:
        """`POST /products?currency=…&file=…`: replaces the pool by the products of the file that is the body. Answers
        line by line how many rows are read; the last line tells what came of it."""
        key = await admit_to_house(request)
        if isinstance(key, Problem):
            return key.response()
        currency = request.query_params.get("currency", "")
        if not is_currency(currency):
            return Problem(400, "bad_currency", "a currency is told by its three letters, such as CNY").response()
        file = await spool(request, FILE_BYTES)
        if isinstance(file, Problem):
            return file.response()
        # Declared as a stream of events, so that no line waits to be compressed with the next.
        return StreamingResponse(_take(request, file, currency, key), media_type="text/event-stream")


async def _take(request: Request, file: BinaryIO, currency: str, key: KeyRecord) -> AsyncGenerator[bytes, None]:
    services, locale = services_of(request), locale_of(request)
    with file:
        reading = PoolFile(file, currency)
        products = reading.products()
        try:
            version, _ = await pool_index(services.store.house)
            writer = PoolWriter(services.store.house)
            while batch := await asyncio.to_thread(lambda: list(islice(products, CHUNK))):
                await writer.add(batch)
                yield msgspec.json.encode({"rows": reading.rows}) + b"\n"
            problem = await _finish(services, writer, request, currency, version)
        except StoreUnavailable as error:
            problem = problem_of(error).code
    log.info("pool read", rows=reading.rows, taken=writer.count, flawed=reading.flawed, by=key.holder)
    told = {
        "rows": reading.rows,
        "taken": 0 if problem else writer.count,
        "flawed": reading.flawed,
        "flaws": [flaw_view(locale, flaw) for flaw in reading.flaws],
        "problem": problem,
        "done": True,
    }
    yield msgspec.json.encode(told) + b"\n"


async def _finish(services: Services, writer: PoolWriter, request: Request, currency: str, version: int) -> str:
    """The code of what went wrong, if anything did. A file without a product replaces nothing."""
    name = request.query_params.get("file", "")[:_LONGEST_FILE_NAME]
    if writer.count and not await writer.finish(currency, name, services.clock.now_ms(), version):
        return "stale_pool"
    return ""


async def handle_template(request: Request) -> Response:
    """`/products/template.xlsx`: an empty workbook in the reader's language."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    content = empty_list(POOL, locale_of(request))
    return download(content, "products.xlsx", XLSX)


def search(products: Sequence[Candidate], query: str) -> Sequence[Candidate]:
    """Those in which every word of the query is found."""
    words = query.lower().split()
    return [product for product in products if all(word in _said_of(product) for word in words)] if words else products


def _said_of(product: Candidate) -> str:
    return "\n".join((product.sku, product.name, product.category, product.supplier, *product.tags)).lower()


def _page_number(request: Request) -> int:
    told = request.query_params.get("page", "")
    return max(1, int(told)) if told.isdecimal() and len(told) < 7 else 1  # noqa: PLR2004  # no pool has more pages
