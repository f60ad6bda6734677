"""Arbitration: from advice to cues. The only place that knows about attention: urgency, cool-down, patience,
expiry, one cue at a time for the host, and people before rules."""

from collections.abc import Mapping
from itertools import takewhile
from math import ceil

import msgspec

from cueroom.i18n import cue_explain, cue_text
from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.price import left_s, to_play
from cueroom.pacing.view import Advice, Trait
from cueroom.show.cues import CALLS, Audience, Cue, CueState, Kind, Why
from cueroom.show.state import Snapshot

_BY = "engine"
_TEN_MIN_MS, _HOUR_MS, _HOUR_S = 600_000, 3_600_000, 3_600
_FREE = CALLS | {Kind.WRAP}
_OF_THE_MOMENT = frozenset({Kind.BENEFIT, Kind.ENGAGE, Kind.HANDOVER})
"""They come too late once the host's screen has room again."""

_KEPT = 6
"""One place in so many of the host's hour is for calls alone: those that come next cannot wait for another."""

_MOST_TIMES = 3
_PATIENCE = 3.0
_BREATH_MS = 30_000
"""So long the host's screen is free for others before a call that nobody answered comes again, and the producer's
before a batch that nobody released; longer each time."""

_UNHEEDED = frozenset({CueState.DISMISSED, CueState.EXPIRED})
_REST_AFTER = {CueState.DISMISSED: 2.0, CueState.SNOOZED: 1.0, CueState.ACCEPTED: 1.0}
"""A cue people answered rests for its cool-down from then on; a refused one twice as long, or as its trait says."""


class Ruling(msgspec.Struct, frozen=True):
    """The cues issued or moved, and what arbitration must remember."""

    changes: tuple[Cue, ...]
    memory: Memory


def arbitrate(
    snapshot: Snapshot, memory: Memory, policy: Policy, advice: list[Advice], traits: Mapping[Kind, Trait]
) -> Ruling:
    """Which cues open, stay and end at this instant. The board's own expiry times bind people's messages too."""
    now = snapshot.now
    wanted = {each.key: each for each in advice if policy.wants(each.kind)}
    waits = _waits(advice)
    holding = {key: memory.holding.get(key, now) for key, each in wanted.items() if each.ready}
    holding = memory.holding | holding if waits else holding
    told = {key: at for key, at in memory.told.items() if at > now - 2 * _HOUR_MS}
    court = _Court(snapshot, policy, traits, msgspec.structs.replace(memory, told=told))
    court.end_what_is_over(wanted, waits)
    ripe = [each for each in wanted.values() if each.ready and now - holding[each.key] >= 1000 * each.after_s]
    for each in sorted(ripe, key=lambda each: (traits[each.kind].priority, each.key)):
        court.hear(each)
    return Ruling(
        tuple(court.changes.values()),
        msgspec.structs.replace(
            memory, holding=holding, told=court.told, host_at=court.host_at, extra_at=court.extra_at
        ),
    )


def _waits(advice: list[Advice]) -> bool:
    """Whether the data is too old for new advice, though its silence may be chance: what was so counts as so still."""
    return any(each.kind is Kind.BLIND and not each.ready for each in advice)


class _Court:
    """One sitting: the open cues, what was decided so far, and what the host may still bear."""

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Policy,
        traits: Mapping[Kind, Trait],
        memory: Memory,
    ) -> None:
        self._snapshot, self._policy, self._traits = snapshot, policy, traits
        self._now = snapshot.now
        self._open = {cue.id: cue for cue in snapshot.board.cues}
        self._number = snapshot.board.cue_seq
        self.told = dict(memory.told)
        self.host_at = tuple(at for at in memory.host_at if at > self._now - _HOUR_MS)
        self.extra_at = tuple(at for at in memory.extra_at if at > self._now - _HOUR_MS)
        self.changes: dict[str, Cue] = {}

    def end_what_is_over(self, wanted: Mapping[str, Advice], waits: bool) -> None:
        """Expire what has stayed its time; withdraw what is no longer so, unless that cannot be seen just now."""
        for cue in list(self._open.values()):
            if cue.expires_at <= self._now:
                self._end(cue, CueState.EXPIRED)
            elif cue.kind is not Kind.MESSAGE and _key(cue) not in wanted and not waits:
                self._end(cue, CueState.WITHDRAWN)

    def hear(self, advice: Advice) -> None:
        """Issue the advice as a cue if it may speak now."""
        trait = self._traits[advice.kind]
        if any(_key(cue) == advice.key for cue in self._open.values()) or self._rests(advice, trait):
            return
        audience = self._audience(advice.kind, trait)
        if audience is not Audience.PRODUCER and not self._host_is_free(advice.kind, trait):
            return
        self._issue(advice, trait, audience)

    def _rests(self, advice: Advice, trait: Trait) -> bool:
        told = self.told.get(advice.told_key)
        if told is None:
            return False
        cues = (*self.changes.values(), *self._snapshot.board.closed)
        ended = [cue for cue in cues if _key(cue) == advice.key and cue.steps and not cue.is_open]
        if not ended:
            return self._now < told + 1000 * trait.rests_s
        state, at = ended[0].state, ended[0].steps[-1].at
        if state in _UNHEEDED and trait.refused_s is not None:
            times = min(_MOST_TIMES, len(list(takewhile(lambda cue: cue.state in _UNHEEDED, ended))))
            if state is CueState.DISMISSED:
                return self._now < at + 1000 * trait.refused_s * times
            return self._now < max(told + 500 * trait.rests_s * (1 + times), at + _BREATH_MS * times)
        if state in _REST_AFTER:
            return self._now < at + 1000 * trait.rests_s * _REST_AFTER[state]
        return self._now < told + 1000 * trait.rests_s

    def _audience(self, kind: Kind, trait: Trait) -> Audience:
        """Whose screen: what cannot wait goes to the producer alone where the host's screen has no room for it."""
        full = len(self.host_at) >= self._policy.host_budget_h
        if (kind in _FREE and full) or (kind in _OF_THE_MOMENT and not self._within_budget()):
            return Audience.PRODUCER
        return trait.audience

    def _host_is_free(self, kind: Kind, trait: Trait) -> bool:
        """One cue at a time, a pause between two, a budget; a more urgent one takes the place of an open one."""
        shown = [cue for cue in self._open.values() if cue.audience is not Audience.PRODUCER]
        latest = max([*self.host_at, *(cue.issued_at for cue in shown)], default=None)
        if latest is not None and self._now < latest + 1000 * self._policy.host_gap_s:
            return False
        if any(cue.priority <= trait.priority or cue.kind is Kind.MESSAGE for cue in shown):
            return False
        if kind not in _FREE and not self._within_budget():
            return False
        for cue in shown:
            self._end(cue, CueState.SUPERSEDED)
        return True

    def _within_budget(self) -> bool:
        lately = sum(1 for at in self.host_at if at > self._now - _TEN_MIN_MS)
        policy = self._policy
        return (
            lately < policy.host_budget_10min
            and len(self.host_at) < policy.host_budget_h - policy.host_budget_h // _KEPT
            and len(self.extra_at) < min(policy.host_extra_h, max(1, policy.host_budget_h - self._calls_h()))
        )

    def _calls_h(self) -> int:
        """Calls the host's hour must have room for: as many as were in the last one, or as the items to come need
        before the tail, which belongs to encores."""
        before_tail_s = left_s(self._snapshot) - 60 * self._policy.encore_tail_min
        coming = ceil(len(to_play(self._snapshot)) * _HOUR_S / max(_HOUR_S, before_tail_s))
        return max(len(self.host_at) - len(self.extra_at), coming)

    def _issue(self, advice: Advice, trait: Trait, audience: Audience) -> None:
        self._number += 1
        locale, kind = self._snapshot.rundown.locale, advice.kind.value
        cue = Cue(
            id=f"c-{self._number}",
            kind=advice.kind,
            sku=advice.sku,
            audience=audience,
            priority=trait.priority,
            text=cue_text(locale, kind, advice.rule, advice.numbers),
            issued_at=self._now,
            expires_at=self._now + self._stays_ms(advice.kind, trait),
            why=Why(
                rule=advice.rule,
                numbers=advice.numbers,
                sample=advice.sample,
                age_ms=self._snapshot.age_ms,
                explain=cue_explain(locale, kind, advice.rule, advice.numbers),
            ),
            evidence_at=self._snapshot.arrived_at,
        )
        self._open[cue.id] = self.changes[cue.id] = cue
        self.told[advice.told_key] = self._now
        if audience is not Audience.PRODUCER:
            self.host_at = (*self.host_at, self._now)
            if advice.kind not in _FREE:
                self.extra_at = (*self.extra_at, self._now)

    def _stays_ms(self, kind: Kind, trait: Trait) -> int:
        """A call stays as long as slow people may still follow it."""
        patience_s = _PATIENCE * self._policy.reaction_s if kind in CALLS else 0.0
        return round(1000 * max(trait.stays_s, patience_s))

    def _end(self, cue: Cue, state: CueState) -> None:
        del self._open[cue.id]
        self.changes[cue.id] = cue.moved(state, self._now, _BY)


def _key(cue: Cue) -> str:
    return f"{cue.kind.value}|{cue.sku or ''}"
