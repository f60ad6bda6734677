"""Links: a producer makes a key for somebody's phone, as a link and as the QR code of it."""

import io
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
import segno
import structlog
from starlette.requests import Request
from starlette.responses import Response

from cueroom.edge.bodies import read_body
from cueroom.edge.doors import PRODUCERS, admit
from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.show.access import COVERS, ROLE_OF, Role, join_token, new_key
from cueroom.show.events import Id
from cueroom.show.rundown import strange_host
from cueroom.show.wire import UNREADABLE

LINK_BYTES = 1_000
HOUR_MS = 3_600_000

log = structlog.get_logger()


class LinkOrder(msgspec.Struct):
    """What the link is to be for: a role, a screen (default: the role's own), a host's prompter, a lifetime."""

    role: Literal["producer", "host", "viewer"]
    to: Literal["console", "prompter", "overlay"] | None = None
    host: Id | None = None
    ttl_h: Annotated[float, msgspec.Meta(gt=0, le=168)] = 12.0


class Link(msgspec.Struct):
    """The link, its QR code as SVG, and when both end (ms)."""

    url: str
    svg: str
    expires_at: int


async def handle_links(request: Request) -> Response:
    """`POST /shows/{show}/links`: a new key as a link; by a producer, and for no longer than that producer's own."""
    services, show = services_of(request), request.path_params["show"]
    key = await admit(request, show, PRODUCERS)
    if isinstance(key, Problem):
        return key.response()
    order = await _read_order(request)
    if isinstance(order, Problem):
        return order.response()
    now = services.clock.now_ms()
    ttl_ms = min(round(order.ttl_h * HOUR_MS), key.expires_at - now)
    record, plain = new_key(Role(order.role), ttl_ms, now)
    if problem := await _unknown_host(request, order):
        return problem.response()
    await services.store.put_key(show, record)
    log.info("link made", show=show, role=order.role, key=record.id, by=key.id)
    base = services.settings.public_url or str(request.base_url)
    options = urlencode({name: value for name, value in (("to", order.to), ("host", order.host)) if value})
    url = f"{base.rstrip('/')}/join/{join_token(show, plain)}{'?' if options else ''}{options}"
    link = Link(url, _code(url), record.expires_at)
    return Response(msgspec.json.encode(link), media_type="application/json", headers={"Cache-Control": "no-store"})


def _code(url: str) -> str:
    """The QR code as an SVG that stands alone."""
    image = io.BytesIO()
    segno.make(url, error="m").save(image, kind="svg", border=2, omitsize=True, light="#fff", xmldecl=False)
    return image.getvalue().decode().strip()


async def _read_order(request: Request) -> LinkOrder | Problem:
    body = await read_body(request, LINK_BYTES)
    if isinstance(body, Problem):
        return body
    try:
        order = msgspec.json.decode(body, type=LinkOrder)
    except UNREADABLE as error:
        return Problem(400, "bad_link", str(error))
    if order.to and ROLE_OF[order.to] not in COVERS[Role(order.role)]:
        return Problem(400, "bad_link", f"the {order.to} needs a key for the role {ROLE_OF[order.to].value}")
    return order


async def _unknown_host(request: Request, order: LinkOrder) -> Problem | None:
    rundown = await services_of(request).store.rundown(request.path_params["show"])
    hosts = rundown.host_ids
    if order.host is None or order.host in hosts:
        return None
    return Problem(404, "unknown_host", strange_host(order.host, hosts))
