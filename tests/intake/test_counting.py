"""Laws of counting: an acknowledgement and the metrics tell what the store has taken."""

import asyncio
from pathlib import Path

from conftest import small_rundown
from cueroom.edge.services import Services, make_services
from cueroom.intake.counting import Counted, flush_counted
from cueroom.processes.embedded import embedded_redis
from cueroom.settings import Settings
from cueroom.show.events import OrderPaid, ViewerEntered
from cueroom.show.tally import Flush, Tally
from cueroom.storage.calls import Sender

SHOW = "counting"


def a_flush() -> Flush:
    tally = Tally(small_rundown(SHOW))
    tally.add_all([ViewerEntered(n=3), OrderPaid(id="1", sku="V01", qty=1)], 1)
    return tally.flush


def told(services: Services) -> list[str]:
    """What the metrics say of events, as far as there were any."""
    text = services.metrics.expose("")[0].decode()
    return sorted(line for line in text.splitlines() if line.startswith("cueroom_events_total") and line[-3:] != "0.0")


def test_only_the_feed_that_has_the_name_now_counts_what_it_sends(tmp_path: Path) -> None:
    async def run() -> None:
        async with embedded_redis(tmp_path, "no") as server:
            services = make_services(Settings(redis=server.url))
            older, newer = Counted(), Counted()
            try:
                await services.store.put_show(small_rundown(SHOW), 1)
                epochs = [(await services.store.hello(SHOW, "feed", 1))[0] for _ in range(2)]
                refused = await flush_counted(services, SHOW, a_flush(), older, Sender("feed", epochs[0], 1, 1))
                assert (refused.status, older, told(services)) == ("fenced", Counted(), [])
                await flush_counted(services, SHOW, a_flush(), newer, Sender("feed", epochs[1], 1, 1))
                assert newer == Counted(accepted=2)
                assert told(services) == [
                    'cueroom_events_total{outcome="accepted",type="order.paid"} 1.0',
                    'cueroom_events_total{outcome="accepted",type="viewer.entered"} 1.0',
                ]
            finally:
                await services.store.close()

    asyncio.run(run())
