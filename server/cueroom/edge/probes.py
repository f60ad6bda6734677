"""Probes: what monitoring asks of a process: whether it is up, whether it takes traffic, and its figures."""

import asyncio
import contextlib
import random

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cueroom.edge.services import Services, services_of
from cueroom.errors import StoreUnavailable, UnknownShow
from cueroom.show.aftersales import all_parcels

LOOK_S = 0.5
"""How long `/metrics` waits for what only the store knows: it must answer while the store hangs, then most of all."""


async def handle_health(_: Request) -> Response:
    """`/healthz`: the process is up."""
    return PlainTextResponse("ok\n")


async def handle_ready(request: Request) -> Response:
    """`/readyz`: Redis answers and the process is not draining."""
    services = services_of(request)
    if services.draining.is_set():
        return PlainTextResponse("draining\n", 503)
    try:
        await services.store.ping()
    except StoreUnavailable as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse("ready\n")


async def handle_metrics(request: Request) -> Response:
    """`/metrics`: Prometheus text or OpenMetrics, as asked."""
    services = services_of(request)
    with contextlib.suppress(StoreUnavailable, TimeoutError):  # all other figures are this process's own
        async with asyncio.timeout(LOOK_S):
            await _tell_after_sales(services)
    body, content_type = services.metrics.expose(request.headers.get("accept", ""))
    return Response(body, headers={"content-type": content_type})


async def _tell_after_sales(services: Services) -> None:
    """Looks up what every show still owes, which goes on long after its director has nothing to do. In any order: where
    the store is too slow for all of them, each has its turn in one of the next looks."""
    now, shows = services.clock.now_ms(), list(await services.store.shows())
    random.shuffle(shows)
    for show in shows:
        with contextlib.suppress(UnknownShow):  # it ended so long ago that it is not kept any more
            await services.store.rundown(show)
            parcels = all_parcels(await services.store.unshipped(show), now)
            services.metrics.after_sales(show, parcels, await services.store.serving(show))
