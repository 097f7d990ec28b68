"""Tenants that may be one under two spellings: names that differ only in case, spaces or
punctuation.

    folded("H3C - Krai")  ==  folded("h3c_KRAI")  ==  "h3ckrai"

A tenant's name is its identity: another spelling is another tenant, with a trail of its own, and on
a shared card the two are strangers. Both spellings may be meant, so nothing is merged or refused;
whoever imports is told.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

KEPT = "LNM"  # letters, numbers, and the marks without which some scripts have no vowels


def folded(name: str) -> str:
    """What is left of a name without case, spaces and punctuation (NFKC, casefold); empty for one
    that has nothing else."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in KEPT)


@dataclass(slots=True)
class NearNames:
    """The names that there are, and the new ones that are nearly one of them: `pairs` of (new, the
    one that was there before)."""

    names: set[str] = field(default_factory=set)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    _by_fold: dict[str, str] = field(default_factory=dict)

    @classmethod
    def beside(cls, names: Iterable[str]) -> "NearNames":
        """Those that are there; how near they are to each other is not asked again."""
        known = set(names)
        return cls(known, [], {folded(name): name for name in sorted(known, reverse=True)})

    def add(self, name: str) -> None:
        """A name comes in; again, or one that is there, changes nothing."""
        if name in self.names:
            return
        self.names.add(name)
        fold = folded(name)
        if fold and (before := self._by_fold.setdefault(fold, name)) != name:
            self.pairs.append((name, before))
