"""One policy through one simulated show, and what came of it."""

import tempfile
from pathlib import Path

import msgspec

from benches.kinds import KINDS
from benches.pipe import Cue
from benches.policies import Policy, make
from benches.prospect import STEP_S
from benches.room import Room
from benches.truth import Truth, best_stay_s, loss
from cueroom.audience import Audience, Crew, perform
from cueroom.audience.crew import act_of
from cueroom.audience.dice import Dice

_HALF = 0.5
_WRONG_S = 30
_LOOK_EVERY_S = 15
_JUDGED = frozenset({"thumb+", "average", "engine"})


class Outcome(msgspec.Struct, kw_only=True):
    """Money in minor units. `delays_s`: how long after (before: negative) the best moment each item was left, and
    `losses_s` what that cost, in seconds of the show's average sales: where sales are flat, a long delay costs little.
    `kept`: batches released before the shelf was empty, out of `released`. `least_gap_s` between two host cues."""

    kind: str
    seed: int
    policy: str
    gmv: int = 0
    hours: float = 0.0
    cues: int = 0
    host_cues: int = 0
    wrong: int = 0
    delays_s: list[float] = []
    losses_s: list[float] = []
    empty_s: int = 0
    kept: int = 0
    released: int = 0
    least_gap_s: float | None = None


class Trial:
    """The show's people around a policy: they take its cues with a reaction time, or do not."""

    def __init__(self, kind: str, seed: int, policy: str) -> None:
        rundown, params = next(known.make for known in KINDS if known.name == kind)(seed)
        self.audience = Audience(rundown, params, seed)
        self.room = Room(self.audience)
        self.outcome = Outcome(kind=kind, seed=seed, policy=policy)
        self._truth = Truth(self.room) if policy in _JUDGED else None
        self._producer, self._host = Crew(params, seed), Crew(params, seed + 1)
        self._random = Dice(f"{seed} eyes").random
        self._notice_s = 0.0
        self._cues: dict[str, Cue] = {}
        self._host_cue_at: int | None = None
        self._ripe: tuple[int, list[float]] | None = None

    def run(self) -> Outcome:
        """Play the whole show."""
        with tempfile.TemporaryDirectory() as directory:
            policy = make(self.outcome.policy, self.room, Path(directory))
            self.audience.start()
            for _ in range(int(self.room.rundown.duration_min * 60)):
                self._second(policy)
            policy.close()
        self.outcome.gmv = self.audience.till.gmv
        self.outcome.hours = self.room.rundown.duration_min / 60
        self.outcome.empty_s = self.audience.empty_s
        return self.outcome

    def _second(self, policy: Policy) -> None:
        events = self.audience.step()
        self.room.note()
        acts, cues = policy.hear(events)
        now = self.audience.now_ms
        for cue in cues:
            self._take(cue, policy)
        for cue_id in self._producer.due(now):
            policy.answered(cue_id, accepted=True)
            if act := act_of(self._cues[cue_id]):
                self._host.follow(cue_id, act, now, _HALF)
        for act in (*acts, *self._host.due(now).values()):
            self._judge_act(act.kind, act.sku)
            perform(self.audience, act)
        self._look_at_shelf()
        if self._truth and self.audience.second % _LOOK_EVERY_S == 0:
            self._look_at_clock(self._truth)

    def _take(self, cue: Cue, policy: Policy) -> None:
        cue_id = cue["id"]
        if cue_id in self._cues:
            if cue["state"] in {"expired", "superseded", "withdrawn"}:
                self._producer.forget(cue_id)
            return
        self._cues[cue_id] = cue
        self._count(cue)
        if act_of(cue) and not self._producer.heed(cue, self.audience.now_ms, _HALF):
            policy.answered(cue_id, accepted=False)

    def _count(self, cue: Cue) -> None:
        self.outcome.cues += 1
        if cue["audience"] != "producer" and cue["kind"] != "release":
            self.outcome.host_cues += 1
            if self._host_cue_at is not None:
                gap = self.audience.second - self._host_cue_at
                self.outcome.least_gap_s = min(gap, self.outcome.least_gap_s or gap)
            self._host_cue_at = self.audience.second
        if self._truth and cue["kind"] in {"next", "encore"}:
            self.outcome.wrong += self._is_wrong(self._truth)

    def _is_wrong(self, truth: Truth) -> bool:
        """Whether leaving when the people will have reacted throws away more than half a minute of average sales."""
        thrown_away = loss(truth.stays(), self.audience.params.reaction_s)
        return thrown_away > _WRONG_S * truth.average()

    def _judge_act(self, kind: str, sku: str | None = None) -> None:
        live = self.audience.live
        if kind == "release" and sku and self.audience.till.reserve[sku]:
            self.outcome.released += 1
            self.outcome.kept += self.audience.till.on_shelf[sku] > 0
        if kind in {"next", "encore"} and live and self._truth:
            self._judge_leave(self._truth)

    def _judge_leave(self, truth: Truth) -> None:
        """How long after its best moment the item is left, and what that costs."""
        stays = truth.stays()
        if stay_s := best_stay_s(stays):
            delay_s, lost = -stay_s, loss(stays, 0.0)
        else:
            since, then = self._ripe or (self.audience.second, stays)
            delay_s = self.audience.second - since
            lost = then[0] - then[min(delay_s // STEP_S, len(then) - 1)]
        self.outcome.delays_s.append(delay_s)
        self.outcome.losses_s.append(max(0.0, lost) / max(1.0, truth.average()))
        self._ripe = None

    def _look_at_clock(self, truth: Truth) -> None:
        """Keep since when the item on air should have been left for another, and what staying would have brought."""
        somewhere = self.room.following() or self.room.encores()
        if not (somewhere and self.room.may_leave() and truth.is_ripe()):
            self._ripe = None
        elif self._ripe is None:
            self._ripe = (self.audience.second, truth.stays())

    def _look_at_shelf(self) -> None:
        """Whatever the policy, people see an empty shelf in the end, 5 to 30 seconds late."""
        live, till = self.audience.live, self.audience.till
        if live is None or till.on_shelf[live] > 0 or till.reserve[live] == 0:
            self._notice_s = self._random.uniform(5, 30)
            return
        self._notice_s -= 1
        if self._notice_s <= 0:
            self._judge_act("release", live)
            self.audience.release(live, self.audience.next_batch(live))


def run_trial(job: tuple[str, int, str]) -> Outcome:
    """One trial, for a pool of processes."""
    return Trial(*job).run()
