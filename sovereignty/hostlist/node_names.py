"""What the reading and the writing of hostlists share: the error, and what a name may be."""

import re

LONGEST_NAME = 100  # characters of a node or slot name, as `sovereignty.facts.kinds.NodeName`
NAME = re.compile(r"[A-Za-z0-9._+:-]+")
_SHOWN = 60  # characters of the text that an error repeats


class HostlistError(ValueError):
    """Raised when a text is no hostlist, or a name cannot stand in one.

    `position` counts characters of `text` from 0; `expected` and `received` say what is wrong
    there.
    """

    def __init__(self, text: str, position: int, expected: str, received: str) -> None:
        self.text, self.position, self.expected, self.received = text, position, expected, received
        super().__init__(
            f"hostlist {_shown(text)}, position {position}: want {expected}, got {received}"
        )


def require_name(text: str, position: int, name: str) -> None:
    """Check that `name`, which stands at `position` of `text`, can name a node or a slot. Raises
    HostlistError."""
    found = NAME.match(name)
    if found is None or found.end() != len(name):
        at = 0 if found is None else found.end()
        raise HostlistError(
            text,
            position + at,
            "a name of letters, digits and ._+:-",
            found_at(name, at, len(name)),
        )
    if len(name) > LONGEST_NAME:
        raise HostlistError(
            text, position, f"a name of at most {LONGEST_NAME} characters", str(len(name))
        )


def found_at(text: str, position: int, end: int) -> str:
    """The character at `position`, quoted, or the end."""
    return repr(text[position]) if position < end else "the end"


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}… ({len(text)} characters)"
