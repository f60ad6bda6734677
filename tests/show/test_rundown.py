"""Laws of the rundown: what a sheet says of an item."""

import pytest

from cueroom.show.rundown import Item


@pytest.mark.parametrize(("reserve", "batch"), [(60, 10), (55, 5), (50, 20), (30, 30), (12, 12), (0, 0), (80, 20)])
def test_the_next_batch_is_the_first_one_still_held_back(reserve: int, batch: int) -> None:
    item = Item(sku="V01", name="", price=1, stock=100, batches=(20, 20, 10, 20, 30), minutes=1, host="lead")
    assert item.next_batch(reserve) == batch
