"""The command line: `cueroom`. Each command is a module of its own here, imported only when it is used, so that
`cueroom pace` starts in no time whatever `cueroom serve` needs."""

import os
import sys
from errno import EPIPE
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from cueroom.errors import CueroomError

COMMANDS = ("serve", "demo", "keys", "pace", "replay", "record", "load", "check", "recap", "lessons")


class Commands(click.Group):
    """The commands; what one cannot do becomes a clear sentence and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cueroom.cli.{cmd_name}").command
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _open_what_is_closed()
        if isinstance(sys.stdout, TextIOWrapper):  # what a terminal's encoding has no character for becomes "?"
            sys.stdout.reconfigure(errors="replace")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
            return answer
        except CueroomError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == EPIPE:  # whoever reads what is printed has read enough
                raise
            _forget_what_cannot_be_written()
            raise click.ClickException(str(error)) from error
        except ExceptionGroup as group:
            told, other = group.split(CueroomError)
            if told is None or other is not None:
                raise
            raise click.ClickException("\n".join(_sentences(told))) from group


def _open_what_is_closed() -> None:
    """Whoever closed one of the standard streams gives nothing and wants nothing; else the next file or socket would
    get its number, and what is printed would go there."""
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:
            setattr(sys, stream, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for the whole process


def _forget_what_cannot_be_written() -> None:
    """Else the end of the process stumbles over it once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentences(error: Exception) -> list[str]:
    if isinstance(error, ExceptionGroup):
        return [sentence for part in error.exceptions for sentence in _sentences(part)]
    return [str(error)]


@click.group(cls=Commands)
@click.version_option(package_name="cueroom", message="cueroom %(version)s")
def main() -> None:
    """A self-hosted control room for livestream sales shows."""
