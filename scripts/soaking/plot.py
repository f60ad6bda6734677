"""Plots: lines over hours of show, as one SVG that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from math import floor, log10

import msgspec

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 170, 60, 34, 46
STEPS = 4
ROUND = (1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0)
"""Ends of an axis, but for a power of ten, whose quarters are round."""
COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")


class Panel(msgspec.Struct, frozen=True):
    """Lines by name that share an axis, which begins at nothing."""

    title: str
    lines: Mapping[str, Points]


def svg_of(panels: Sequence[Panel], across: str) -> str:
    """The panels below one another; `across` says what their common axis is."""
    height = TOP + len(panels) * (HEIGHT + GAP)
    last = end_of([x for panel in panels for points in panel.lines.values() for x, _ in points])
    body = [part for place, panel in enumerate(panels) for part in _panel(panel, TOP + place * (HEIGHT + GAP), last)]
    body.append(_text(LEFT + WIDTH, height - 4, across, "end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}" '
        'font-family="sans-serif" font-size="12" fill="#334155">\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def end_of(values: Sequence[float]) -> float:
    """Where an axis from nothing ends that holds all of them."""
    most = max(values, default=0.0)
    if most <= 0:
        return 1.0
    power = 10.0 ** floor(log10(most))
    return next(power * end for end in ROUND if power * end >= most)


def _panel(panel: Panel, top: float, last: float) -> list[str]:
    most = end_of([y for points in panel.lines.values() for _, y in points])
    parts = [_text(LEFT, top - 12, panel.title)]
    for step in range(STEPS + 1):
        y = top + HEIGHT * (1 - step / STEPS)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#e2e8f0"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{most * step / STEPS:,g}", "end"))
    below = top + HEIGHT + 16
    parts += [
        _text(LEFT + WIDTH * step / STEPS, below, f"{last * step / STEPS:,g}", "middle") for step in range(STEPS + 1)
    ]
    legend = LEFT + WIDTH
    for (name, points), colour in zip(panel.lines.items(), cycle(COLOURS), strict=False):
        places = " ".join(f"{LEFT + WIDTH * x / last:.1f},{top + HEIGHT * (1 - y / most):.1f}" for x, y in points)
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_text(legend, top - 12, name, "end", colour))
        legend -= 7 * len(name) + 16
    return parts


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#334155") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
