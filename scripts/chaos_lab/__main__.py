"""`scripts/chaos`: breaks a running show in every way there is, lap after lap, and counts after each."""

import asyncio
import secrets
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random
from statistics import median

import click

from benches.results import Promise, Results, Table, publish
from chaos_lab.faults import FAULTS
from chaos_lab.laps import Lap, track


@click.command()
@click.option("--laps", default=5, show_default=True, help="how many laps")
@click.option("--faults", default=2, show_default=True, help="faults at once in each lap")
@click.option("--seed", default=None, help="gives the same faults on the same events again; drawn if left out")
@click.option("--only", multiple=True, type=click.Choice(sorted(FAULTS)), help="no other faults than this (repeatable)")
def main(laps: int, faults: int, seed: str | None, only: tuple[str, ...]) -> None:
    """Run laps of a show under faults; exit 1 as soon as a promise is broken. Timing is the machine's own: the seed
    brings back what was done and sent, not the microsecond."""
    seed = seed or secrets.token_hex(4)
    click.echo(f"seed {seed}: {laps} laps, {faults} faults at once")
    folder = Path(tempfile.mkdtemp(prefix="cueroom-chaos-"))
    done = asyncio.run(run(folder, seed, deal(laps, faults, seed, only or tuple(sorted(FAULTS)))))
    publish(summary(done, seed))
    if any(lap.wrong for lap in done):
        sys.exit(f"broken promises; the logs are in {folder}")
    shutil.rmtree(folder)


def deal(laps: int, faults: int, seed: str, known: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The faults of each lap: from a shuffled deck that is shuffled again when it is used up, so that every fault has
    its turn."""
    dice = Random(seed)
    deck: list[str] = []
    hands = []
    for _ in range(laps):
        if len(deck) < faults:
            deck += dice.sample(known, len(known))
        hands.append(tuple(dict.fromkeys(deck[:faults])))
        del deck[:faults]
    return hands


async def run(folder: Path, seed: str, hands: list[tuple[str, ...]]) -> list[Lap]:
    """All laps, or those up to the first that found something wrong."""
    done: list[Lap] = []
    async with track(folder, seed) as lab:
        for number, faults in enumerate(hands, start=1):
            lap = await lab.run(number, faults)
            done.append(lap)
            click.echo(line_of(lap))
            if lap.wrong:
                break
    return done


def line_of(lap: Lap) -> str:
    """The lap in a line, and one more for everything that was wrong."""
    told = f"lap {lap.number:3} {'WRONG' if lap.wrong else 'ok'}  "
    told += "; ".join(f"{broken.deed}, back after {broken.recovered_s:.2f} s" for broken in lap.broken)
    told += f" · {lap.events:,} events, {lap.cues} messages in {lap.seconds:.1f} s"
    told += f" · {lap.files} files, {lap.memory_mb:.0f} MB"
    return "\n    ".join([told, *lap.wrong])


def summary(done: list[Lap], seed: str) -> Results:
    """How often each fault was there and how fast the show went on afterwards."""
    by_fault: defaultdict[str, list[float]] = defaultdict(list)
    for lap in done:
        for broken in lap.broken:
            by_fault[broken.fault].append(broken.recovered_s)
    rows: list[list[str | int | float | None]] = [
        [fault, len(times), median(times), max(times)] for fault, times in sorted(by_fault.items())
    ]
    good = sum(not lap.wrong for lap in done)
    events = sum(lap.events for lap in done)
    note = (
        f"seed {seed}: {good} of {len(done)} laps without a broken promise; {events:,} events, every one counted once"
    )
    if good < len(done):
        note = f"seed {seed}: lap {done[-1].number} broke a promise: {'; '.join(done[-1].wrong)}"
    columns = ("fault", "times", "back after, s (median)", "most")
    promise = Promise(
        what="laps under faults (`scripts/chaos`) with everything counted once and every cue told once",
        goal="every lap",
        measured=f"{good} of {len(done)}",
        kept=good == len(done),
    )
    table = Table("What was broken", columns, rows, note)
    return Results(name="chaos", tables=[table], promises=[promise], seconds=sum(lap.seconds for lap in done))


if __name__ == "__main__":
    main()
