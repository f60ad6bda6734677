"""`cueroom recap`."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cueroom import i18n
from cueroom.cli.common import with_settings
from cueroom.cli.stores import store_of
from cueroom.clock import clock_of
from cueroom.edge.locales import negotiate
from cueroom.people.debrief import read_recap
from cueroom.recap import Recap
from cueroom.settings import Settings
from cueroom.sheets import Book, Sheet, book_of, text_of, workbook_of

WIDEST_TEXT = 40
"""Longer texts are wrapped."""
GAP = 3
"""What a column takes beside its text."""


@click.command()
@click.argument("show")
@click.option("--xlsx", type=click.File("wb"), help="write them as a workbook, too")
@click.option("--locale", type=click.Choice(i18n.LOCALES), help="language [default: LANG, else the show's]")
@with_settings("data", "redis", quiet=True)
def command(settings: Settings, *, show: str, xlsx: BinaryIO | None, locale: str | None) -> None:
    """Print SHOW's figures: the whole show, every product, every cue."""
    recap = asyncio.run(_recap(settings, show))
    book = book_of(recap, spoken_locale(locale, recap.rundown.locale))
    if xlsx:
        xlsx.write(workbook_of(book))
    print_book(book, Console(highlight=False))


async def _recap(settings: Settings, show: str) -> Recap:
    """The show's recap by now. Raises CueroomError."""
    async with store_of(settings, show) as store:
        return await read_recap(store, show, clock_of(settings).now_ms(), await store.shows())


def spoken_locale(chosen: str | None, default: str) -> str:
    """The language to print in: the one asked for, else the terminal's, else the show's."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    terminal = next((name for name in named if name), "")
    return negotiate(terminal.partition(".")[0].replace("_", "-"), chosen, default)


def print_book(book: Book, console: Console) -> None:
    """All sheets, one below the other; what is too wide for the console goes on in a table of its own."""
    console.print(f"\n{book.title}\n", style="bold", markup=False)
    for sheet in book.sheets:
        texts = [[text_of(book, cell) for cell in row] for row in sheet.rows]
        widths = [_width(head, (row[place] for row in texts)) for place, head in enumerate(sheet.heads)]
        if sheet.note:
            console.print(sheet.note, markup=False)
        for group in split(widths, console.width):
            console.print(_table(sheet, texts, {column: widths[column] for column in group}))


def split(widths: Sequence[int], most: int) -> Iterator[list[int]]:
    """The columns of these widths in groups that are no wider than that, each beginning with the first column."""
    group = [0]
    for place in range(1, len(widths)):
        if sum(widths[column] for column in group) + widths[place] > most and len(group) > 1:
            yield group
            group = [0]
        group.append(place)
    yield group


def _width(head: str, texts: Iterable[str]) -> int:
    """What a column needs: its head may break between words, a long text anywhere between words."""
    return GAP + max(min(WIDEST_TEXT, cell_len(text)) for text in (*head.split(), *texts))


def _table(sheet: Sheet, texts: Sequence[Sequence[str]], widths: Mapping[int, int]) -> Table:
    """The columns that have a width."""
    table = Table(title=sheet.title, title_justify="left")
    for column, width in widths.items():
        if any(isinstance(row[column].value, int | float) for row in sheet.rows):
            table.add_column(sheet.heads[column], justify="right", max_width=width - GAP)
        else:
            table.add_column(sheet.heads[column], overflow="fold")  # Chinese has no spaces to break at
    for row in texts:
        table.add_row(*(Text(row[column]) for column in widths))  # Text: what a person wrote is never markup
    return table
