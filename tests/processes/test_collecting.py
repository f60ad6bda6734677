"""Laws of collecting: what a server began with is not looked through again, what came since is."""

import gc

from cueroom.processes.collecting import collect_seldom


def test_what_was_there_is_looked_at_no_more_and_what_comes_is() -> None:
    thresholds = gc.get_threshold()
    python_itself = (700, 10, 10)
    before: list[object] = [[]]
    try:
        gc.set_threshold(*python_itself)
        collect_seldom()
        since: list[object] = [[]]
        looked_at = set(map(id, gc.get_objects()))
        assert id(before) not in looked_at
        assert id(since) in looked_at
        assert all(new > old for new, old in zip(gc.get_threshold()[::2], python_itself[::2], strict=True))
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
