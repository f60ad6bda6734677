"""The parameters of the simulated audience."""

from typing import Any

import msgspec
import pytest

from cueroom.audience import LAUNCH, SMALL, Params, ViewerClass

SOURCES = ("assumed", "on record", "vendors say", "official", "observed", "platforms:", "EJM", "pacing notes")


@pytest.mark.parametrize("params", [LAUNCH, SMALL])
def test_the_shapes_lie_within_the_ranges(params: Params) -> None:
    assert msgspec.convert(msgspec.to_builtins(params), Params) == params
    assert sum(viewers.share for viewers in params.viewers) == pytest.approx(1)


@pytest.mark.parametrize("kind", [Params, ViewerClass])
def test_every_figure_has_a_range_and_a_source(kind: Any) -> None:
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    for name, field in schema.items():
        if field.get("type") == "number":
            assert {"minimum", "maximum"} <= field.keys(), name
            assert any(source in field["description"] for source in SOURCES), name
