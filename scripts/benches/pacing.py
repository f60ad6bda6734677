"""`scripts/bench pacing`: policies side by side on the same simulated shows."""

import json
import multiprocessing
import os
from pathlib import Path
from statistics import mean, median, stdev

import click
import msgspec
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benches.kinds import KINDS
from benches.policies import ABOUT, NAMES
from benches.trial import Outcome, run_trial

Results = dict[tuple[str, str], dict[int, Outcome]]
"""(kind, policy) → seed → outcome."""

_BASE = "sheet"
_RIVAL = "thumb+"
_TOP = "all-knowing"


class Line(msgspec.Struct, kw_only=True):
    """One policy in one kind of show; ratios with the half-width of their 95 % interval. Per hour: `*_h`. `delay_s`:
    how far from their best moments items were left; `late_s`: the same with a sign, early ones below zero."""

    kind: str
    policy: str
    shows: int
    to_sheet: float
    to_sheet_pm: float
    to_top: float
    to_top_pm: float
    beats_thumb: float
    cues_h: float
    host_cues_h: float
    wrong_h: float
    delay_s: float | None
    late_s: float | None
    loss_s: float | None
    empty_s: float
    kept: float | None
    least_gap_s: float | None


@click.command("pacing")
@click.option("--shows", default=8, show_default=True, help="shows of each kind")
@click.option("--seed", default=1, show_default=True, help="seed of the first show; the others follow")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.name for kind in KINDS]), help="default: all")
@click.option("--policy", "policies", multiple=True, type=click.Choice(NAMES), help="beside those compared with")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="processes")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="write all figures here")
def command(
    *, shows: int, seed: int, kinds: tuple[str, ...], policies: tuple[str, ...], jobs: int, file: Path | None
) -> None:
    """Put policies side by side on the same seeded shows. A gain here, in simulations, is no gain in the world."""
    names = [kind.name for kind in KINDS if not kinds or kind.name in kinds]
    wanted = [name for name in NAMES if not policies or name in {*policies, _BASE, _RIVAL, _TOP}]
    work = [(kind, number, name) for kind in names for number in range(seed, seed + shows) for name in wanted]
    lines = summarise(run_all(work, jobs))
    show(lines)
    if file:
        file.write_text(json.dumps([msgspec.to_builtins(line) for line in lines], indent=1) + "\n")


def run_all(work: list[tuple[str, int, str]], jobs: int) -> Results:
    """Run the trials on that many processes, with progress."""
    results: Results = {}
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress, multiprocessing.Pool(jobs) as pool:
        task = progress.add_task("shows", total=len(work))
        for outcome in pool.imap_unordered(run_trial, work):
            results.setdefault((outcome.kind, outcome.policy), {})[outcome.seed] = outcome
            progress.advance(task)
    return results


def summarise(results: Results) -> list[Line]:
    """One line for each kind and policy, in their order."""
    kinds = [kind.name for kind in KINDS]
    order = sorted(results, key=lambda key: (kinds.index(key[0]), NAMES.index(key[1])))
    return [_line(key, results) for key in order]


def _line(key: tuple[str, str], results: Results) -> Line:
    kind, policy = key
    mine, seeds = results[key], sorted(results[key])
    to_sheet = _ratios(mine, results[kind, _BASE])
    to_top = _ratios(mine, results[kind, _TOP])
    over_thumb = _ratios(mine, results[kind, _RIVAL])
    hours = sum(mine[seed].hours for seed in seeds)
    delays = [delay for seed in seeds for delay in mine[seed].delays_s]
    losses = [loss for seed in seeds for loss in mine[seed].losses_s]
    gaps = [gap for seed in seeds if (gap := mine[seed].least_gap_s) is not None]
    released = sum(mine[seed].released for seed in seeds)
    return Line(
        kind=kind,
        policy=policy,
        shows=len(seeds),
        to_sheet=mean(to_sheet),
        to_sheet_pm=_half_width(to_sheet),
        to_top=mean(to_top),
        to_top_pm=_half_width(to_top),
        beats_thumb=mean(ratio > 1 for ratio in over_thumb),
        cues_h=sum(mine[seed].cues for seed in seeds) / hours,
        host_cues_h=sum(mine[seed].host_cues for seed in seeds) / hours,
        wrong_h=sum(mine[seed].wrong for seed in seeds) / hours,
        delay_s=median(map(abs, delays)) if delays else None,
        late_s=median(delays) if delays else None,
        loss_s=median(losses) if losses else None,
        empty_s=mean(mine[seed].empty_s for seed in seeds),
        kept=sum(mine[seed].kept for seed in seeds) / released if released else None,
        least_gap_s=min(gaps, default=None),
    )


def _ratios(mine: dict[int, Outcome], other: dict[int, Outcome]) -> list[float]:
    return [mine[seed].gmv / max(1, other[seed].gmv) for seed in sorted(mine)]


def _half_width(values: list[float]) -> float:
    return 1.96 * stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def show(lines: list[Line]) -> None:
    """The table on standard output."""
    table = Table(title="Simulated shows, not the world: GMV and what it cost in cues")
    for heading in ("show", "policy", "GMV / sheet", "of all-knowing", "beats thumb+", "cues/h", "host/h", "wrong/h"):
        table.add_column(heading, justify="left" if heading in {"show", "policy"} else "right")
    for heading in ("delay s", "late s", "loss s", "empty s", "kept", "gap s"):
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(
            line.kind,
            line.policy,
            f"{line.to_sheet:.2f} ±{line.to_sheet_pm:.2f}",
            f"{line.to_top:.3f} ±{line.to_top_pm:.3f}",
            f"{line.beats_thumb:.0%}",
            f"{line.cues_h:.1f}",
            f"{line.host_cues_h:.1f}",
            f"{line.wrong_h:.1f}",
            _figure(line.delay_s),
            _figure(line.late_s),
            _figure(line.loss_s),
            f"{line.empty_s:.0f}",
            "–" if line.kept is None else f"{line.kept:.0%}",
            _figure(line.least_gap_s),
            end_section=line.policy == NAMES[-1],
        )
    console = Console(width=max(150, Console().width))
    console.print(table)
    for name in NAMES:
        console.print(f"{name}: {ABOUT[name]}", highlight=False)
