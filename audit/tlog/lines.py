"""Texts of fixed lines, the form of the signed and hashed records: a title, then one `name value` a line.

    domicile/epoch/v1
    epoch 7
    closed 1735690500000

Every line ends with a line feed, names come in a fixed order, nothing is optional. Values are decimal numbers
without leading zeros, hashes in base64 with padding, or words without spaces. All functions raise ValueError
with a sentence; their callers, who know what the text was to be, turn it into their own error.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence

from audit.tlog.merkle import Hash

MAX_TEXT_SIZE = 4_096  # the longest of these texts, a receipt, has about 400 bytes and its origin
MAX_NUMBER = 2**63 - 1


def write_lines(title: str, fields: Sequence[tuple[str, str]]) -> bytes:
    """Return the text of `title` and the (name, value) `fields`."""
    text = "".join([f"{title}\n", *(f"{name} {value}\n" for name, value in fields)]).encode()
    if len(text) > MAX_TEXT_SIZE:
        raise ValueError(f"text has {len(text)} bytes, want at most {MAX_TEXT_SIZE}")
    return text


def read_lines(text: bytes, title: str, names: Sequence[str]) -> list[str]:
    """Return the values of a text of exactly `title` and the lines `names`.

    A value may still be another spelling of what it means: decode it, write it again, compare."""
    if len(text) > MAX_TEXT_SIZE:
        raise ValueError(f"text has {len(text)} bytes, want at most {MAX_TEXT_SIZE}")
    lines = text.decode().split("\n")
    if len(lines) != len(names) + 2 or lines[0] != title or lines[-1]:
        raise ValueError(f"text begins {text[:40]!r}, want the line {title} and {len(names)} more")
    values = []
    for name, line in zip(names, lines[1:-1], strict=True):
        if not line.startswith(f"{name} "):
            raise ValueError(f"text has the line {line!r}, want one of {name}")
        values.append(line[len(name) + 1 :])
    return values


def write_number(name: str, number: int, *, least: int = 0) -> str:
    """Return `number`, which must lie between `least` and 2^63 - 1, in decimal."""
    if not least <= number <= MAX_NUMBER:
        raise ValueError(f"{name} is {number}, want {least} to 2^63-1")
    return str(number)


def read_number(name: str, text: str) -> int:
    """Return the number that `text` spells in at most 19 decimal digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError(f"{name} is {text!r}, want decimal digits")
    return int(text)


def write_hash(name: str, value: Hash) -> str:
    """Return a hash in base64."""
    if len(value) != 32:
        raise ValueError(f"{name} has {len(value)} bytes, want 32")
    return b64encode(value).decode()


def read_hash(name: str, text: str) -> Hash:
    """Return the 32 bytes that `text` spells in base64."""
    value = b64decode(text, validate=True)
    if len(value) != 32:
        raise ValueError(f"{name} has {len(value)} bytes, want 32")
    return Hash(value)


def check_word(name: str, value: str) -> str:
    """Return `value` if it is not empty and holds no space and no control character."""
    if not value or not value.isprintable() or " " in value:
        raise ValueError(f"{name} is {value!r}, want a word without spaces")
    return value
