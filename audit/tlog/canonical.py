"""Canonical JSON: one value has one spelling, so that hashing the bytes is hashing the value.

    {"index":7,"kind":"touch.recorded/v1","subject":"räksmörgås","waived":false}

This is RFC 8785, restricted by FORMATS.md section 2.0. Values are objects, arrays, strings without
lone surrogates, integers 0 … 2^53-1, true, false and null. Keys are printable ASCII, so their code
point order is the UTF-16 order of RFC 8785, section 3.2.3. Nothing is nested deeper than
`MAX_DEPTH`.

`decode` writes the value again and compares. That comparison alone refuses white space, unsorted
and repeated keys, needless escapes, a byte order mark, `-0`, leading zeros and lone surrogates.
What would survive it has a check of its own: floats, large and negative integers, odd keys, deep
nesting.
"""

import json
import json.encoder
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from audit.tlog.errors import CanonicalError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

# The largest integer that every JSON reader keeps exact. RFC 8259, section 6.
MAX_INTEGER = 2**53 - 1

# Arrays and objects inside each other. A fixed number, because the interpreter's own limit moves
# with the depth of the caller: without it, one reader could accept what another refuses.
MAX_DEPTH = 64


def encode(value: object) -> bytes:
    """Return the canonical JSON of `value`: dict, list, str, int, bool or None, and no subclass of
    these. Raises CanonicalError. RFC 8785; FORMATS.md section 2.0."""
    _check(value, MAX_DEPTH)
    try:
        return _write(value).encode()
    except UnicodeEncodeError as error:
        lone = error.object[error.start]
        raise CanonicalError(f"a string holds the lone surrogate {lone!a}") from error


def decode(data: bytes) -> Json:
    """Return the value of `data`, which must be exactly the bytes that `encode` writes for it.
    Raises CanonicalError. RFC 8785; FORMATS.md section 2.0."""
    try:
        text = data.decode()
        # `raw_decode` stops after the first value; whatever follows it fails the comparison below.
        value: Json = _DECODER.raw_decode(text)[0]
        again = _write(value)
    except RecursionError as error:
        raise CanonicalError(f"JSON is nested deeper than {MAX_DEPTH}") from error
    except ValueError as error:
        raise CanonicalError(f"not JSON: {error}") from error
    if again != text:
        raise CanonicalError(_first_difference(again, text))
    if not _is_plainly_good(text):
        _check(value, MAX_DEPTH)
    return value


def _is_plainly_good(text: str) -> bool:
    """Return whether the text alone shows that no key is odd and nothing too deep. Nearly every
    line does."""
    return (
        text.isascii()
        and "\\" not in text
        and "\x7f" not in text
        and text.count("{") + text.count("[") <= MAX_DEPTH
    )


def _check(value: object, depth: int) -> None:
    """Check `value` and all that is in it, where `depth` containers may still be opened."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if isinstance(value, int) and kind is int:
        _check_integer(value)
    elif isinstance(value, dict) and kind is dict:
        _check_depth(depth)
        _check_keys(value)
        for member in value.values():
            _check(member, depth - 1)
    elif isinstance(value, list) and kind is list:
        _check_depth(depth)
        for member in value:
            _check(member, depth - 1)
    else:
        raise CanonicalError(
            f"want object, array, string, integer, boolean or null, got {kind.__name__}"
        )


def _check_depth(depth: int) -> None:
    if depth == 0:
        raise CanonicalError(f"JSON is nested deeper than {MAX_DEPTH}")


def _check_keys(members: dict[object, object]) -> None:
    for key in members:
        # For ASCII, printable is 20 to 7e.
        if type(key) is not str or not (key.isascii() and key.isprintable()):
            raise CanonicalError(f"object key is not printable ASCII: {key!a}")


def _check_integer(value: int) -> None:
    if not 0 <= value <= MAX_INTEGER:
        raise _not_an_integer(value)


def _not_an_integer(value: int) -> CanonicalError:
    return CanonicalError(f"want an integer 0 … 2^53-1, got {hex(value)[:40]}")


def _read_integer(text: str) -> int:
    value = int(text)
    if (
        0 <= value <= MAX_INTEGER
    ):  # as `_check_integer`, in one call: a line has half a dozen integers
        return value
    raise _not_an_integer(value)


def _refuse_number(text: str) -> NoReturn:
    raise CanonicalError(f"want an integer, got {text[:40]}")


def _first_difference(want: str, got: str) -> str:
    pairs = zip(want, got, strict=False)
    index = next((i for i, (w, c) in enumerate(pairs) if w != c), min(len(want), len(got)))
    return (
        f"not canonical at character {index}: want {want[index : index + 20]!a}, got "
        f"{got[index : index + 20]!a}"
    )


def _writer(options: json.JSONEncoder) -> Callable[[Any], str]:
    """Return a function that does what `options.encode` does. That method makes an encoder at every
    call. Where the interpreter has the usual one in C, this makes it once, which saves a verifier a
    twelfth of its time."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return options.encode
    # By name, as above: type checkers do not know it.
    quote = getattr(json.encoder, "encode_basestring")  # noqa: B009
    chunks = make(
        None,
        options.default,
        quote,
        None,
        ":",
        ",",
        options.sort_keys,
        options.skipkeys,
        options.allow_nan,
    )
    return lambda value: "".join(chunks(value, 0))


# Built once: the plain `json.loads` and `json.dumps` make a new one at every call that has options.
_DECODER = json.JSONDecoder(
    parse_int=_read_integer, parse_float=_refuse_number, parse_constant=_refuse_number
)
# RFC 8785, sections 3.2.1 to 3.2.3. Nesting is bounded before writing, so cycles need no second
# check.
_write = _writer(
    json.JSONEncoder(
        ensure_ascii=False,
        check_circular=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
    )
)
