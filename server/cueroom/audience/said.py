"""Events as plain maps, in the contract's words."""

from typing import Any

Event = dict[str, Any]


def totals(kind: str, n: float, time: int, **fields: Any) -> list[Event]:
    """One event that stands for `n` occurrences; none for none."""
    return [{"type": kind, "time": time, "n": int(n), **fields}] if n >= 1 else []
