"""Parts: what in a screen's frame is as it was in the one before, so that a browser need not look at it again."""

import re

CUT = "\x1e"
"""Stands before and after each part of a frame; none is inside another."""

SAME = "data-same"
"""Marks an element that is named, to keep its place, but left out: the browser has it already."""

_HEAD = re.compile(r'\s*<(\w+)[^>]*? id="([^"]+)"')


def whole(frame: str) -> str:
    """The frame with all its parts."""
    return frame.replace(CUT, "")


def changes(frame: str, before: str) -> str:
    """The frame for whoever has the one before: without the parts that are the same in it to the letter."""
    known = set(before.split(CUT)[1::2])
    pieces = frame.split(CUT)
    pieces[1::2] = [_left_out(part) if part in known else part for part in pieces[1::2]]
    return "".join(pieces)


def _left_out(part: str) -> str:
    head = _HEAD.match(part)
    return f'<{head[1]} id="{head[2]}" {SAME}></{head[1]}>' if head else part
