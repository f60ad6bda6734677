"""`cueroom lessons`."""

import asyncio
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cueroom import i18n
from cueroom.cli.common import FILE, read_or_end, with_settings
from cueroom.cli.pace import TICK_S
from cueroom.cli.recap import spoken_locale
from cueroom.cli.stores import open_store
from cueroom.errors import CueroomError
from cueroom.lessons import Lessons, Taught
from cueroom.pipe import learn_from
from cueroom.settings import Settings
from cueroom.storage.teaching import keep, lessons_of
from cueroom.views.lessons import lessons_view

HEADS = ("Units in the first minute", "Half as fast after", "Click to paid order")
SAMPLE = {"shows": "Shows", "minutes": "Minutes on air", "orders": "Paid orders"}


@click.command()
@click.option("--from", "log", type=FILE, metavar="LOG", help="learn from this recording first")
@click.option("--showfile", type=FILE, help="the show file of the recorded show")
@click.option("--locale", type=click.Choice(i18n.LOCALES), help="language [default: LANG, else English]")
@with_settings("data", "redis", quiet=True)
def command(settings: Settings, *, log: Path | None, showfile: Path | None, locale: str | None) -> None:
    """Print what the shows that ended taught: of every role, category and product. What a recording teaches is kept
    under its show's id, as if it had been held here."""
    if (log is None) != (showfile is None):
        raise click.UsageError("--from LOG goes with --showfile FILE")
    taught = _heard(log, showfile) if log and showfile else None
    _print(asyncio.run(_lessons(settings, taught)), spoken_locale(locale, "en"), Console(highlight=False))


def _heard(log: Path, showfile: Path) -> Taught:
    """What the recording teaches. Raises CueroomError where that is nothing."""
    (rundown,) = read_or_end((showfile,))
    with log.open("rb") as lines:
        heard = learn_from(rundown, lines, TICK_S)
    for error in heard.errors:
        click.echo(f"{log}: line {error['line']}: {error['message']}", err=True)
    if heard.taught is None:
        raise CueroomError(f"{log} teaches nothing: no item of {showfile} was on air in it for a minute")
    return heard.taught


async def _lessons(settings: Settings, taught: Taught | None) -> Lessons:
    async with open_store(settings) as store:
        if taught:
            await keep(store.house, taught)
        return await lessons_of(store.house)


def _print(lessons: Lessons, locale: str, console: Console) -> None:
    view = lessons_view(lessons, locale)
    for title, rows in (("Roles", view["roles"]), ("Categories", view["categories"]), ("Products", view["products"])):
        table = Table(title=i18n.say(locale, title), title_justify="left")
        table.add_column("", overflow="fold")
        for head in (*HEADS, *SAMPLE.values()):
            table.add_column(i18n.say(locale, head), justify="right", overflow="fold")
        for row in rows:
            cells = (_name(row, locale), *map(_estimate, row["estimates"]), *(row[key] for key in SAMPLE))
            table.add_row(*map(Text, cells))  # Text: what a person wrote is never markup
        if rows:
            console.print(table)


def _name(row: dict[str, Any], locale: str) -> str:
    path = row["path"]
    if not path:
        return i18n.say(locale, "Everything")
    role = i18n.say(locale, f"role.{path[0]}")
    return role if len(path) == 1 else f"{path[-1]} {row['name']}".strip() + f" ({role})"


def _estimate(value: dict[str, str]) -> str:
    """The middle, its range and how much of it is its own."""
    return f"{value['middle']} ({value['low']}–{value['high']}) {value['part']}"
