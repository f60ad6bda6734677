"""`scripts/bench`: one subcommand for each thing measured."""

import click

from benches import pacing


@click.group()
def main() -> None:
    """Measure Cueroom."""


main.add_command(pacing.command)

if __name__ == "__main__":
    main()
