"""Laws of the versions a checkout gets: they are what was asked for, and what is tested."""

from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from set_up import CONSTRAINTS, requirements

PINS = {pin.name: pin for line in CONSTRAINTS.read_text().splitlines() if line[0] != "#" for pin in [Requirement(line)]}


def installed(name: str) -> str | None:
    """Its version here; None where this Python or system does without it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@pytest.mark.parametrize("wanted", [*requirements(), *requirements("dev")])
def test_every_package_asked_for_is_held_to_a_version_that_will_do(wanted: str) -> None:
    requirement = Requirement(wanted)
    (pin,) = PINS[canonicalize_name(requirement.name)].specifier
    assert pin.operator == "=="
    assert requirement.specifier.contains(pin.version)


def test_the_tests_run_with_the_versions_that_are_written_down() -> None:
    assert [str(pin) for name, pin in PINS.items() if (found := installed(name)) and found not in pin.specifier] == []
