"""What a sender is told of its lines: each accepted with its index, a duplicate of one, or refused
with field, expected and received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import Struct, structs

from audit.models import Entry
from audit.storage import rows
from sovereignty.facts.errors import FactError


class Accepted(Struct, frozen=True, gc=False):
    """The line is entry `index` of trail `trail`; `entry` is its exact content. `duplicate`: it was
    there already."""

    line: int
    id: str
    trail: int
    index: int
    entry: bytes | None
    duplicate: bool = False


class Refusal(Struct, frozen=True, gc=False):
    """Nothing of the line was written. `retry`: the same line may be accepted later."""

    line: int
    id: str | None
    field: str
    expected: str
    received: str
    retry: bool


@dataclass(slots=True)
class Answers:
    """One answer a line, in the order of the lines, and the signed receipts that cover what was
    accepted.

    `position` is the batch's, None where nothing new was accepted."""

    lines: list[Accepted | Refusal] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    position: int | None = None

    @property
    def accepted(self) -> int:
        """How many lines became new entries."""
        return len(
            [line for line in self.lines if isinstance(line, Accepted) and not line.duplicate]
        )

    @property
    def duplicates(self) -> int:
        """How many lines were there already."""
        return len([line for line in self.lines if isinstance(line, Accepted) and line.duplicate])

    @property
    def refusals(self) -> list[Refusal]:
        """The lines that were refused."""
        return [line for line in self.lines if isinstance(line, Refusal)]


def refusal(line: int, fact_id: str | None, error: FactError) -> Refusal:
    """Put an error into the answer of its line."""
    return Refusal(line, fact_id, error.field, error.expected, error.received, error.retry)


def with_entries(lines: Iterable[Accepted | Refusal]) -> list[Accepted | Refusal]:
    """Return the answers with the stored content of each duplicate's entry, so that a resubmission
    can be checked as the first submission could."""
    answers = list(lines)
    places = sorted(
        {
            (line.trail, line.index)
            for line in answers
            if isinstance(line, Accepted) and line.entry is None
        }
    )
    if not places:
        return answers
    stored = rows.matching(
        Entry, ("trail_number", "index", "content"), ("trail_number", "index"), places
    )
    contents = {(trail, index): bytes(content) for trail, index, content in stored}
    return [
        structs.replace(line, entry=contents[line.trail, line.index])
        if isinstance(line, Accepted) and line.entry is None
        else line
        for line in answers
    ]
