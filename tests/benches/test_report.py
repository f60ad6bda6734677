"""Laws of what the benches write into the README."""

import xml.etree.ElementTree as ET

import msgspec
import pytest

from benches.cost import Cost
from benches.growth import Running, Size
from benches.memory import Kept
from benches.plot import plot
from benches.report import COSTS, MEASURED, README, costs_of, put, table_of
from benches.results import Promise, Results


@pytest.mark.parametrize("place", [COSTS, MEASURED])
def test_the_readme_has_one_place_for_what_was_measured(place: str) -> None:
    text = README.read_text()
    assert text.count(f"<!-- {place} -->") == 1
    assert text.index(f"<!-- {place} -->") < text.index(f"<!-- /{place} -->")


def test_what_stood_in_a_place_is_replaced_and_nothing_else() -> None:
    assert put("a <!-- x -->old<!-- /x --> b", "x", "new") == "a <!-- x -->\nnew\n<!-- /x --> b"


def test_a_show_costs_what_was_measured_and_memory_for_its_orders_and_hours() -> None:
    cost = Cost(workers=0.09, store=0.065, machine=0.3, commands=3_000.0, received_bytes=1.0, written_bytes=366_000.0)
    running = Running("a star", Size(rate=5_000, screens=20, skus=36, shows=2), cost, server_mb=71.4)
    kept = Kept(order_bytes=40.0, hour_bytes=5e6, items=18)  # 1,080,000 orders, and twice 3 hours of twice the items
    grown = Results(name="growth", tables=[], figures={"running": [msgspec.to_builtins(running)]})
    table = costs_of(grown, Results(name="memory", tables=[], figures=msgspec.to_builtins(kept)))
    assert table.endswith("| a star | 5,000 | 20 | 36 | 2 | 9.0 % | 6.5 % | 71 MB | 103 MB | 366 KB |")


def test_a_promise_that_was_not_kept_is_said_not_to_be() -> None:
    promises = [Promise("speed", "≥ 2", "3", kept=True), Promise("size", "≤ 2", "3", kept=False)]
    table = table_of([Results(name="some", tables=[], promises=promises)])
    assert "| speed | ≥ 2 | 3 |" in table
    assert "| size | ≤ 2 | 3 (not reached) |" in table


def test_the_plot_is_a_picture_with_a_point_for_each_figure() -> None:
    points = [{"asked": 1_000, "p50_ms": 1.0, "p99_ms": 4.0}, {"asked": 100_000, "p50_ms": 2.0, "p99_ms": 19.0}]
    picture = ET.fromstring(plot(points))  # noqa: S314  # our own
    assert len(picture.findall("{http://www.w3.org/2000/svg}circle")) == 4
