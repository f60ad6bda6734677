"""Laws of the bench of one slot."""

import asyncio

from benches.slot import measure


def test_a_lap_takes_every_flush_it_was_given() -> None:
    laps = asyncio.run(measure("everysec", 0.3, (10, 50), 200))
    assert [(lap.size, lap.flushes) for lap in laps] == [(10, 20), (50, 4)]
    assert all(lap.events_per_s > 0 and lap.store_busy >= 0 for lap in laps)
