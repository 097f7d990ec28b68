"""Texts of fixed lines, the form of our hashed and signed records: a title, then `name value`
lines.

    domicile/epoch/v1
    epoch 7
    closed 1735690500000
    …

Every line ends with a newline. The names come in a fixed order, and nothing is optional. Values are
decimals, hashes in base64, words without spaces, or several of these with one space between. As in
`spelling`, callers name the text and the error of their own format.
"""

from collections.abc import Mapping, Sequence

from audit.tlog.errors import TlogError
from audit.tlog.merkle import HASH_BYTES, Hash
from audit.tlog.spelling import MAX_DECIMAL, encode_base64, parse_base64

# The longest of these texts, a receipt, has about 350 bytes and its origin.
MAX_TEXT_SIZE = 4_096


def write_lines(title: str, values: Mapping[str, str], error: type[TlogError]) -> bytes:
    """Return the text of `title` and a line for each of `values`, in order. Raises `error`."""
    text = "".join(
        [f"{title}\n", *(f"{name} {value}\n" for name, value in values.items())]
    ).encode()
    if len(text) > MAX_TEXT_SIZE:
        raise error(f"{title}: text has {len(text)} bytes, want at most {MAX_TEXT_SIZE}")
    return text


def read_lines(text: bytes, title: str, names: Sequence[str], error: type[TlogError]) -> list[str]:
    """Return the values of a text of exactly `title` and a line for each name. Raises `error`."""
    if len(text) > MAX_TEXT_SIZE:
        raise error(f"{title}: text has {len(text)} bytes, want at most {MAX_TEXT_SIZE}")
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as cause:
        raise error(f"{title}: text is not UTF-8") from cause
    if lines[0] != title or lines[-1] or len(lines) != len(names) + 2:
        raise error(f"{title}: want this title and {len(names)} lines, got {text[:80]!a}")
    values = []
    for name, line in zip(names, lines[1:-1], strict=True):
        if not line.startswith(f"{name} "):
            raise error(f"{title}: want a line of {name}, got {line[:80]!a}")
        values.append(line[len(name) + 1 :])
    return values


def write_decimal(number: int, what: str, error: type[TlogError], least: int = 0) -> str:
    """Return `number`, which lies between `least` and 2^63-1, in decimal. Raises `error`."""
    if not least <= number <= MAX_DECIMAL:
        raise error(f"{what}: want {least} … 2^63-1, got {number}")
    return str(number)


def write_hash(value: bytes, what: str, error: type[TlogError]) -> str:
    """Return a hash in base64. Raises `error`."""
    if len(value) != HASH_BYTES:
        raise error(f"{what}: want {HASH_BYTES} bytes, got {len(value)}")
    return encode_base64(value)


def parse_hash(text: str, what: str, error: type[TlogError]) -> Hash:
    """Return the hash that `text` spells in base64. Raises `error`."""
    return Hash(parse_base64(text, what, error, HASH_BYTES))


def check_word(text: str, what: str, error: type[TlogError]) -> str:
    """Return `text` if it is a word without spaces and control characters. Raises `error`."""
    if not text or not text.isprintable() or " " in text:
        raise error(f"{what}: want a word without spaces, got {text[:80]!a}")
    return text
