"""Clearing: the pages of papers (资质) and what they send: files, and what people do with each product's dossier."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from cueroom import i18n
from cueroom.before.filing import Filing, Intake, media_type_of
from cueroom.before.planning import Typed
from cueroom.before.sweeping import await_papers, sweep
from cueroom.edge.answers import json_answer
from cueroom.edge.bodies import pour, read_body
from cueroom.edge.doors import admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.errors import UnknownShow
from cueroom.paperwork import MOST_FILES, AnyDeed, Desk, HandIn, carry_out
from cueroom.people.pages import error_page, page, unwelcome
from cueroom.show.events import Sku
from cueroom.show.papers import Attachment, Dossier, lacks
from cueroom.show.wire import UNREADABLE
from cueroom.showfile.rules import judge
from cueroom.storage.dossiers import all_dossiers, keep_dossier, read_dossier
from cueroom.storage.house import DRAFT
from cueroom.views.papers import Product, address_of

DEED_BYTES = 64 << 10
DOWNLOAD = "application/octet-stream"
"""No browser shows it: whatever a file holds, it is only ever saved."""
_DEED = msgspec.json.Decoder(AnyDeed)
log = structlog.get_logger()


class Use(msgspec.Struct, frozen=True):
    """A product in a show or in the draft of one, which may have no start yet."""

    name: str
    show: str
    title: str
    starts_at: int | None
    zone: tzinfo


Uses = Mapping[str, list[Use]]
"""By SKU."""


# Pages


async def handle_products(request: Request) -> Response:
    """`/papers`: every product that is planned or has papers; `?sku=` leads to any."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    if sku := request.query_params.get("sku", "").strip():
        return RedirectResponse(address_of(sku), 303)
    services = services_of(request)
    uses, now = await _uses(services), services.clock.now_ms()
    dossiers = {dossier.sku: dossier async for dossier in all_dossiers(services.store.house)}
    products = [
        product_of(dossiers.get(sku, Dossier(sku)), uses.get(sku, []), now) for sku in sorted({*uses, *dossiers})
    ]
    return page(request, "papers", all_shows=True, products=products, lacking=request.query_params.get("lacking", ""))


async def handle_product(request: Request) -> Response:
    """`/papers/{sku}`: one product's papers."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    services, sku = services_of(request), request.path_params["sku"]
    dossier, version = await read_dossier(services.store.house, sku)
    product = product_of(dossier, (await _uses(services)).get(sku, []), services.clock.now_ms())
    most_mb = services.settings.max_file_bytes / (1 << 20)
    return page(request, "paper", all_shows=True, product=product, version=version, most_mb=most_mb)


def product_of(dossier: Dossier, uses: Sequence[Use], now: int) -> Product:
    """The product, judged for the next show it is in; for one now, where none is to come."""
    to_come = sorted((use.starts_at, use.show) for use in uses if use.starts_at is not None and use.starts_at >= now)
    starts_at, show = to_come[0] if to_come else (now, "")
    zone = next((use.zone for use in uses if use.show == show), UTC)
    name = next((use.name for use in uses if use.name), "")
    return Product(dossier.sku, name, {use.show: use.title for use in uses}, dossier, lacks(dossier, starts_at, zone))


async def _uses(services: Services) -> Uses:
    """Where each product is planned; a draft says it before the show it will change."""
    uses: dict[str, list[Use]] = {}
    drafts = [(show, draft.body) async for show, draft in services.store.house.documents(DRAFT)]
    for show, body in drafts:
        for sku, use in _drafted(show, msgspec.json.decode(body, type=Typed).document):
            uses.setdefault(sku, []).append(use)
    for show in await services.store.shows():
        with contextlib.suppress(UnknownShow):  # it ended so long ago that it is not kept any more
            rundown = await services.store.rundown(show)
            for item in rundown.items:
                use = Use(item.name, show, rundown.title, rundown.starts_at, rundown.zone)
                uses.setdefault(item.sku, []).append(use)
    return uses


def _drafted(show: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Use]]:
    """The items of a draft that have a SKU, however much of them is still wrong."""
    sketched = judge(document).sketch()
    starts_at, zone = (sketched[0].starts_at or None, sketched[0].zone) if sketched else (None, UTC)
    items = document.get("items")
    for item in items if isinstance(items, list) else ():
        sku, name = (item.get("sku"), item.get("name")) if isinstance(item, dict) else (None, None)
        if isinstance(sku, str) and sku.strip():
            yield sku.strip(), Use(name if isinstance(name, str) else "", show, show, starts_at, zone)


# What people do


async def handle_deed(request: Request) -> Response:
    """`POST /papers/{sku}`: hands a paper in, judges one or sets the trade; 412 where somebody else was faster."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return key.response()
    deed, sku = await _read_deed(request), request.path_params["sku"]
    if isinstance(deed, Problem):
        return deed.response()
    services = services_of(request)
    dossier, version = await read_dossier(services.store.house, sku)
    now = services.clock.now_ms()
    files = await asyncio.to_thread(_kept_files, services, deed) if isinstance(deed, HandIn) else {}
    await await_papers(services.store.house, files, now)
    after = carry_out(deed, dossier, Desk(now, key.holder, files))
    if not isinstance(after, Dossier):
        locale = locale_of(request)
        told = {field: i18n.say(locale, f"papers.fault.{code}") for field, code in after.items()}
        return Problem(400, "bad_papers", "; ".join(after.values()), {"faults": told}).response()
    if deed.version != version or not await keep_dossier(services.store.house, after, version):
        return Problem(412, "stale_papers", "somebody else has changed these papers meanwhile; look again").response()
    log.info("papers", sku=sku, deed=str(deed.__struct_config__.tag), by=key.holder)
    return Response(status_code=204)


async def _read_deed(request: Request) -> AnyDeed | Problem:
    body = await read_body(request, DEED_BYTES)
    if isinstance(body, Problem):
        return body
    try:
        msgspec.convert(request.path_params["sku"], Sku)
        deed: AnyDeed = _DEED.decode(body)
    except UNREADABLE as error:
        return Problem(400, "unreadable", str(error))
    return deed


def _kept_files(services: Services, deed: HandIn) -> dict[str, Attachment]:
    filing = Filing(services.settings.data)
    found = (filing.find(file.digest, file.name) for file in deed.files[:MOST_FILES])
    return {file.digest: file for file in found if file}


# Files


async def handle_file(request: Request) -> Response:
    """`POST /paper-files`: keeps a file, which no paper has yet; answers its digest."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return key.response()
    services = services_of(request)
    house, filing, now = services.store.house, Filing(services.settings.data), services.clock.now_ms()
    with await asyncio.to_thread(filing.begin) as intake:
        problem = await _take_in(request, intake, services.settings.max_file_bytes)
        if problem:
            return problem.response()
        await await_papers(house, [intake.digest], now)
        await asyncio.to_thread(intake.keep)
    await sweep(house, filing, now)
    return json_answer({"digest": intake.digest}, 201)


async def _take_in(request: Request, intake: Intake, most_bytes: int) -> Problem | None:
    """Takes the body in; what is too large, too slow or no paper is refused, and kept nowhere."""
    problem = await pour(request, most_bytes, lambda chunk: asyncio.to_thread(intake.take, chunk))
    if problem is None and media_type_of(intake.head) is None:
        return Problem(415, "file_kind", "a paper is a PDF, JPEG, PNG or WebP, whatever its name says")
    return problem


async def handle_download(request: Request) -> Response:
    """`/paper-files/{digest}`: a file to save, under the name asked for; never to be shown in the browser."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    filing, digest = Filing(services_of(request).settings.data), request.path_params["digest"]
    file = await asyncio.to_thread(filing.find, digest, request.query_params.get("name", ""))
    if file is None:
        return error_page(request, Problem(404, "no_such_file", "the data folder of this server has no such file"))
    headers = {"Cache-Control": "no-store"}
    return FileResponse(filing.place(file.digest), headers=headers, media_type=DOWNLOAD, filename=file.name)
