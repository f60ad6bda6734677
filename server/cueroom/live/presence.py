"""Presence: which screens are connected, to whichever process."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Callable

from starlette.requests import HTTPConnection

from cueroom.errors import CueroomError
from cueroom.show.state import Screen
from cueroom.storage.store import Store
from cueroom.waiting import set_within

ROLL_S = 2.0
"""How often a process tells which screens it serves."""
SPACING_S = 0.1
"""Shortest time between two such tellings, however many come and go."""

_ID = re.compile(r"[0-9a-f]{16}")


def new_screen_id() -> str:
    """An id for a page that is about to open its socket."""
    return secrets.token_hex(8)


def screen_id_of(connection: HTTPConnection) -> str:
    """The id that a page gave to its socket, the same over all its connections; a new one for who gives none."""
    asked = connection.query_params.get("screen", "")
    return asked if _ID.fullmatch(asked) else new_screen_id()


class Roll:
    """Tells every process which screens of a show are connected to this one, as `screens` gives them."""

    def __init__(self, store: Store, show: str, process: str, screens: Callable[[], list[Screen]]) -> None:
        self._store = store
        self._show = show
        self._process = process
        self._screens = screens
        self._moved = asyncio.Event()
        self._calling: asyncio.Task[None] | None = None

    def moved(self) -> None:
        """A screen came or left."""
        self._moved.set()
        if self._calling is None:
            self._calling = asyncio.create_task(self._call())

    async def _call(self) -> None:
        """Calls the roll until it has told that nobody is there."""
        while self._moved.is_set() or self._screens():
            self._moved.clear()
            with contextlib.suppress(CueroomError):  # they go on without being seen
                await self._store.see_screens(self._show, self._process, self._screens())
            await asyncio.sleep(SPACING_S)
            if self._screens():
                await set_within(self._moved, ROLL_S)
        self._calling = None
