"""What a screen is told by its address."""

from cueroom.views.options import OPTIONS, chosen


def test_what_is_asked_for_holds_and_a_mistyped_value_is_the_default() -> None:
    asked = chosen("overlay", {"price": "0", "position": "top-right", "scale": "900", "mirror": "yes"})
    assert (asked["price"], asked["position"]) == ("0", "top-right")
    assert (asked["scale"], asked["mirror"], asked["stock"]) == ("1", "0", "1")


def test_a_default_is_one_of_the_values() -> None:
    assert all(option.default in option.values for options in OPTIONS.values() for option in options)
