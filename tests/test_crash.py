"""The crash law: whatever is killed in mid-load, resending what was not acknowledged counts exactly once."""

import pytest

from conftest import Server
from steady_feed import SteadyFeed

KILLS = 3


@pytest.mark.parametrize("victim", ["server", "store"])
def test_a_kill_in_mid_load_neither_loses_nor_doubles(tmp_path_factory: pytest.TempPathFactory, victim: str) -> None:
    server = Server(tmp_path_factory.mktemp(f"crash-{victim}") / "data")
    try:
        show = server.new_show()
        feed = SteadyFeed(show)
        for _ in range(KILLS):
            feed.await_progress()
            if victim == "server":
                server.kill()
                server.start()
            else:
                server.kill_store()
        feed.await_progress()
        feed.check_totals()
    finally:
        server.stop()
