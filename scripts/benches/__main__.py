"""`scripts/bench`: one subcommand for each thing measured."""

import click

from benches import (
    assortment,
    fanout,
    growth,
    habits,
    ingest,
    latency,
    memory,
    overload,
    pacing,
    report,
    scaling,
    screens,
    slot,
    store_work,
)


@click.group()
def main() -> None:
    """Measure Cueroom."""


main.add_command(report.command)
main.add_command(report.report)
for bench in (
    assortment,
    fanout,
    growth,
    habits,
    ingest,
    latency,
    memory,
    overload,
    pacing,
    scaling,
    screens,
    slot,
    store_work,
):
    main.add_command(bench.command)

if __name__ == "__main__":
    main()
