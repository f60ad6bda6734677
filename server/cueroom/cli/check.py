"""`cueroom check`."""

from pathlib import Path

import click

from cueroom import showfile
from cueroom.cli.common import FILE
from cueroom.show.rundown import Rundown


@click.command()
@click.argument("file", type=FILE)
def command(file: Path) -> None:
    """Report everything that is wrong with a show file, each with its place and what would be right."""
    result = showfile.read(file)
    if not isinstance(result, Rundown):
        for problem in result:
            click.echo(f"{file}: {problem}")
        raise SystemExit(1)
    for warning in showfile.warnings(result):
        click.echo(f"{file}: {warning}")
    items = f"{len(result.items)} item{'' if len(result.items) == 1 else 's'}"
    click.echo(f"{file}: {result.title}, {items}, no errors")
