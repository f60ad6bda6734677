"""The debrief: reads a show's record out of the store, and hands its recap out as a page and as a workbook."""

import asyncio
import contextlib
from collections.abc import Iterable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cueroom.edge.answers import XLSX, download
from cueroom.edge.doors import PRODUCERS, admit, admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.errors import UnknownShow
from cueroom.lessons.planned import expected_in
from cueroom.people.pages import error_page, page, producer_key, unwelcome
from cueroom.recap import Recap, Record, Summary, recap_of, summary_of
from cueroom.recap.record import seconds_needed
from cueroom.sheets import book_of, workbook_of
from cueroom.show.access import KeyRecord
from cueroom.show.rundown import Rundown
from cueroom.storage.store import Store
from cueroom.storage.teaching import lessons_of, taught_of

EARLIER_SHOWN = 8
"""A show is compared with so many of those before it."""


async def handle_recap(request: Request) -> Response:
    """`/shows/{show}/recap`."""
    recap = await _recap(request)
    if isinstance(recap, Problem):
        return unwelcome(request, recap)
    show = request.path_params["show"]
    # In a thread: a big show takes a tenth of a second, and the screens of a running one must not wait for it.
    context = {"show_id": show, "recap": recap, **await _taught(request)}
    write = partial(page, request, "recap", default=recap.rundown.locale, **context)
    return await asyncio.to_thread(write)


async def _taught(request: Request) -> dict[str, Any]:
    """What the show taught, if it has ended, and what is expected of its items by now."""
    services, show = services_of(request), request.path_params["show"]
    taught = await taught_of(services.store, show, services.clock.now_ms())
    if taught is None:
        return {}
    lessons = await lessons_of(services.store.house)
    expected = expected_in(await services.store.rundown(show), lessons)
    all_shows = isinstance(await admit_to_house(request), KeyRecord)
    return {"taught": taught, "expected": expected, "all_shows": all_shows}


async def handle_workbook(request: Request) -> Response:
    """`/shows/{show}/recap.xlsx`."""
    recap = await _recap(request)
    if isinstance(recap, Problem):
        return error_page(request, recap)
    locale = locale_of(request, recap.rundown.locale)
    workbook = await asyncio.to_thread(lambda: workbook_of(book_of(recap, locale)))
    return download(workbook, f"{recap.rundown.id}.xlsx", XLSX)


async def _recap(request: Request) -> Recap | Problem:
    """The recap for whoever may see it, beside the earlier shows that they may see as well."""
    services, show = services_of(request), request.path_params["show"]
    key = await admit(request, show, PRODUCERS)
    if isinstance(key, Problem):
        return key
    others = [each for each in await services.store.shows() if await producer_key(request, services, each)]
    return await read_recap(services.store, show, services.clock.now_ms(), others)


async def read_recap(store: Store, show: str, now: int, others: Iterable[str]) -> Recap:
    """The show's recap at `now` (ms), beside those of the other shows that came before it. Raises UnknownShow,
    StoreUnavailable."""
    snapshot, _ = await store.read(show, now)
    record = Record(
        snapshot=snapshot,
        minutes={minute.at: minute.fields for minute in await store.minutes(show)},
        seconds={second: seconds_needed(fields) async for second, fields in store.second_totals(show)},
        entries=[entry async for entry in store.log_entries(show)],
        after_sales=await store.after_sales(show),
        earlier=await _earlier(store, snapshot.rundown, now, others),
    )
    return await asyncio.to_thread(recap_of, record)


async def _earlier(store: Store, rundown: Rundown, now: int, others: Iterable[str]) -> tuple[Summary, ...]:
    """The last shows before this one that were held in its currency."""
    rundowns = []
    for show in others:
        with contextlib.suppress(UnknownShow):  # it ended so long ago that it is not kept any more
            rundowns.append(await store.rundown(show))
    before = [one for one in rundowns if one.currency == rundown.currency and one.starts_at < rundown.starts_at]
    latest = sorted(before, key=lambda one: one.starts_at, reverse=True)[:EARLIER_SHOWN]
    told = [await _summary(store, one.id, now) for one in latest]
    return tuple(summary for summary in told if summary.started_at is not None)


async def _summary(store: Store, show: str, now: int) -> Summary:
    snapshot, _ = await store.read(show, now)
    return summary_of(snapshot, {minute.at: minute.fields for minute in await store.minutes(show)})
