"""Waiting for what another process does, which wakes nobody here."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 120.0
"""How long a test waits for what must come: no measurement, since only what hangs takes so long on any machine."""


def until(look: Callable[[], T], what: str, wanted: Callable[[T], object] = bool) -> T:
    """Looks until it is as wanted; answers what was seen. `what` says what never came, should it not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"it never came true: {what}; last seen: {seen!r}"
        time.sleep(0.02)
    return seen
