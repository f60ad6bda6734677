"""Encore: which item may come back, how often, and when there is still time for it."""

import pytest

from cueroom.show import events as ev
from cueroom.show.cues import Kind
from cueroom.show.rundown import Item
from pacing.rehearsal import Rehearsal, fading, figure, item, rundown


def after_a_hit(*items: Item, seconds: int = 300, **changes: object) -> Rehearsal:
    """V1 was the hit of a short show; V2 on air sells next to nothing."""
    show = Rehearsal(rundown(*(items or (item("V1"), item("V2"))), **{"duration_min": 30, **changes}), tick_s=5)
    show.present("V1")
    show.play(300, fading("V1", 8.0, 60, base=0.5))
    show.present("V2")
    return show.play(seconds, {"V2": 0.02})


@pytest.mark.parametrize(
    ("items", "policy", "minutes", "told"),
    [
        ((item("V1"), item("V2")), {}, 30, True),
        ((item("V1"), item("V2"), item("V3")), {}, 30, False),
        ((item("V1", encore=False), item("V2")), {}, 30, False),
        ((item("V1"), item("V2", min_minutes=20)), {}, 30, False),
        ((item("V1"), item("V2")), {"encore_most": 0}, 30, False),
        ((item("V1"), item("V2")), {"encore_item_most": 0}, 30, False),
        ((item("V1"), item("V2")), {"encore_min_s": 1_500}, 30, False),
        ((item("V1"), item("V2")), {}, 7, False),
    ],
)
def test_an_encore_needs_leave_time_and_nothing_else_to_come(
    items: tuple[Item, ...], policy: dict[str, object], minutes: int, told: bool
) -> None:
    assert bool(after_a_hit(*items, policy=policy, duration_min=minutes).of(Kind.ENCORE)) is told


def test_an_item_comes_back_only_as_often_as_the_policy_lets_it() -> None:
    show = after_a_hit(policy={"encore_item_most": 1})
    assert show.of(Kind.ENCORE)
    show.present("V1")
    show.play(60, {"V1": 0.5})
    show.present("V2")
    before = len(show.of(Kind.ENCORE))
    show.play(300, {"V2": 0.02})
    assert len(show.of(Kind.ENCORE)) == before


def test_what_cannot_be_sold_again_does_not_come_back() -> None:
    show = after_a_hit(seconds=10)
    show.apply(ev.StockCounted(sku="V1", n=0))
    assert not show.play(290, {"V2": 0.02}).of(Kind.ENCORE)


def test_more_of_the_room_has_not_seen_it_the_longer_it_was_away() -> None:
    sooner, later = (figure(cue, "unseen_pct") for cue in after_a_hit(seconds=900).of(Kind.ENCORE)[:2])
    assert 0 < sooner < later <= 100


def test_an_encore_stays_for_its_least_time_unless_it_is_sold_out() -> None:
    def encores_after(seconds: int, *events: ev.Event) -> int:
        show = after_a_hit(seconds=600)
        before = len(show.of(Kind.ENCORE))
        show.present("V1")
        for event in events:
            show.apply(event)
        return len(show.play(seconds, {"V1": 0.001}).of(Kind.ENCORE)) - before

    assert not encores_after(150)
    assert encores_after(60, ev.StockCounted(sku="V1", n=0))


def test_nobody_says_that_the_whole_room_is_new() -> None:
    show = after_a_hit(seconds=900, duration_min=60)
    assert all(0 < figure(cue, "unseen_pct") <= 95 for cue in show.of(Kind.ENCORE))
    assert show.of(Kind.ENCORE)


@pytest.mark.parametrize(("sold_per_s", "told"), [(0.1, True), (0.3, False)])
def test_what_surely_earns_its_time_is_not_left_even_for_an_encore_that_would_bring_much_more(
    sold_per_s: float, told: bool
) -> None:
    show = after_a_hit(seconds=0, duration_min=60)
    assert bool(show.play(1_200, {"V2": sold_per_s}).of(Kind.ENCORE)) is told
