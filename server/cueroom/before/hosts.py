"""Hosts: the pages of their profiles, and what those send."""

import secrets

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from cueroom.assortment.candidates import Profile
from cueroom.assortment.forms import Faults, read_profile, typed_profile
from cueroom.before.sending import sent_to_house
from cueroom.edge.answers import json_answer
from cueroom.edge.doors import admit_to_house
from cueroom.edge.locales import locale_of
from cueroom.edge.problems import Problem
from cueroom.edge.services import services_of
from cueroom.people.pages import error_page, page, unwelcome
from cueroom.storage.house import NEW, House
from cueroom.views.assortment import wrong_words
from cueroom.views.planning import CURRENCIES, USUAL_CURRENCIES

PROFILE = "profile"
"""Kind of document."""
NOBODY = "new"
"""In the address, the profile that is not there yet."""

log = structlog.get_logger()


class Sent(msgspec.Struct):
    """What was typed, and the version of the profile it was typed over."""

    typed: dict[str, str]
    version: int = NEW


async def profiles_of(house: House) -> list[tuple[str, Profile]]:
    """Every host with the profile's id, by name. Raises StoreUnavailable."""
    found = {profile_id: kept.body async for profile_id, kept in house.documents(PROFILE)}
    profiles = [(profile_id, msgspec.json.decode(body, type=Profile)) for profile_id, body in found.items()]
    return sorted(profiles, key=lambda each: (each[1].name, each[0]))


async def profile_of(house: House, profile_id: str) -> tuple[int, Profile] | None:
    """That profile and its version. Raises StoreUnavailable."""
    kept = await house.get(PROFILE, profile_id)
    return (kept.version, msgspec.json.decode(kept.body, type=Profile)) if kept else None


async def handle_hosts(request: Request) -> Response:
    """`/hosts`."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    profiles = await profiles_of(services_of(request).store.house)
    return page(request, "hosts", all_shows=True, profiles=profiles)


async def handle_host(request: Request) -> Response:
    """`/hosts/{profile}`: the form of one; `/hosts/new`: of the next."""
    key = await admit_to_house(request)
    if isinstance(key, Problem):
        return unwelcome(request, key)
    profile_id = request.path_params["profile"]
    version, typed = NEW, {"currency": USUAL_CURRENCIES[locale_of(request)]}
    if profile_id != NOBODY:
        kept = await profile_of(services_of(request).store.house, profile_id)
        if kept is None:
            return error_page(request, unknown_profile())
        version, typed = kept[0], typed_profile(kept[1])
    context = {"profile_id": profile_id, "version": version, "typed": typed, "currencies": CURRENCIES}
    return page(request, "host", all_shows=True, **context)


async def handle_put(request: Request) -> Response:
    """`PUT /hosts/{profile}`: keeps what was typed; 422 with every mistake by its field, 412 where somebody else was
    faster."""
    came = await sent_to_house(request, Sent)
    if isinstance(came, Problem):
        return came.response()
    key, sent = came
    profile = read_profile(sent.typed)
    if not isinstance(profile, Profile):
        return faults_response(request, profile)
    told = request.path_params["profile"]
    profile_id = secrets.token_hex(6) if told == NOBODY else told
    house = services_of(request).store.house
    if await house.put(PROFILE, profile_id, msgspec.json.encode(profile), sent.version) is None:
        return _stale().response()
    log.info("profile kept", profile=profile_id, by=key.holder)
    return _lead_to("/hosts")


async def handle_delete(request: Request) -> Response:
    """`DELETE /hosts/{profile}`: forgets the profile of the version that was seen."""
    came = await sent_to_house(request, Sent)
    if isinstance(came, Problem):
        return came.response()
    _, sent = came
    if not await services_of(request).store.house.remove(PROFILE, request.path_params["profile"], sent.version):
        return _stale().response()
    return _lead_to("/hosts")


def faults_response(request: Request, faults: Faults) -> Response:
    """Every mistake in words, by its field."""
    locale = locale_of(request)
    words = {at: wrong_words(locale, wrong) for at, wrong in faults.items()}
    return Problem(422, "mistakes", "some fields have mistakes", {"faults": words}).response()


def unknown_profile() -> Problem:
    """There is none of that id, or not any more."""
    return Problem(404, "unknown_profile", "there is no such host; perhaps somebody has deleted the profile")


def _stale() -> Problem:
    return Problem(412, "stale_profile", "somebody else has changed this profile meanwhile; load the page again")


def _lead_to(url: str) -> Response:
    return json_answer({"url": url})
