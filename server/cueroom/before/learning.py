"""Learning: the page of what was learned, what of it goes into a plan, and the next show made from one before it."""

import re

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cueroom.before.planning import Typed, admit_to_plan, as_json, names_taken
from cueroom.edge.answers import json_answer
from cueroom.edge.doors import PRODUCERS, admit, admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.lessons.planned import expected_in, fields_of, next_show
from cueroom.people.pages import error_page, page, unwelcome
from cueroom.showfile.fields import LONGEST_ID
from cueroom.showfile.rules import judge
from cueroom.storage.house import DRAFT, NEW
from cueroom.storage.teaching import lessons_of
from cueroom.views.lessons import sample_words

_ENDING = re.compile(r"(-try-\d{4}-\d{6})?(-\d{1,2})?$")

log = structlog.get_logger()


async def handle_lessons(request: Request) -> Response:
    """`/lessons`."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    store = services_of(request).store
    return page(request, "lessons", lessons=await lessons_of(store.house), kept=await store.shows(), all_shows=True)


async def handle_plan_lessons(request: Request) -> Response:
    """`/shows/{show}/plan/lessons`: what to expect of the items of the plan as it was typed last, by SKU: the fields of
    a show file, and what they stand on in words."""
    plan = await admit_to_plan(request)
    if isinstance(plan, Problem):
        return plan.response()
    sketched = judge(plan.typed.document).sketch()
    lessons = await lessons_of(services_of(request).store.house)
    expected = expected_in(sketched[0], lessons) if sketched else {}
    locale = locale_of(request)
    told = {
        sku: {"fields": fields_of(each), "sample": sample_words(each.lesson, locale)} for sku, each in expected.items()
    }
    return json_answer({"items": told})


async def handle_next(request: Request) -> Response:
    """`POST /shows/{show}/next`: begins the draft of a show like this one, with what was learned; leads to its plan."""
    services, show = services_of(request), request.path_params["show"]
    for key in (await admit(request, show, PRODUCERS), await admit_to_house(request)):
        if isinstance(key, Problem):
            return unwelcome(request, key)
    new_id = await _begin(services, show)
    if new_id is None:
        return error_page(request, Problem(409, "known_show", "another show or draft got this name meanwhile; again"))
    log.info("next show begun", show=show, draft=new_id)
    return RedirectResponse(f"/shows/{new_id}/plan", 303)


async def _begin(services: Services, show: str) -> str | None:
    """The id of the draft; None where somebody was faster with that name."""
    house = services.store.house
    new_id = next_id(show, await names_taken(services.store))
    rundown = await services.store.rundown(show)
    document = next_show(rundown, await lessons_of(house), new_id, services.clock.now_ms())
    body = msgspec.json.encode(Typed(as_json(document)))
    return new_id if await house.put(DRAFT, new_id, body, NEW) else None


def next_id(show: str, taken: set[str]) -> str:
    """The first free of `launch-2`, `launch-3` … after `launch`, `launch-7` or a copy of them that was tried."""
    stem = _ENDING.sub("", show) or show
    number = 2
    while (name := f"{stem[: LONGEST_ID - 5]}-{number}") in taken:
        number += 1
    return name
