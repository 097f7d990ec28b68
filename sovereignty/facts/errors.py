"""What is wrong with a fact, in words: the field, what was expected, what was received. A decoder's
messages are put so too."""

import ast
import re
from typing import get_args

import msgspec

from sovereignty.facts import kinds
from sovereignty.facts.type_names import in_words

_EXPECTED = re.compile(
    r"^Expected (?P<expected>.+?)(?:, got (?P<received>.+?))?(?: - at `(?P<path>[^`]*)`)?$",
    re.DOTALL,
)
_UNKNOWN = re.compile(
    r"^Object contains unknown field `(?P<name>[^`]*)`(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL
)
_MISSING = re.compile(
    r"^Object missing required field `(?P<name>[^`]*)`(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL
)
_PATTERN = re.compile(r"`str` matching regex ('.*')", re.DOTALL)
_OTHER = re.compile(r"^(?P<received>.+?) - at `(?P<path>[^`]*)`$", re.DOTALL)
_WORDS_OF = {
    "evidence": get_args(kinds.Grade),
    "reports": get_args(kinds.FactFamily),
}  # of a fact: the fields that take only these words
_INDEX = re.compile(r"\[[0-9.]*\]$")
_INVALID = re.compile(
    r"^Invalid enum value (?P<received>.+?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL
)


class FactError(ValueError):
    """Raised when a fact cannot be accepted: `field` as a path, what was `expected`, what was
    `received`. `retry` says that the same fact may be accepted later, once something that it names
    is known."""

    def __init__(self, field: str, expected: str, received: str, *, retry: bool = False) -> None:
        super().__init__(f"{field}: want {expected}, got {received}")
        self.field, self.expected, self.received, self.retry = field, expected, received, retry


def explained(error: msgspec.MsgspecError, root: str) -> FactError:
    """Put a decoder's message into a field, what was expected and what was received."""
    text = str(error)
    if match := _UNKNOWN.match(text):
        return FactError(
            _path(root, match["path"], match["name"]), "no such field", "an unknown field"
        )
    if match := _MISSING.match(text):
        return FactError(_path(root, match["path"], match["name"]), "a value", "nothing")
    if match := _EXPECTED.match(text):
        return FactError(
            _path(root, match["path"]),
            _in_words(match["expected"]),
            in_words(match["received"] or "another value"),
        )
    if match := _INVALID.match(text):
        path = _path(root, match["path"])
        words = _WORDS_OF.get(_INDEX.sub("", path).rpartition(".")[2], ["the known words"])
        return FactError(path, f"one of {', '.join(words)}", match["received"])
    if match := _OTHER.match(text):
        return FactError(_path(root, match["path"]), "another spelling", match["received"])
    return FactError(root or "event", "JSON", text)


def _in_words(expected: str) -> str:
    """What a decoder expected; a pattern is told in words."""
    pattern = _PATTERN.fullmatch(expected)
    return (
        kinds.PATTERNS.get(ast.literal_eval(pattern[1]), expected)
        if pattern
        else in_words(expected)
    )


def _path(root: str, path: str | None, name: str | None = None) -> str:
    """`$.parts[0].k` of a decoder, under `root`."""
    inner = (path or "$").removeprefix("$")
    return (root + inner + (f".{name}" if name else "")).lstrip(".") or "event"
