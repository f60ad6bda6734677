"""Moments: the show at one instant, read once and handed to every screen."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from cueroom.edge.services import Services
from cueroom.errors import StoreUnavailable
from cueroom.pacing.plan import plan_line
from cueroom.pacing.policy import policy_of
from cueroom.show.board import Phase
from cueroom.show.papers import Lack
from cueroom.show.state import Outlook, Snapshot, State, describe
from cueroom.storage.dossiers import uncleared_items

T = TypeVar("T")


class Moment:
    """The show at one instant, described once and framed once a kind, however many screens show it. `before` is the
    moment that was handed out before it, where a frame may be told as the changes since then; `uncleared` is what the
    items to come lack of their papers."""

    def __init__(self, snapshot: Snapshot, outlook: Outlook, uncleared: Mapping[str, tuple[Lack, ...]]) -> None:
        self.snapshot = snapshot
        self.outlook = outlook
        self.uncleared = uncleared
        self.before: Moment | None = None
        self._made: dict[str, Any] = {}

    @cached_property
    def state(self) -> State:
        return describe(self.snapshot, self.outlook)

    def once(self, name: str, make: Callable[["Moment"], T]) -> T:
        """What all screens of a kind need of this moment, made for the first that asks."""
        if name not in self._made:
            self._made[name] = make(self)
        made: T = self._made[name]
        return made


async def read_moment(services: Services, show: str) -> Moment:
    """The show now. Raises StoreUnavailable, UnknownShow."""
    snapshot, saved = await services.store.read(show, services.clock.now_ms())
    plan = plan_line(snapshot, None, policy_of(snapshot.board.governed(snapshot.rundown)).plan_on_s)
    outlook = saved.outlook or Outlook(plan=plan)
    if snapshot.board.phase is not Phase.ENDED:
        # The forecast is the engine's; where the show stands is arithmetic on this very moment.
        plan = msgspec.structs.replace(
            plan,
            forecast=outlook.plan.forecast,
            forecast_low=outlook.plan.forecast_low,
            forecast_high=outlook.plan.forecast_high,
        )
    uncleared = await _uncleared(services, snapshot)
    return Moment(snapshot, msgspec.structs.replace(outlook, plan=plan), uncleared)


async def _uncleared(services: Services, snapshot: Snapshot) -> dict[str, tuple[Lack, ...]]:
    """What the items to come lack, where the show requires papers."""
    try:
        return await uncleared_items(services.store.house, snapshot.rundown, snapshot.board.to_come)
    except StoreUnavailable:  # the house is at home elsewhere; nothing is known of papers, and the show goes on
        return {}
