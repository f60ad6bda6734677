"""The shows that policies are measured on."""

import pytest

from benches.kinds import KINDS, Kind
from benches.outsiders import HABITS, draw_world
from cueroom import showfile
from cueroom.showfile.writing import to_toml


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_drawn_show_is_a_valid_show_file_and_reads_back_the_same(kind: Kind) -> None:
    for seed in range(5):
        rundown, _ = kind.make(seed)
        assert showfile.parse(to_toml(rundown).encode()) == rundown


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_seed_always_draws_the_same_show_and_another_a_different_one(kind: Kind) -> None:
    assert kind.make(3) == kind.make(3)
    assert kind.make(3) != kind.make(4)


def test_a_sheet_without_shares_is_a_valid_show_file_too() -> None:
    rundown = draw_world(HABITS["no-batches"], 1).rundown
    assert {item.share for item in rundown.items} == {None}
    assert showfile.parse(to_toml(rundown).encode()) == rundown
