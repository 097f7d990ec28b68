"""The verdicts and their order, kept through every roll-up, page and export.

    non_compliant > unverifiable > waived > compliant > not_applicable

Missing evidence is never compliant, so `unverifiable` is worse than every good verdict. RULES
section 1, DESIGN section 4.
"""

from collections.abc import Iterable
from enum import IntEnum

from sovereignty.policy.errors import PolicyError


class Verdict(IntEnum):
    """A verdict; the larger, the worse. In reports it is written as its `word`."""

    NOT_APPLICABLE = 0
    COMPLIANT = 1
    WAIVED = 2
    UNVERIFIABLE = 3
    NON_COMPLIANT = 4

    @property
    def word(self) -> str:
        return _WORDS[self]


_WORDS = {verdict: verdict.name.lower() for verdict in Verdict}


def parse(word: str) -> Verdict:
    """The verdict written as `word`. Raises PolicyError."""
    for verdict in Verdict:
        if verdict.word == word:
            return verdict
    wanted = ", ".join(verdict.word for verdict in Verdict)
    raise PolicyError("verdict", f"one of {wanted}", repr(word))


def rounds_down(verdict: Verdict) -> bool:
    """Whether an amount of this verdict is rounded down, on pages and in reports. What is bad, or
    was waived, is rounded up, so that no fault rounds away; nothing good is made of less than there
    is."""
    return verdict in (Verdict.COMPLIANT, Verdict.NOT_APPLICABLE)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; of none it is not_applicable: there was nothing to judge."""
    return max(verdicts, default=Verdict.NOT_APPLICABLE)
