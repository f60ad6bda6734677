"""What commands share: settings as options, and reading show files."""

import functools
import os
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

import click

from cueroom import showfile
from cueroom.logs import set_up_logs
from cueroom.settings import Setting, SettingsError, load, table
from cueroom.show.rundown import Rundown

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


class Finite(click.FloatRange):
    """A number within bounds. `FloatRange` itself lets NaN through, which is within any."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return number if isfinite(number) else self.fail(f"{value!r} is no finite number.", param, ctx)


def with_settings(*names: str, quiet: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command options for these settings (all, if none is named); it gets the Settings as first argument. A
    quiet command logs only warnings unless told otherwise."""
    defaults = {"CUEROOM_LOG_LEVEL": "warning"} if quiet else {}
    rows = [row for row in table() if not names or row.name in names]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def wrapped(**values: Any) -> None:
            given = {row.name: values.pop(row.name) for row in rows}
            try:
                settings = load(given, defaults | os.environ)
            except SettingsError as error:
                raise click.UsageError("\n".join(error.problems)) from error
            set_up_logs(settings.log_level, settings.log_format)
            command(settings, **values)

        for row in reversed(rows):
            wrapped = click.option(row.option, row.name, help=_help(row))(wrapped)
        return wrapped

    return decorate


def _help(row: Setting) -> str:
    notes = (row.unit, row.default and f"default {row.default}", row.variable)
    return f"{row.meaning} [{'; '.join(note for note in notes if note)}]"


def read_all(files: tuple[Path, ...]) -> tuple[Rundown, ...] | list[str]:
    """The shows in these files; where one has problems, all problems of all files."""
    read = {file: showfile.read(file) for file in files}
    problems = [
        f"{file}: {problem}"
        for file, result in read.items()
        for problem in ([] if isinstance(result, Rundown) else result)
    ]
    rundowns = {file: result for file, result in read.items() if isinstance(result, Rundown)}
    by_id = {rundown.id: file for file, rundown in rundowns.items()}
    twice = {file: by_id[rundown.id] for file, rundown in rundowns.items() if by_id[rundown.id] != file}
    problems += [f"{file}: has the show.id of {other}; each show has one of its own" for file, other in twice.items()]
    return problems or tuple(rundowns.values())


def read_or_end(files: tuple[Path, ...]) -> tuple[Rundown, ...]:
    """The same; where there are problems, they are told and the command ends."""
    read = read_all(files)
    if isinstance(read, list):
        click.echo("\n".join(read), err=True)
        raise SystemExit(1)
    return read
