"""`scripts/soak`: an hour of show a minute, for as long as asked; then whether memory and latency stayed flat."""

import asyncio
import contextlib
import sys
import time
from typing import Any

import click
import httpx2

from benches.results import FOLDER, publish
from benches.serving import Serving, serving
from cueroom.clock import Clock
from cueroom.demo.shape import Shape
from soaking.counting import Count
from soaking.load import Plan, Seen, play_shows
from soaking.samples import Sample, buckets_of, held_by, p99_ms, total_of
from soaking.verdict import judge, plot

LOOK_S = 5.0
LEAST_LOOKS = 6
"""Fewer than these tell nothing."""


@click.command()
@click.option("--minutes", default=12.0, show_default=True, help="real minutes; each is an hour of show at speed 60")
@click.option("--speed", default=60.0, show_default=True, help="of the clock, times real time")
@click.option("--screens", default=12, show_default=True, help="screens attached to each show")
@click.option("--workers", default=1, show_default=True)
@click.option(
    "--shape", type=click.Choice([shape.value for shape in Shape]), default=Shape.SMALL.value, show_default=True
)
@click.option("--rate", default=200, show_default=True, help="events a second of the show beside, which is counted")
def main(*, shape: str, **options: Any) -> None:
    """Play made-up shows one after the other on one server, with feed, screens and commands, and judge what it held."""
    plan = Plan(shape=Shape(shape), **options)
    clock = Clock(time.time_ns() // 1_000_000, plan.speed)
    told = ("--clock-origin", str(clock.origin_ms), "--clock-speed", str(plan.speed))
    with serving(workers=plan.workers, options=told) as server:
        samples, count = asyncio.run(soak(server, clock, plan))
    if len(samples) < LEAST_LOOKS:
        raise click.UsageError("too short to judge; give it more --minutes")
    results = judge(samples, count, plan)
    publish(results)
    file = FOLDER / "soak.svg"
    file.write_text(plot(samples))
    click.echo(f"written to {file.relative_to(FOLDER.parent)}")
    sys.exit(0 if all(promise.kept for promise in results.promises) else 1)


async def soak(server: Serving, clock: Clock, plan: Plan) -> tuple[list[Sample], Count]:
    """Play the shows and look at the server meanwhile; what was seen, and what was counted."""
    samples: list[Sample] = []
    seen = Seen()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60 * plan.minutes), asyncio.TaskGroup() as group:
            group.create_task(play_shows(server, clock, plan, seen))
            group.create_task(_look(server, clock, seen, samples))
    return samples, seen.count


async def _look(server: Serving, clock: Clock, seen: Seen, samples: list[Sample]) -> None:
    before = ""
    async with httpx2.AsyncClient(timeout=30) as http:
        while True:
            await asyncio.sleep(LOOK_S)
            metrics = (await http.get(f"http://127.0.0.1:{server.port}/metrics")).text
            store = await asyncio.to_thread(server.info, "memory")
            acks, paints = (
                p99_ms(buckets_of(before, name), buckets_of(metrics, name))
                for name in ("cueroom_ingest_ack_seconds", "cueroom_cue_paint_seconds")
            )
            samples.append(
                Sample(
                    show_h=(clock.now_ms() - clock.origin_ms) / 3_600_000,
                    held=await asyncio.to_thread(held_by, server.pid),
                    store_mb=int(store["used_memory"]) / 1e6,
                    orders=total_of(metrics, 'cueroom_orders_total{outcome="accepted",state="created"}'),
                    ack_p99_ms=acks,
                    paint_p99_ms=paints,
                    command_ms=max(seen.commands_ms, default=None),
                )
            )
            seen.commands_ms.clear()
            before = metrics


if __name__ == "__main__":
    main()
