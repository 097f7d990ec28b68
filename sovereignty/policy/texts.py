"""Marks texts for translation where they stand. Pages translate them where they show them.

The rules are pure: they know no Django and no language. `_` and `pgettext` are names that
`makemessages` looks for, so it finds the texts; here both leave the English as it is.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word that stands for a code of ours. `context` tells a translator what it is a word for."""

    context: str
    message: str

    def __str__(self) -> str:
        return self.message


def _(message: str) -> str:
    """Mark `message`."""
    return message


def pgettext(context: str, message: str) -> Term:
    """Mark `message`, which translates differently in other contexts."""
    return Term(context, message)
