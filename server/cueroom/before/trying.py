"""Trying a plan out: a copy of the show goes on air at once, for a made-up audience, through the server's own doors."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from cueroom.before.planning import admit_to_plan, rundown_of
from cueroom.demo.shape import Order, start_feed
from cueroom.edge.answers import json_answer
from cueroom.edge.doors import admit_to_house
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.settings import http_url
from cueroom.show.access import KeyRecord, Role, new_key
from cueroom.show.rundown import Rundown
from cueroom.show.state import MINUTE_MS
from cueroom.showfile.fields import LONGEST_ID
from cueroom.storage.store import Store

LEAD_S = 2
"""Real time until the copy is on air."""
SPARE_MS = 6 * 3_600_000
"""How much longer than the show the keys of its feed last: payments and refunds come late."""

log = structlog.get_logger()


class Trying:
    """`POST /shows/{show}/plan/try`: the feeds of the copies that were begun in this process; each ends with its show,
    or with the process."""

    def __init__(self) -> None:
        self._feeds: set[asyncio.Task[Any]] = set()

    async def handle(self, request: Request) -> Response:
        """Begins a copy and answers where its console is. The copy is a show of its own, so it takes a key to all."""
        plan = await admit_to_plan(request)
        if isinstance(plan, Problem):
            return plan.response()
        key = await admit_to_house(request)
        if isinstance(key, Problem):
            return key.response()
        rundown = rundown_of(plan, request.path_params["show"])
        if isinstance(rundown, Problem):
            return rundown.response()
        copy = await self._begin(services_of(request), rundown, key)
        return json_answer({"url": f"/shows/{copy.id}/console"}, 201)

    async def _begin(self, services: Services, rundown: Rundown, key: KeyRecord) -> Rundown:
        now = services.clock.now_ms()
        copy = copy_of(rundown, now + round(1000 * LEAD_S * services.clock.speed))
        await services.store.put_show(copy, now)
        lasting_ms = round(MINUTE_MS * copy.duration_min) + SPARE_MS
        order = Order(
            url=http_url(services.settings.host, services.settings.port),
            show=copy.id,
            ingest_key=await _kept(services.store, copy.id, new_key(Role.INGEST, lasting_ms, now)),
            producer_key=await _kept(services.store, copy.id, new_key(Role.PRODUCER, lasting_ms, now)),
            starts_at=copy.starts_at,
            clock=services.clock,
            autopilot=True,
            rundown=copy,
        )
        feed = asyncio.create_task((await start_feed(order, asyncio.subprocess.DEVNULL)).wait())
        self._feeds.add(feed)
        feed.add_done_callback(self._feeds.discard)
        log.info("plan tried", show=rundown.id, copy=copy.id, by=key.holder)
        return copy


def copy_of(rundown: Rundown, starts_at: int) -> Rundown:
    """The show under an id and a start of its own. It sells nothing, so it needs no papers."""
    start = datetime.fromtimestamp(starts_at / 1000, rundown.zone)
    ending = f"-try-{start:%m%d-%H%M%S}"
    copy_id = rundown.id[: LONGEST_ID - len(ending)] + ending
    return msgspec.structs.replace(rundown, id=copy_id, starts_at=starts_at, papers=False)


async def _kept(store: Store, show: str, key: tuple[KeyRecord, str]) -> str:
    """Keeps a new key; the plain one to use."""
    record, plain = key
    await store.put_key(show, record)
    return plain
