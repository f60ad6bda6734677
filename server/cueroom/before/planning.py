"""Planning: the plan page and what it sends: drafts, files read and written, and the plan put into the show."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from cueroom import i18n, showfile
from cueroom.before.sending import read_sent, sent_to_house
from cueroom.edge.answers import XLSX, download, json_answer
from cueroom.edge.bodies import read_body
from cueroom.edge.doors import PRODUCERS, admit, admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.errors import CannotChange, UnknownShow
from cueroom.people.pages import page, unwelcome
from cueroom.show.access import KeyRecord
from cueroom.show.board import Phase
from cueroom.show.papers import Dossier
from cueroom.show.rundown import Rundown
from cueroom.showfile.book import field_name, template, to_workbook
from cueroom.showfile.document import document_of
from cueroom.showfile.fields import with_plain_roles
from cueroom.showfile.rules import judge
from cueroom.showfile.writing import to_toml
from cueroom.storage.dossiers import read_dossiers, uncleared_items
from cueroom.storage.house import DRAFT, LESSON, NEW, House
from cueroom.storage.store import Store
from cueroom.views.preview import fault_words, preview

FILE_BYTES = 4 << 20

log = structlog.get_logger()


class Typed(msgspec.Struct):
    """What was typed, and what it was typed over: a digest of the show's own plan then, empty where there was none."""

    document: dict[str, Any]
    base: str = ""


class Edit(Typed, kw_only=True):
    """The same from a page that last saw that version of the draft."""

    version: int = NEW


class Wish(msgspec.Struct):
    """Puts that version of the draft into the show."""

    version: int


class Plan(msgspec.Struct, frozen=True):
    """The plan of a show as its page opens it: what was typed last, else the show's own. `version` is the draft's, NEW
    where there is none; `now` is the show as it is, if it was made already, and `phase` that of its board."""

    typed: Typed
    version: int
    now: Rundown | None = None
    phase: Phase = Phase.PLANNED


async def plan_of(services: Services, show: str) -> Plan | None:
    """The plan of that show; None where there is neither a draft nor a show. Raises StoreUnavailable."""
    kept = await services.store.house.get(DRAFT, show)
    now, phase = await _show_of(services, show)
    if kept:
        return Plan(msgspec.json.decode(kept.body, type=Typed), kept.version, now, phase)
    return Plan(Typed(as_json(document_of(now)), digest_of(now)), NEW, now, phase) if now else None


async def _show_of(services: Services, show: str) -> tuple[Rundown | None, Phase]:
    """The show as it is, and its phase."""
    try:
        return await services.store.rundown(show), (await services.store.board(show)).phase
    except UnknownShow:
        return None, Phase.PLANNED


def digest_of(rundown: Rundown | None) -> str:
    """Tells one plan of a show from another; what came in during the show is no part of it."""
    return hashlib.sha256(msgspec.json.encode(document_of(rundown))).hexdigest()[:16] if rundown else ""


def as_json(document: dict[str, Any]) -> dict[str, Any]:
    """The document as the page gets and sends it: instants as text."""
    return msgspec.json.decode(msgspec.json.encode(document, enc_hook=str), type=dict[str, Any])


async def admit_to_plan(connection: HTTPConnection) -> Plan | Problem:
    """The plan that this connection may see and change, or the problem to answer with. A show that is only a draft yet
    has no keys of its own: it opens with one to all shows."""
    services, show = services_of(connection), connection.path_params["show"]
    key = await admit(connection, show, PRODUCERS)
    if isinstance(key, Problem) and key.code == "unknown_show":
        key = await admit_to_house(connection)
    if isinstance(key, Problem):
        return key
    plan = await plan_of(services, show)
    return plan or Problem(404, "unknown_show", str(UnknownShow(show)))


# Pages


async def handle_plan(request: Request) -> Response:
    """`/shows/{show}/plan`."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return unwelcome(request, plan)
    default = plan.now.locale if plan.now else i18n.LOCALES[0]
    return page(
        request,
        "plan",
        default=default,
        show_id=request.path_params["show"],
        all_shows=isinstance(await admit_to_house(request), KeyRecord),
        document=plan.typed.document,
        version=plan.version,
        base=plan.typed.base,
        is_show=plan.now is not None,
        phase=plan.phase,
        dossiers=await _dossiers_of(services_of(request), plan.typed.document),
    )


async def _dossiers_of(services: Services, document: Mapping[str, Any]) -> dict[str, Dossier]:
    """The papers of the items that were typed so far, where the show requires them."""
    sketched = judge(document).sketch()
    wanted = [item.sku for item in sketched[0].items] if sketched and sketched[0].papers else []
    return await read_dossiers(services.store.house, wanted)


async def handle_new(request: Request) -> Response:
    """`/new`: a show from scratch or from a file."""
    key = await admit_to_house(request)
    return unwelcome(request, key) if isinstance(key, Problem) else page(request, "new", all_shows=True)


# What the pages send


async def handle_make(request: Request) -> Response:
    """`POST /new`: begins the draft of a show, whose id must be right and new."""
    came = await sent_to_house(request, Typed)
    if isinstance(came, Problem):
        return came.response()
    key, typed = came
    store, show = services_of(request).store, _id_of(typed.document)
    if show is None:
        return Problem(400, "bad_show_id", i18n.say("en", "rule.slug")).response()
    body = msgspec.json.encode(Typed(typed.document))
    if show in await names_taken(store) or await store.house.put(DRAFT, show, body, NEW) is None:
        return Problem(409, "known_show", f"there is a show or a draft {show} already").response()
    log.info("draft begun", show=show, by=key.holder)
    return json_answer({"url": f"/shows/{show}/plan"}, 201)


async def names_taken(store: Store) -> set[str]:
    """What no new show may be called: as a show or a draft, or as one that is gone and whose lesson is kept."""
    others = [name for kind in (DRAFT, LESSON) async for name, _ in store.house.documents(kind)]
    return {*await store.shows(), *others}


async def handle_draft(request: Request) -> Response:
    """`PUT /shows/{show}/plan/draft`: keeps what was typed and answers what it comes to; 412 where somebody else has
    typed since."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return plan.response()
    edit = await read_sent(request, Edit)
    if isinstance(edit, Problem):
        return edit.response()
    services, show = services_of(request), request.path_params["show"]
    _keep_id(edit.document, show)
    if edit.base != digest_of(plan.now):
        return _stale(plan).response()
    typed = msgspec.json.encode(Typed(edit.document, edit.base))
    version = await _keep(services.store.house, show, typed, edit.version)
    if version is None:
        return _stale(plan).response()
    dossiers = await _dossiers_of(services, edit.document)
    told = await asyncio.to_thread(preview, locale_of(request), edit.document, dossiers)
    return json_answer({"version": version, "preview": told})


async def _keep(house: House, show: str, typed: bytes, version: int) -> int | None:
    """Writes the draft: its new version, or None where somebody else was faster. What is sent again has been kept
    already: a page that was loaded anew cannot know whether its last words arrived."""
    written = await house.put(DRAFT, show, typed, version)
    if written is not None:
        return written
    kept = await house.get(DRAFT, show)
    return kept.version if kept and kept.body == typed else None


async def handle_discard(request: Request) -> Response:
    """`DELETE /shows/{show}/plan/draft`: forgets what was typed."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return plan.response()
    if not await services_of(request).store.house.remove(DRAFT, request.path_params["show"], plan.version):
        return _stale(plan).response()
    return json_answer({"url": f"/shows/{request.path_params['show']}/plan" if plan.now else "/"})


async def handle_publish(request: Request) -> Response:
    """`POST /shows/{show}/plan`: puts the draft into the show, which comes into being by that if need be."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return plan.response()
    wish = await read_sent(request, Wish)
    if isinstance(wish, Problem):
        return wish.response()
    problem = await _publish(services_of(request), request, plan, wish)
    return problem.response() if problem else json_answer({"url": f"/shows/{request.path_params['show']}/plan"})


async def _publish(services: Services, request: Request, plan: Plan, wish: Wish) -> Problem | None:
    """Puts the plan into the show, or says why not."""
    show = request.path_params["show"]
    if wish.version != plan.version or plan.typed.base != digest_of(plan.now):
        return _stale(plan)
    rundown = rundown_of(plan, show)
    if isinstance(rundown, Problem):
        return rundown
    locale = locale_of(request, rundown.locale)
    uncleared = await uncleared_items(services.store.house, rundown, (item.sku for item in rundown.items))
    if uncleared:
        told = "; ".join(f"{sku}: {i18n.lacking_words(locale, lacks)}" for sku, lacks in uncleared.items())
        return Problem(409, "papers_missing", told, {"lacks": msgspec.to_builtins(uncleared)})
    try:
        await services.store.put_show(rundown, services.clock.now_ms())
    except CannotChange as error:
        reasons = [i18n.say(locale, f"unchangeable.{reason.code}", **reason.figures) for reason in error.reasons]
        return Problem(409, "cannot_change", " ".join(reasons))
    await services.store.house.remove(DRAFT, show, plan.version)
    log.info("show loaded", show=show, items=len(rundown.items))
    return None


def rundown_of(plan: Plan, show: str) -> Rundown | Problem:
    """The show that the plan describes, where nothing is wrong with it."""
    rundown = judge(plan.typed.document).rundown
    if rundown is None or rundown.id != show:
        return Problem(409, "plan_has_mistakes", "the plan has mistakes; they stand at their fields")
    return rundown


def _stale(plan: Plan) -> Problem:
    """Somebody else was faster; with the version and base to go on from, if that is what the person wants."""
    detail = "somebody else has changed this plan meanwhile; look at theirs, or keep yours"
    return Problem(412, "stale_plan", detail, {"version": plan.version, "base": digest_of(plan.now)})


# Files


async def handle_new_read(request: Request) -> Response:
    """`POST /new/read`: a show file as a document."""
    key = await admit_to_house(request)
    return key.response() if isinstance(key, Problem) else await _read_file(request)


async def handle_read(request: Request) -> Response:
    """`POST /shows/{show}/plan/read`: the same, for a show that is there."""
    plan = await admit_to_plan(request)
    return plan.response() if isinstance(plan, Problem) else await _read_file(request)


async def _read_file(request: Request) -> Response:
    body = await read_body(request, FILE_BYTES)
    if isinstance(body, Problem):
        return body.response()
    draft = await asyncio.to_thread(showfile.draft_of, body)
    if isinstance(draft, showfile.Problem):
        return Problem(400, "unreadable_file", str(draft)).response()
    locale = locale_of(request)
    notes = [f"{problem.place} · {i18n.say(locale, problem.words)}" for problem in draft.problems]
    return json_answer({"document": as_json(with_plain_roles(draft.data)), "notes": notes})


async def handle_file(request: Request) -> Response:
    """`/shows/{show}/plan/file.toml` and `.xlsx`: the plan as it stands on the page, if it is right."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return unwelcome(request, plan)
    show, form = request.path_params["show"], request.path_params["form"]
    rundown = rundown_of(plan, show)
    if isinstance(rundown, Problem):
        return _mistakes_page(request, rundown, plan)
    if form == "toml":
        return download(to_toml(rundown).encode(), f"{show}.toml", "application/toml")
    book = await asyncio.to_thread(to_workbook, rundown, locale_of(request, rundown.locale))
    return download(book, f"{show}.xlsx", XLSX)


def _mistakes_page(request: Request, problem: Problem, plan: Plan) -> Response:
    """What to put right before the plan is a file, and the way to where that is done."""
    locale = locale_of(request)
    faults = judge(plan.typed.document).faults
    mistakes = [f"{field_name(fault.path, locale)}: {fault_words(locale, fault)}" for fault in faults]
    way = f"/shows/{request.path_params['show']}/plan"
    return page(request, "error", problem.status, title=problem.code, mistakes=mistakes, way=way)


async def handle_template(request: Request) -> Response:
    """`/new/template.xlsx`: an empty workbook in the reader's language."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    return download(template(locale_of(request)), "template.xlsx", XLSX)


# What they share


def _id_of(document: dict[str, Any]) -> str | None:
    """The show's id, where it is one."""
    wrong = {fault.path for fault in judge(document).faults}
    return None if {("show", "id"), ("show",)} & wrong else document["show"]["id"]


def _keep_id(document: dict[str, Any], show: str) -> None:
    """A file of another show may be read into this one; it stays this one."""
    if isinstance(document.get("show"), dict):
        document["show"]["id"] = show
