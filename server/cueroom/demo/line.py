"""The demonstration's one line on the terminal: how far the show is, what is on air and what it sold."""

from datetime import UTC, datetime
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from cueroom.show.rundown import Rundown


class DemoLine:
    """Redrawn from every state; quiet where standard error is no terminal."""

    def __init__(self, rundown: Rundown) -> None:
        self._currency = rundown.currency
        self._progress = Progress(
            TextColumn("{task.fields[clock]}", style="bold", table_column=Column(min_width=8)),
            BarColumn(bar_width=12, table_column=Column(min_width=12)),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=Console(stderr=True),
            disable=not Console(stderr=True).is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("waiting for the show", total=rundown.duration_min * 60, clock="--:--:--")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, state: dict[str, Any]) -> None:
        """The line for this state."""
        clock = datetime.fromtimestamp(state["time"] / 1000, UTC).astimezone().strftime("%H:%M:%S")
        self._progress.update(
            self._task, completed=state["elapsed_s"], clock=clock, description=sentence(state, self._currency)
        )


def sentence(state: dict[str, Any], currency: str) -> str:
    """What is on air, orders, GMV and the cue that waits, in a line."""
    totals, live = state["totals"], state["live"]
    item = f"{live['sku']} {state['items'][live['sku']]['name']}" if live else state["phase"]
    sold = f"{totals['orders_created']:,} orders · {totals['gmv'] // 100:,} {currency}"
    cues = f" · {len(state['cues'])} cues: {state['cues'][0]['text']}" if state["cues"] else ""
    return f"{item} · {totals['online']:,} online · {sold}{cues}"
