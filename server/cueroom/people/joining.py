"""Joining: the way in by a link."""

from urllib.parse import urlencode, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cueroom.edge.doors import SCREENS
from cueroom.edge.services import Services, services_of
from cueroom.people.pages import JOINED, page
from cueroom.show.access import HOUSE, ROLE_OF, KeyRecord, authorise, cookie_name, read_key, read_token

HOME_OF = {role: screen for screen, role in ROLE_OF.items()}
"""The screen a link leads to; `?to=` may name another of them."""

log = structlog.get_logger()


async def handle_join(request: Request) -> Response:
    """`/join/{token}`: the key becomes a cookie that scripts cannot read, and the way leads on to the screen."""
    services = services_of(request)
    read = read_token(request.path_params["token"])
    key = await _key_in_link(services, *read) if read else None
    if read is None or key is None:
        return page(request, "join", 401, reason="invalid")
    show, plain = read
    options = urlencode([*((k, v) for k, v in request.query_params.multi_items() if k != "to"), (JOINED, "1")])
    response = RedirectResponse(f"{_home(request, show, key)}?{options}", 303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        cookie_name(show, key.role),
        plain,
        max_age=max(1, int(services.clock.real_s(key.expires_at - services.clock.now_ms()))),
        httponly=True,
        samesite="strict",
        secure="https" in (request.url.scheme, urlsplit(services.settings.public_url).scheme),
    )
    log.info("joined", show=show, role=key.role.value, key=key.id)
    return response


def _home(request: Request, show: str, key: KeyRecord) -> str:
    """Where a link leads."""
    if show == HOUSE:
        return "/"
    wanted = request.query_params.get("to", "")
    return f"/shows/{show}/{wanted if wanted in ROLE_OF else HOME_OF[key.role]}"


async def _key_in_link(services: Services, show: str, plain: str) -> KeyRecord | None:
    credential = read_key(plain)
    if credential is None:
        return None
    now = services.clock.now_ms()
    return (await authorise(services.store.get_key, show, (credential,), SCREENS, now)).key
