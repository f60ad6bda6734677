"""The plot of how soon batches are acknowledged: SVG, written by hand."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, WIDTH - 60, 28, HEIGHT - 44
COLOURS = {"p50_ms": "#2a78b8", "p99_ms": "#c2571a"}


class Scale:
    """Values by powers of ten onto a stretch of the picture, from the power below the least to that above the most."""

    def __init__(self, values: Iterable[float], begin: float, end: float) -> None:
        powers = [log10(max(value, 1e-3)) for value in values]
        self._least, self._most = floor(min(powers)), max(ceil(max(powers)), floor(min(powers)) + 1)
        self._begin, self._end = begin, end
        self.ticks = [10.0**power for power in range(self._least, self._most + 1)]

    def place(self, value: float) -> float:
        """Where a value lies."""
        share = (log10(max(value, 1e-3)) - self._least) / (self._most - self._least)
        return self._begin + share * (self._end - self._begin)


def plot(points: Sequence[dict[str, Any]]) -> str:
    """The delays of points with `asked` (events a second), `p50_ms` and `p99_ms`."""
    across = Scale([point["asked"] for point in points], LEFT, RIGHT)
    up = Scale([point[name] for point in points for name in COLOURS], BOTTOM, TOP)
    lines = [line for name in COLOURS for line in _curve(points, name, across, up)]
    return "\n".join((*_frame(points, across, up), *lines, "</svg>\n"))


def _frame(points: Sequence[dict[str, Any]], across: Scale, up: Scale) -> list[str]:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#667">',
        "<title>Time until a batch is durable and acknowledged, by events a second</title>",
        _text(LEFT, 16, "ms until a batch of 100 is durable and acknowledged"),
        _text(RIGHT, HEIGHT - 6, "events a second", "end"),
    ]
    for tick in up.ticks:
        parts.append(f'<path d="M{LEFT} {up.place(tick):.1f}H{RIGHT}" stroke="#8884"/>')
        parts.append(_text(LEFT - 8, up.place(tick) + 4, f"{tick:g}", "end"))
    return parts + [
        _text(across.place(point["asked"]), BOTTOM + 20, f"{point['asked']:,}", "middle") for point in points
    ]


def _curve(points: Sequence[dict[str, Any]], name: str, across: Scale, up: Scale) -> list[str]:
    places = [(across.place(point["asked"]), up.place(point[name])) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[name]}"/>' for x, y in places),
        _text(x + 8, y + 4, name.removesuffix("_ms")),
    ]


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
