"""Collecting: how often Python looks through a server's objects for what only refers to itself."""

import gc

YOUNG = 5_000
"""So many new objects are looked through at once, in about 1 ms."""
MIDDLE = 4
"""After so many looks at the young, a look at all that came since the last such look."""
OLD = 100
"""After so many of those, that is two million objects that came to stay, a look at all."""


def collect_seldom() -> None:
    """From here on, what is there now is never looked at again, and all that came since seldom.

    With 5,000 screens a look at all takes 0.4 s, in which nobody is served, and Python by itself takes one whenever a
    quarter more has come. There is hardly anything to find: a connection that has ended goes by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
