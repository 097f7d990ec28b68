"""What a person may read: every trail, as the operator's own officers do, or the trails of these
numbers and the fleet's.

    Rights(trails=frozenset({3})) | Rights(every_trail=True)
    →  Rights(every_trail=True, trails=frozenset({3}))
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rights:
    """A set of rights; `|`, `-` and `&` are those of sets."""

    every_trail: bool = False
    trails: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.every_trail or bool(self.trails)

    def __or__(self, other: "Rights") -> "Rights":
        return Rights(self.every_trail or other.every_trail, self.trails | other.trails)

    def __sub__(self, other: "Rights") -> "Rights":
        return Rights(self.every_trail and not other.every_trail, self.trails - other.trails)

    def __and__(self, other: "Rights") -> "Rights":
        return Rights(self.every_trail and other.every_trail, self.trails & other.trails)
