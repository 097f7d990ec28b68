"""One spelling only, for the two kinds of value that our text formats have besides words.

These are decimals and base64. A number must print back to the same text: `int` alone would take
`+5`, ` 5`, `5_0` and `٥`. Base64 is RFC 4648, section 4, with its padding; the unused bits of the
last character are zero. Callers name what they read and the error of their own format, so that a
message says which field was wrong.
"""

import binascii

from audit.tlog.errors import TlogError

# Every number in a text format fits a signed 64-bit integer. FORMATS.md section 1.5.
MAX_DECIMAL = 2**63 - 1
_MAX_DIGITS = len(str(MAX_DECIMAL))


def parse_decimal(text: str, what: str, error: type[TlogError]) -> int:
    """Return the integer 0 … 2^63-1 in `text`, without sign and leading zeros. Raises `error`."""
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        number = int(text)
        if number <= MAX_DECIMAL and str(number) == text:
            return number
    raise error(f"{what}: want a decimal 0 … 2^63-1 without leading zeros, got {text[:40]!a}")


def encode_base64(data: bytes) -> str:
    """Return `data` in padded base64. RFC 4648, section 4."""
    return binascii.b2a_base64(data, newline=False).decode()


def parse_base64(text: str, what: str, error: type[TlogError], length: int | None = None) -> bytes:
    """Return the bytes that `text` spells: `length` of them if it is given. Raises `error`."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as cause:
        raise error(f"{what}: not base64: {text[:40]!a}") from cause
    if encode_base64(data) != text:
        raise error(f"{what}: base64 in a second spelling: {text[:40]!a}")
    if length is not None and len(data) != length:
        raise error(f"{what}: want {length} bytes, got {len(data)}")
    return data
