"""A record step that writes nothing to the database: each line is parsed as the real one parses it,
and may go to a file.

What only the database knows (is the tenant known, was the fact recorded before) is not judged; a
line that comes twice, or with other content under the same id, within one import is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from sovereignty.collect.cloudevents import identity, parse
from sovereignty.facts.errors import FactError


@dataclass(frozen=True, slots=True)
class DryRefusal:
    """A line that the record step would refuse."""

    id: str | None
    field: str
    expected: str
    received: str


@dataclass(slots=True)
class DryAnswers:
    """What would be answered to a batch."""

    accepted: int = 0
    duplicates: int = 0
    refusals: list[DryRefusal] = field(default_factory=list)


@dataclass(slots=True)
class DryRun:
    """`out` gets the accepted lines, one JSON event each."""

    out: BinaryIO | None = None
    digests: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def __call__(self, lines: Iterable[bytes], *, actor: str, channel: str) -> DryAnswers:
        answers = DryAnswers()
        for line in lines:
            try:
                self._take(line, answers)
            except FactError as fault:
                answers.refusals.append(
                    DryRefusal(identity(line), fault.field, fault.expected, fault.received)
                )
        return answers

    def _take(self, line: bytes, answers: DryAnswers) -> None:
        fact = parse(line)
        key = (fact.source, fact.id)
        if key in self.digests:
            if self.digests[key] != fact.digest:
                raise FactError("id", "the same content under the same id", "other content")
            answers.duplicates += 1
            return
        self.digests[key] = fact.digest
        answers.accepted += 1
        if self.out is not None:
            self.out.write(line + b"\n")
