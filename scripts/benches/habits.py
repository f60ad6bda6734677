"""`scripts/bench habits`: whether the engine keeps its word on shows and feeds it was never tuned on."""

import multiprocessing
import tempfile
from itertools import pairwise
from math import exp
from pathlib import Path
from statistics import mean

import click
import msgspec
from rich.console import Console
from rich.table import Table

from benches.outsiders import HABITS, Habits, Show, World, best_times, draw_world
from benches.pipe import Cue, Pipe
from cueroom.audience.dice import Dice

_HOUR_S = 3600
_STALE_MS = 5_000
_REACTION_SD, _HASTE = 0.4, 0.4
_SEEN_S = (5, 30)
_VOID = frozenset({"expired", "superseded", "withdrawn"})


class Outcome(msgspec.Struct, kw_only=True):
    """One show. GMV in minor units: the engine's, the sheet's, and that of the best times in hindsight. `worst_hour`:
    most cues on the host's screen within an hour, `least_gap_s` between two, `stale` cues on data older than five
    seconds, `kept` of `released` batches in time, `empty_s` with an empty shelf and a reserve."""

    habits: str
    gmv: int
    sheet_gmv: int
    best_gmv: int
    cues: int
    worst_hour: int
    least_gap_s: float | None
    stale: int
    kept: int
    released: int
    empty_s: int


class People:
    """They do what cues ask, late, and not always; and see an empty shelf by themselves in the end."""

    def __init__(self, habits: Habits, show: Show, seed: int) -> None:
        self._habits, self._show = habits, show
        self._random = Dice(f"{seed} people").random
        self._plans: list[tuple[int, Cue]] = []
        self._notice_at: int | None = None
        self.kept = self.released = 0

    def hear(self, cue: Cue) -> bool:
        """A cue was issued; whether they will follow it."""
        if self._random.random() >= self._habits.obedience:
            return False
        haste = _HASTE if cue["kind"] == "release" else 1.0
        delay_s = haste * self._habits.reaction_s * exp(self._random.gauss(0, _REACTION_SD))
        self._plans.append((self._show.now + int(1000 * delay_s), cue))
        return True

    def forget(self, cue_id: str) -> None:
        """The cue is void."""
        self._plans = [plan for plan in self._plans if plan[1]["id"] != cue_id]

    def act(self) -> list[str]:
        """Do what is due; the ids of the cues followed."""
        due = [cue for at, cue in self._plans if at <= self._show.now]
        self._plans = [plan for plan in self._plans if plan[0] > self._show.now]
        for cue in due:
            self._do(cue["kind"], cue["sku"])
        self._look()
        return [cue["id"] for cue in due]

    def _do(self, kind: str, sku: str) -> None:
        if kind == "release":
            self.released += self._show.reserve[sku] > 0
            self.kept += self._show.reserve[sku] > 0 and self._show.shelf[sku] > 0
            self._show.release(sku)
        elif kind == "payment":
            self._show.push()
        else:
            self._show.present(sku)

    def _look(self) -> None:
        live = self._show.live
        if live is None or self._show.shelf[live] or not self._show.reserve[live]:
            self._notice_at = None
        elif self._notice_at is None:
            self._notice_at = self._show.second + self._random.randint(*_SEEN_S)
        elif self._show.second >= self._notice_at:
            self.released += 1
            self._show.release(live)


_ASKING = frozenset({"next", "encore", "release", "payment"})


class Trial:
    """A show with the engine at its side."""

    def __init__(self, habits: str, seed: int) -> None:
        self._name, self._habits = habits, HABITS[habits]
        self._world = draw_world(self._habits, seed)
        self._seed = seed
        self._show = Show(self._habits, self._world, seed)
        self._people = People(self._habits, self._show, seed)
        self._cues: dict[str, Cue] = {}
        self._newest = 0
        self._stale = 0

    def run(self) -> Outcome:
        """Play it to the end."""
        self._show.present(self._world.rundown.items[0].sku)
        told = []
        with tempfile.TemporaryDirectory() as directory:
            pipe = Pipe(self._world.rundown, Path(directory))
            for _ in self._world.levels:
                told += self._show.step()
                if self._show.second % self._habits.tick_s == 0:
                    self._newest = max([self._newest, *(event["time"] for event in told)])
                    for cue in pipe.tick(told, self._show.now):
                        self._take(cue, pipe)
                    told = []
                for cue_id in self._people.act():
                    if self._habits.answers and self._cues[cue_id]["state"] not in _VOID:
                        pipe.answered(cue_id, accepted=True)
            pipe.close()
        return self._outcome()

    def _take(self, cue: Cue, pipe: Pipe) -> None:
        known = cue["id"] in self._cues
        self._cues[cue["id"]] = cue
        if known:
            if cue["state"] in _VOID and self._habits.answers:
                self._people.forget(cue["id"])
            return
        self._stale += cue["kind"] != "blind" and self._show.now - self._newest > _STALE_MS
        if cue["kind"] in _ASKING and not self._people.hear(cue) and self._habits.answers:
            pipe.answered(cue["id"], accepted=False)

    def _outcome(self) -> Outcome:
        on_screen = [cue["issued_at"] / 1000 for cue in self._cues.values() if cue["audience"] != "producer"]
        planned = [round(60 * item.minutes) for item in self._world.rundown.items]
        return Outcome(
            habits=self._name,
            gmv=self._show.gmv,
            sheet_gmv=gmv_of(self._habits, self._world, self._seed, planned),
            best_gmv=gmv_of(self._habits, self._world, self._seed, best_times(self._world)),
            cues=len(self._cues),
            worst_hour=max((sum(at <= other < at + _HOUR_S for other in on_screen) for at in on_screen), default=0),
            least_gap_s=min((later - sooner for sooner, later in pairwise(on_screen)), default=None),
            stale=self._stale,
            kept=self._people.kept,
            released=self._people.released,
            empty_s=self._show.empty_s,
        )


def gmv_of(habits: Habits, world: World, seed: int, times: list[int]) -> int:
    """The show with every item of the sheet on air for so many seconds, the last one to the end, and no shelf empty."""
    show = Show(habits, world, seed)
    for item, seconds in zip(world.rundown.items, times, strict=True):
        if seconds and show.second < len(world.levels):
            show.present(item.sku)
            show.release(item.sku)
            for _ in range(min(seconds, len(world.levels) - show.second)):
                show.step()
    for _ in range(len(world.levels) - show.second):
        show.step()
    return show.gmv


def run_trial(job: tuple[str, int]) -> Outcome:
    """One trial, for a pool of processes."""
    return Trial(*job).run()


@click.command("habits")
@click.option("--shows", default=2, show_default=True, help="shows of each kind")
@click.option("--seed", default=1, show_default=True, help="seed of the first show; the others follow")
@click.option("--habit", "names", multiple=True, type=click.Choice(tuple(HABITS)), help="default: all")
@click.option("--jobs", default=2, show_default=True, help="processes")
def command(*, shows: int, seed: int, names: tuple[str, ...], jobs: int) -> None:
    """Play shows of another nature with feeds and people of many habits, and see that promises are kept."""
    wanted = names or tuple(HABITS)
    with multiprocessing.Pool(jobs) as pool:
        outcomes = pool.map(run_trial, [(name, seed + more) for name in wanted for more in range(shows)], chunksize=1)
    show(outcomes)


def show(outcomes: list[Outcome]) -> None:
    """The table on standard output."""
    table = Table(title="Simulated shows of another nature")
    for heading in ("habits", "about"):
        table.add_column(heading)
    for heading in ("GMV / sheet", "of best times", "cues", "worst hour", "gap s", "stale", "in time", "empty s"):
        table.add_column(heading, justify="right")
    for name in dict.fromkeys(outcome.habits for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.habits == name]
        gaps = [gap for outcome in mine if (gap := outcome.least_gap_s) is not None]
        table.add_row(
            name,
            HABITS[name].about,
            f"{mean(outcome.gmv / max(1, outcome.sheet_gmv) for outcome in mine):.2f}",
            f"{mean(outcome.gmv / max(1, outcome.best_gmv) for outcome in mine):.2f}",
            f"{mean(outcome.cues for outcome in mine):.0f}",
            f"{max(outcome.worst_hour for outcome in mine)}",
            f"{min(gaps):.0f}" if gaps else "–",
            f"{sum(outcome.stale for outcome in mine)}",
            f"{sum(outcome.kept for outcome in mine)}/{sum(outcome.released for outcome in mine)}",
            f"{max(outcome.empty_s for outcome in mine)}",
        )
    console = Console(width=max(150, Console().width))
    console.print(table)
    console.print(
        "best times: the sheet's order, each item shown as long as is best in hindsight; no encore, no reminder"
    )
