"""The count: beside each made-up show a plain one whose events are added up here, too, and must come out the same."""

import asyncio
import json
from random import Random
from typing import Any

import httpx2
import msgspec

from chaos_lab.truth import SKUS, Truth, batch_of
from cueroom.feed import Feed, ingest_url
from cueroom.show.access import Role
from cueroom.waiting import set_within

BATCHES_PER_S = 10
BATCHES_A_LAP = 300
"""After so many batches other orders begin; until then some meet their likes."""


class Count(msgspec.Struct):
    """How many shows were counted, with how many events in all, and what came out wrong, by show."""

    shows: int = 0
    events: int = 0
    wrong: dict[str, list[str]] = {}


async def count_show(
    base: str, show: str, keys: dict[str, str], *, rate: int, enough: asyncio.Event, count: Count
) -> None:
    """Feeds the show on the server at `base` with `rate` events a second until it is enough; then ends it, compares its
    totals with the truth, and adds what came of it to the count."""
    truth, dice, number = Truth(), Random(show), 0  # the same events in every run
    async with Feed(ingest_url(base, show), keys[Role.INGEST], "counted") as feed:
        await feed.send([{"type": "item.presented", "sku": SKUS[0]}])
        while not enough.is_set():
            batch = batch_of(dice, number // BATCHES_A_LAP, max(1, rate // BATCHES_PER_S))
            truth.add(batch)
            await feed.send(batch)
            number += 1
            count.events += len(batch)
            await set_within(enough, 1 / BATCHES_PER_S)
        await feed.send([{"type": "show.ended"}])
    count.shows += 1
    if wrong := truth.wrong_in(await _totals(f"{base}/v1/shows/{show}", keys[Role.VIEWER])):
        count.wrong[show] = wrong


async def _totals(url: str, key: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.get(url, headers={"Authorization": f"Bearer {key}"})
        totals: dict[str, Any] = json.loads(answer.raise_for_status().content)["totals"]
        return totals
