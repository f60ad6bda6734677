"""Laws of what the benches write into the README."""

import xml.etree.ElementTree as ET

from benches.plot import plot
from benches.report import END, README, START, table_of
from benches.results import Promise, Results


def test_the_readme_has_one_place_for_what_was_measured() -> None:
    text = README.read_text()
    assert (text.count(START), text.count(END)) == (1, 1)
    assert text.index(START) < text.index(END)


def test_a_promise_that_was_not_kept_is_said_not_to_be() -> None:
    promises = [Promise("speed", "≥ 2", "3", kept=True), Promise("size", "≤ 2", "3", kept=False)]
    table = table_of([Results(name="some", tables=[], promises=promises)])
    assert "| speed | ≥ 2 | 3 |" in table
    assert "| size | ≤ 2 | 3 (not reached) |" in table


def test_the_plot_is_a_picture_with_a_point_for_each_figure() -> None:
    points = [{"asked": 1_000, "p50_ms": 1.0, "p99_ms": 4.0}, {"asked": 100_000, "p50_ms": 2.0, "p99_ms": 19.0}]
    picture = ET.fromstring(plot(points))  # noqa: S314  # our own
    assert len(picture.findall("{http://www.w3.org/2000/svg}circle")) == 4
