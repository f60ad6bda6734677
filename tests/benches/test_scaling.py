"""Laws of the scaling bench: every primary gets as much to do as the others."""

from collections import Counter

import pytest

from benches.primaries import home_of
from benches.scaling import SHOWS, shows_over
from cueroom.storage.store import prefix_of


@pytest.mark.parametrize("primaries", [1, 2, 4])
def test_every_primary_is_the_home_of_as_many_shows(primaries: int) -> None:
    homes = Counter(home_of(prefix_of(show.id), primaries) for show in shows_over(primaries))
    assert homes == dict.fromkeys(range(primaries), SHOWS // primaries)
