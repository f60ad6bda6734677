"""`scripts/bench`: one subcommand for each thing measured."""

import click

from benches import fanout, habits, ingest, overload, pacing, screens, slot


@click.group()
def main() -> None:
    """Measure Cueroom."""


main.add_command(fanout.command)
main.add_command(habits.command)
main.add_command(ingest.command)
main.add_command(overload.command)
main.add_command(pacing.command)
main.add_command(screens.command)
main.add_command(slot.command)

if __name__ == "__main__":
    main()
