"""Pages for people: the shows, each show's screens, and what is said to who may not see them."""

import contextlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cueroom import i18n
from cueroom.edge.doors import PRODUCERS, admit, admit_to_house
from cueroom.edge.locales import COOKIE, locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.errors import UnknownShow
from cueroom.live.moments import Moment, read_moment
from cueroom.live.presence import new_screen_id
from cueroom.live.screens import moment_context, screen_context
from cueroom.people.charts import charts_of
from cueroom.show.access import ROLE_OF, KeyRecord, Role, authorise, credentials_of
from cueroom.show.rundown import strange_host
from cueroom.storage.house import DRAFT
from cueroom.views.render import render_page

YEAR_S = 365 * 24 * 3600
REASONS: Mapping[int, str] = {HTTPStatus.UNAUTHORIZED: "missing", HTTPStatus.FORBIDDEN: "forbidden"}
"""Why somebody is asked for a key, by the status they get (`join.REASON` of the catalogues)."""
JOINED = "joined"
"""Marks the first visit after a link, so that a browser that kept its cookie back is sent round once more."""


async def handle_shows(request: Request) -> Response:
    """`/`: the shows this browser has a producer's key for."""
    services = services_of(request)
    house = await admit_to_house(request)
    shows = await services.store.shows()
    moments = await _moments(request, shows)
    kept = [(show, draft.body) async for show, draft in services.store.house.documents(DRAFT)]
    if not moments and isinstance(house, Problem):
        return unwelcome(request, house)
    states, all_shows = [moment.state for moment in moments], isinstance(house, KeyRecord)
    drafts = sorted((show, _title(body)) for show, body in kept if show not in shows) if all_shows else []
    return page(request, "shows", shows=states, drafts=drafts, all_shows=all_shows)


def _title(draft: bytes) -> str:
    """What a draft says its show is called, however much of it is still wrong."""
    show = msgspec.json.decode(draft)["document"].get("show")
    title = show.get("title") if isinstance(show, dict) else None
    return title if isinstance(title, str) else ""


async def _moments(request: Request, shows: list[str]) -> list[Moment]:
    """Those of the shows that this browser has a producer's key for, now."""
    services, moments = services_of(request), []
    for show in shows:
        if await producer_key(request, services, show):
            with contextlib.suppress(UnknownShow):  # it ended so long ago that it is not kept any more
                moments.append(await read_moment(services, show))
    return moments


async def handle_policy(request: Request) -> Response:
    """`/shows/{show}/policy`."""
    return await _screen(request, "policy")


async def handle_links(request: Request) -> Response:
    """`/shows/{show}/links`."""
    return await _screen(request, "links")


async def handle_options(request: Request) -> Response:
    """`/shows/{show}/options`."""
    return await _screen(request, "options")


async def handle_console(request: Request) -> Response:
    """`/shows/{show}/console`."""
    return await _screen(request, "console")


async def handle_prompter(request: Request) -> Response:
    """`/shows/{show}/prompter`."""
    return await _screen(request, "prompter")


async def handle_overlay(request: Request) -> Response:
    """`/shows/{show}/overlay`."""
    return await _screen(request, "overlay")


async def _screen(request: Request, screen: str) -> Response:
    services, show = services_of(request), request.path_params["show"]
    key = await admit(request, show, frozenset({ROLE_OF.get(screen, Role.PRODUCER)}))
    if isinstance(key, Problem):
        return unwelcome(request, key)
    moment = await read_moment(services, show)
    charts = await charts_of(services, show) if screen == "console" else {}
    context = screen_context(request, screen, key) | moment_context(moment)
    hosts = moment.snapshot.rundown.host_ids
    if context.get("host") not in (None, *hosts):
        return error_page(request, Problem(404, "unknown_host", strange_host(context["host"], hosts)))
    context |= {**charts, "screen_id": new_screen_id()}
    return page(request, screen, default=moment.snapshot.rundown.locale, **context)


def unwelcome(request: Request, problem: Problem) -> Response:
    """Somebody without the right key. A browser that came from another site keeps its strict cookie back on the
    first request after the link; asked again from our own page it sends it."""
    if problem.status == HTTPStatus.UNAUTHORIZED and JOINED in request.query_params:
        again = request.url.remove_query_params(JOINED)
        html = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={_local(again)}">'
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})
    reason = REASONS.get(problem.status)
    return page(request, "join", problem.status, reason=reason) if reason else error_page(request, problem)


def _local(url: URL) -> str:
    """Path and query, with nothing in them that could end an HTML attribute."""
    query = f"?{url.query}" if url.query else ""
    return f"{url.path}{query}".replace("&", "&amp;").replace('"', "%22").replace("<", "%3C")


async def producer_key(request: Request, services: Services, show: str) -> KeyRecord | None:
    """The producer's key to that show which this browser holds, if it does. Raises StoreUnavailable."""
    credentials = credentials_of(show, request.headers.get("authorization"), request.cookies)
    return (await authorise(services.store.get_key, show, credentials, PRODUCERS, services.clock.now_ms())).key


# Pages


def error_page(request: Request, problem: Problem) -> Response:
    """A problem in words, for a person."""
    return page(request, "error", problem.status, title=problem.code, detail=problem.detail)


def page(request: Request, screen: str, status: int = 200, default: str = i18n.LOCALES[0], **context: Any) -> Response:
    """A page in the reader's language, else in `default`; it gets the context that `cueroom.views` tells of."""
    locale = locale_of(request, default)
    if screen == "error":
        context["status"] = status
    response = HTMLResponse(render_page(screen, locale, **context), status, headers={"Cache-Control": "no-store"})
    if request.query_params.get("lang") in i18n.LOCALES:
        response.set_cookie(COOKIE, request.query_params["lang"], max_age=YEAR_S, samesite="lax", httponly=True)
    return response
