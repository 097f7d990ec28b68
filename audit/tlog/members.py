"""Typed reading of the members of a JSON object whose fields are all fixed.

Canonical JSON leaves a value one spelling but does not fix its type; these functions do. They raise
ValueError with a sentence. Their callers know what the object is for, and raise their own error.
"""

import re
from collections.abc import Set as AbstractSet

from audit.tlog.canonical import Json

Object = dict[str, Json]

# `bytes.fromhex` would take capitals and spaces too.
_is_hex = re.compile(r"[0-9a-f]*").fullmatch


def check_members(value: Json, want: AbstractSet[str]) -> Object:
    """Return `value`, which must be an object of exactly the members `want`."""
    if type(value) is not dict:
        raise ValueError(f"JSON is {_name(value)}, want an object")
    if value.keys() != want:
        missing, unknown = sorted(want - value.keys()), sorted(value.keys() - want)
        raise ValueError(
            f"JSON object lacks the members {missing} and has the unknown members {unknown}"
        )
    return value


def read_array(value: Object, name: str) -> list[Json]:
    """Return a member that is an array."""
    member = value[name]
    if type(member) is not list:
        raise ValueError(f"{name} is {_name(member)}, want an array")
    return member


def read_integer(value: Object, name: str) -> int:
    """Return a member that is an integer; canonical JSON has bounded it to 0 … 2^53-1."""
    member = value[name]
    if type(member) is not int:  # isinstance would take true for 1
        raise ValueError(f"{name} is {_name(member)}, want an integer")
    return member


def read_text(value: Object, name: str) -> str:
    """Return a member that is a string."""
    member = value[name]
    if type(member) is not str:
        raise ValueError(f"{name} is {_name(member)}, want a string")
    return member


def read_hex(value: Object, name: str, size: int) -> bytes:
    """Return the `size` bytes that a member spells in lowercase hex."""
    return parse_hex(name, value[name], size)


def parse_hex(name: str, text: Json, size: int) -> bytes:
    """Return the `size` bytes that `text` spells in lowercase hex."""
    if type(text) is str and len(text) == 2 * size and _is_hex(text):
        return bytes.fromhex(text)
    raise ValueError(f"{name} is {text!r:.80}, want {2 * size} lowercase hex digits")


def _name(value: Json) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        int: "an integer",
        bool: "a boolean",
    }
    return "null" if value is None else names[type(value)]
