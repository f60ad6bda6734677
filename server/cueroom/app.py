"""The app: the one place where everything is put together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from cueroom.before import clearing, hosts, planning, products
from cueroom.before.assorting import Assorting
from cueroom.before.learning import handle_lessons, handle_next, handle_plan_lessons
from cueroom.before.products import Products
from cueroom.before.rehearsing import Rehearsing
from cueroom.before.trying import Trying
from cueroom.director import Directors
from cueroom.edge import probes
from cueroom.edge.answers import json_answer
from cueroom.edge.documents import handle_asyncapi, handle_openapi
from cueroom.edge.doors import READERS, admit, refuse
from cueroom.edge.problems import Problem, problem_of
from cueroom.edge.services import make_services, services_of
from cueroom.errors import CueroomError
from cueroom.intake.ingest import handle_ingest
from cueroom.intake.posting import Posting
from cueroom.live import screens
from cueroom.live.hub import Hub
from cueroom.live.moments import read_moment
from cueroom.people import pages
from cueroom.people.commanding import handle_command
from cueroom.people.debrief import handle_recap, handle_workbook
from cueroom.people.joining import handle_join
from cueroom.people.links import handle_links
from cueroom.people.receipts import handle_shown
from cueroom.settings import Settings
from cueroom.storage.pools import Pools
from cueroom.views.render import read_ahead
from cueroom.waiting import set_within
from cueroom.web_files import asset_query, web_dir

SECURITY_HEADERS = [
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]


class Assets(StaticFiles):
    """Static files: kept for ever under the address that names their content, else asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = scope["query_string"].decode("latin-1") == asset_query(path)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response


class Secured:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        await self._app(scope, receive, send_secured)


def create_app(settings: Settings) -> Starlette:
    """The whole server on one Redis (`settings.redis`); `app.state.drain(deadline_s)` ends it in good order."""
    read_ahead()
    services = make_services(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await services.store.open()
        tasks = [asyncio.create_task(Directors(services).run()), asyncio.create_task(services.burden.watch())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await services.store.close()

    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Secured), Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)],
        exception_handlers={HTTPException: _http_problem, CueroomError: _cueroom_problem},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # ours names no host
    app.state.services = services
    app.state.burden = services.burden
    app.state.hub = Hub(services)

    async def drain(deadline_s: float) -> None:
        """Stops taking work: sockets flush, acknowledge and close; waits for that up to the deadline."""
        services.draining.set()
        app.state.hub.drain()
        await set_within(services.idle, deadline_s)

    app.state.drain = drain
    return app


def _routes() -> list[Route | WebSocketRoute | Mount]:
    show, screen = "/v1/shows/{show}", "/shows/{show}"
    pools = Pools()
    pool, assorting = Products(pools), Assorting(pools)
    return [
        WebSocketRoute(f"{show}/ingest", handle_ingest),
        WebSocketRoute(f"{show}/feed", screens.handle_feed),
        Route(f"{show}/events", Posting().handle, methods=["POST"]),
        Route(f"{show}/commands", handle_command, methods=["POST"]),
        Route(show, handle_state),
        Route("/", pages.handle_shows),
        Route("/join/{token}", handle_join),
        Route("/new", planning.handle_new),
        Route("/new", planning.handle_make, methods=["POST"]),
        Route("/new/read", planning.handle_new_read, methods=["POST"]),
        Route("/new/template.xlsx", planning.handle_template),
        Route("/products", pool.handle_page),
        Route("/products", pool.handle_upload, methods=["POST"]),
        Route("/products/template.xlsx", products.handle_template),
        Route("/hosts", hosts.handle_hosts),
        Route("/hosts/{profile}", hosts.handle_host),
        Route("/hosts/{profile}", hosts.handle_put, methods=["PUT"]),
        Route("/hosts/{profile}", hosts.handle_delete, methods=["DELETE"]),
        Route("/assortment", assorting.handle_page),
        Route("/assortment", assorting.handle_propose, methods=["POST"]),
        Route("/papers", clearing.handle_products),
        Route("/papers/{sku:path}", clearing.handle_product),
        Route("/papers/{sku:path}", clearing.handle_deed, methods=["POST"]),
        Route("/paper-files", clearing.handle_file, methods=["POST"]),
        Route("/paper-files/{digest}", clearing.handle_download),
        Route(f"{screen}/plan", planning.handle_plan),
        Route(f"{screen}/plan", planning.handle_publish, methods=["POST"]),
        Route(f"{screen}/plan/draft", planning.handle_draft, methods=["PUT"]),
        Route(f"{screen}/plan/draft", planning.handle_discard, methods=["DELETE"]),
        Route(f"{screen}/plan/read", planning.handle_read, methods=["POST"]),
        Route("/lessons", handle_lessons),
        Route(f"{screen}/plan/lessons", handle_plan_lessons),
        Route(f"{screen}/next", handle_next, methods=["POST"]),
        Route(f"{screen}/plan/try", Trying().handle, methods=["POST"]),
        Route(f"{screen}/plan/rehearsal", Rehearsing().handle, methods=["POST"]),
        Route(f"{screen}/plan/file.{{form}}", planning.handle_file),
        Route(f"{screen}/policy", pages.handle_policy),
        Route(f"{screen}/options", pages.handle_options),
        Route(f"{screen}/recap", handle_recap),
        Route(f"{screen}/recap.xlsx", handle_workbook),
        Route(f"{screen}/console", pages.handle_console),
        Route(f"{screen}/prompter", pages.handle_prompter),
        Route(f"{screen}/overlay", pages.handle_overlay),
        WebSocketRoute(f"{screen}/console/live", screens.handle_console),
        WebSocketRoute(f"{screen}/prompter/live", screens.handle_prompter),
        WebSocketRoute(f"{screen}/overlay/live", screens.handle_overlay),
        Route(f"{screen}/cues/{{cue}}/shown", handle_shown, methods=["POST"]),
        Route(f"{screen}/links", pages.handle_links),
        Route(f"{screen}/links", handle_links, methods=["POST"]),
        Route("/healthz", probes.handle_health),
        Route("/readyz", probes.handle_ready),
        Route("/metrics", probes.handle_metrics),
        Route("/openapi.json", handle_openapi),
        Route("/asyncapi.json", handle_asyncapi),
        Route(f"{show}/ingest", handle_no_upgrade),
        Route(f"{show}/feed", handle_no_upgrade),
        WebSocketRoute("/{path:path}", handle_unknown_socket),
        Mount("/static", Assets(directory=web_dir() / "static")),
    ]


async def handle_state(request: Request) -> Response:
    """`GET /v1/shows/{show}`: the whole state."""
    show = request.path_params["show"]
    key = await admit(request, show, READERS)
    if isinstance(key, Problem):
        return key.response()
    moment = await read_moment(services_of(request), show)
    return json_answer(moment.state)


async def handle_no_upgrade(request: Request) -> Response:
    """A socket's address asked for without an upgrade."""
    response = Problem(426, "upgrade_required", f"{request.url.path} is a WebSocket; connect with ws://").response()
    response.headers["Upgrade"] = "websocket"
    return response


async def handle_unknown_socket(socket: WebSocket) -> None:
    """A socket to an address that is none."""
    await refuse(socket, Problem(404, "no_such_address", f"{socket.url.path} is not an address of Cueroom"))


async def _http_problem(request: Request, error: Exception) -> Response:
    """An address or method that is none of ours: in words for people, as a problem document for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.NOT_FOUND and request.url.path.endswith("/"):
        return _without_slash(request)
    problem = Problem(status, "no_such_address", f"{request.url.path} is not an address of Cueroom")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem = Problem(status, "wrong_method", f"{request.url.path} does not take {request.method}")
    response = pages.error_page(request, problem) if wants_html(request) else problem.response()
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _without_slash(request: Request) -> Response:
    """Leads to the same address without the slash at its end, on the same host by the same scheme: those that a request
    names are a proxy's or anybody's, and the link of a person must not go over plain http."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=307, headers={"Location": quote("/" + request.scope["path"].strip("/")) + query})


async def _cueroom_problem(request: Request, error: Exception) -> Response:
    """What could not be done for whoever asked, wherever that was."""
    problem = problem_of(error)
    return pages.error_page(request, problem) if wants_html(request) else problem.response()


def wants_html(request: Request) -> bool:
    """Whether a person's browser asks."""
    return "text/html" in request.headers.get("accept", "")
