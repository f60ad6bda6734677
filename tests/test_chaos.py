"""The chaos law: whatever is killed, stopped, cut or starved, everything counts once and every cue is told once."""

import asyncio
from pathlib import Path

import pytest

from chaos_lab.__main__ import deal
from chaos_lab.faults import FAULTS
from chaos_lab.laps import Lap, track

SEED = "ci"
LAPS = 5


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="the lab counts descriptors and memory as Linux tells them"
)
def test_five_laps_of_chaos_break_no_promise_and_a_lap_would_tell_if_one_did(tmp_path: Path) -> None:
    async def scene() -> tuple[list[Lap], Lap]:
        async with track(tmp_path, SEED) as lab:
            laps = [
                await lab.run(number, faults) for number, faults in enumerate(deal(LAPS, 2, SEED, tuple(FAULTS)), 1)
            ]
            lab.truth.add([{"type": "viewer.liked", "n": 1}])
            return laps, await lab.run(LAPS + 1, ())

    laps, wrong = asyncio.run(scene())
    assert [lap.wrong for lap in laps] == [[]] * LAPS
    assert all(len(lap.broken) == 2 for lap in laps)
    assert [complaint.partition(" is ")[0] for complaint in wrong.wrong] == ["liked"]


def test_the_same_seed_deals_the_same_faults_and_every_fault_has_its_turn() -> None:
    known = tuple(sorted(FAULTS))
    assert deal(30, 2, "a", known) == deal(30, 2, "a", known) != deal(30, 2, "b", known)
    assert {fault for hand in deal(len(known), 1, "a", known) for fault in hand} == set(known)
