"""The fields of `[policy]`: the engine judges their values, and the types of its thresholds say what is right."""

from typing import Any

from msgspec import inspect

from cueroom.pacing.policy import Policy, policy_errors
from cueroom.showfile.fields import Field, Wrong


def _field(threshold: inspect.Field) -> Field:
    name, default = threshold.name, threshold.default
    right = _right(threshold.type) + (f" (default {default:g})" if isinstance(default, int | float) else "")

    def read(value: Any) -> Any:
        return Wrong(right, "policy", {"right": right}) if policy_errors({name: value}) else value

    return Field(read)


def _right(hint: inspect.Type) -> str:
    """What a value of that type may be, in words."""
    match hint:
        case inspect.Metadata(type=inner):
            return _right(inner)
        case inspect.FloatType(ge=low, le=high):
            return f"a number from {low:g} to {high:g}"
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.VarTupleType(item_type=inspect.EnumType(cls=names)):
            return f"a list of any of {', '.join(names)}"
        case inspect.DictType(key_type=inspect.EnumType(cls=names), value_type=each):
            return f"a table that gives any of {', '.join(names)} {_right(each)}"
        case _:
            raise TypeError(hint)


def _fields() -> dict[str, Field]:
    policy = inspect.type_info(Policy)
    assert isinstance(policy, inspect.StructType)  # noqa: S101  # it is a Struct
    return {threshold.name: _field(threshold) for threshold in policy.fields}


POLICY = _fields()
