"""Assorting: the page on which a show is put together from the pool, and the proposals it asks for."""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cueroom.assortment.candidates import Profile
from cueroom.assortment.forms import Asked, read_asked
from cueroom.assortment.proposal import propose
from cueroom.assortment.scoring import Past, score_pool
from cueroom.assortment.worths import Worths
from cueroom.before.history import past_in
from cueroom.before.hosts import faults_response, profile_of, profiles_of, unknown_profile
from cueroom.before.sending import sent_to_house
from cueroom.edge.doors import admit_to_house
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.people.pages import page, unwelcome
from cueroom.show.rundown import Role
from cueroom.storage.pools import Pool, Pools, pool_index

WORTHS_KEPT = 2
"""Pools' worths a process remembers: those of the hosts that are worked on."""


class Sent(msgspec.Struct):
    """What was asked: the form, what is in the show anyhow (in a role of its own if named), and what is not."""

    typed: dict[str, str]
    pins: dict[str, Role | None] = {}
    bans: frozenset[str] = frozenset()


class Basis(msgspec.Struct, frozen=True):
    """What a proposal is made from."""

    profile: Profile
    past: Past
    worths: Worths


class Assorting:
    """`/assortment` and what it sends. What a pool is worth to a host is computed once and asked by every wish."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._worths: dict[tuple[int, int], tuple[Past, Worths]] = {}
        self._computing = asyncio.Lock()

    async def handle_page(self, request: Request) -> Response:
        """`/assortment`."""
        key = await admit_to_house(request)
        if isinstance(key, Problem):
            return unwelcome(request, key)
        house = services_of(request).store.house
        _, index = await pool_index(house)
        return page(request, "assortment", all_shows=True, index=index, profiles=await profiles_of(house))

    async def handle_propose(self, request: Request) -> Response:
        """`POST /assortment`: the best show there is under the wish, as a piece of the page; 422 with every mistake of
        the form by its field."""
        came = await sent_to_house(request, Sent)
        if isinstance(came, Problem):
            return came.response()
        _, sent = came
        services = services_of(request)
        pool = await self._pools.read(services.store.house)
        if pool is None:
            return Problem(409, "no_pool", "there are no products yet; upload a file of them first").response()
        asked = read_asked(sent.typed, pool.index.currency, sent.pins, sent.bans)
        if not isinstance(asked, Asked):
            return faults_response(request, asked)
        basis = await self._basis(services, pool, asked)
        if isinstance(basis, Problem):
            return basis.response()
        answer = await asyncio.to_thread(propose, basis.worths, asked.wish)
        return page(
            request,
            "proposal",
            answer=answer,
            asked=asked,
            past=basis.past,
            currency=pool.index.currency,
            start=basis.profile.best_start(asked.wish.length_min),
        )

    async def _basis(self, services: Services, pool: Pool, asked: Asked) -> Basis | Problem:
        """Raises StoreUnavailable."""
        kept = await profile_of(services.store.house, asked.profile)
        if kept is None:
            return unknown_profile()
        version, profile = kept
        if profile.currency != pool.index.currency:
            return Problem(409, "other_currency", "the prices of the products and the host's are in two currencies")
        usual_per_min = asked.goal / asked.wish.length_min
        past = await past_in(services.store.house, pool.products, profile, usual_per_min)
        async with self._computing:
            return Basis(profile, past, await self._worths_of(pool, version, profile, past))

    async def _worths_of(self, pool: Pool, version: int, profile: Profile, past: Past) -> Worths:
        """What the pool is worth to that version of a profile; computed again where there is more history by now."""
        known = self._worths.pop((pool.version, version), None)
        if known is None or known[0] != past:
            known = past, await asyncio.to_thread(worths_of, pool, profile, past)
        self._worths[pool.version, version] = known
        while len(self._worths) > WORTHS_KEPT:
            self._worths.pop(next(iter(self._worths)))
        return known[1]


def worths_of(pool: Pool, profile: Profile, past: Past) -> Worths:
    """What every product that can be sold is worth to the host, computed to the end."""
    worths = Worths(score_pool((product for product in pool.products if product.sellable), profile, past))
    _ = worths.worth
    return worths
