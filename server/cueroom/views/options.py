"""What a screen can be told by its address, as data: the page of options lists it, and screens take nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

_SWITCH = ("0", "1")
_POSITIONS = ("bottom-left", "bottom-right", "top-left", "top-right")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a screen: its name in the query, the values it takes, and the one that holds without it."""

    name: str
    values: tuple[str, ...]
    default: str


OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "prompter": (
        Option("theme", ("dark", "light"), "dark"),
        Option("size", ("0.6", "0.8", "1", "1.2", "1.4", "1.6"), "1"),
        Option("speed", ("1", "2", "3", "4", "6", "8", "12"), "3"),
        Option("mirror", _SWITCH, "0"),
        Option("steady", _SWITCH, "0"),
        Option("plan", _SWITCH, "0"),
    ),
    "overlay": (
        Option("name", _SWITCH, "1"),
        Option("price", _SWITCH, "1"),
        Option("countdown", _SWITCH, "1"),
        Option("stock", _SWITCH, "1"),
        Option("position", _POSITIONS, "bottom-left"),
        Option("scale", ("0.5", "0.75", "1", "1.25", "1.5", "2"), "1"),
        Option("mirror", _SWITCH, "0"),
    ),
}
"""By screen. The prompter keeps its own on the device and takes any size and speed between the least and the most."""


def chosen(screen: str, query: Mapping[str, str]) -> dict[str, str]:
    """Each option of the screen with the value asked for; the default where it is none of its values, for a mistyped
    address must not blank what is on air."""
    return {
        option.name: value if (value := query.get(option.name)) in option.values else option.default
        for option in OPTIONS[screen]
    }
