"""The lines of one batch: each parsed or refused, then accepted, a duplicate of an entry or of an
earlier line, or refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import Struct, structs

from sovereignty.collect.cloudevents import Fact, identity, parse
from sovereignty.facts.checks import hostlists_of
from sovereignty.facts.errors import FactError
from sovereignty.facts.hostlist_counts import count_names
from sovereignty.recording.admission import Admission
from sovereignty.recording.answers import Accepted, Answers, Refusal, refusal
from sovereignty.recording.gc_pause import gc_paused

# Cards (and nodes of counts) that the hostlists of one batch spell: two hundred of the largest
# clusters.
MOST_NAMED = 20_000_000
Identity = tuple[str, str]  # (source, id)


class Line(Struct, gc=False):
    """One line on its way: parsed or refused, then accepted, a duplicate, or refused.

    `earlier` is the line of the batch that it repeats. An answer that `is_final` stands, even where
    an attempt is rolled back.
    """

    number: int
    fact: Fact | None
    answer: Accepted | Refusal | None = None
    earlier: Line | None = None
    is_final: bool = False


def parse_lines(lines: Iterable[bytes], first_line: int, admission: Admission) -> Lines:
    """Parse each line and check that its sender may say it; a blank line is counted, and left
    out."""
    with gc_paused():
        return Lines(_parsed(lines, first_line, admission))


def _parsed(lines: Iterable[bytes], first_line: int, admission: Admission) -> list[Line]:
    read: list[Line] = []
    first: dict[str, dict[str, Line]] = defaultdict(dict)  # by source and id
    named = _Named()
    check = admission.check
    for number, text in enumerate(lines, first_line):
        try:
            if named.count > MOST_NAMED:
                named.refuse()
            fact = parse(text)
            check(fact)
        except FactError as error:
            if text and not text.isspace():
                read.append(
                    Line(number, None, refusal(number, identity(text), error), is_final=True)
                )
            continue
        if fact.sole_hostlist not in named.texts:
            named.add(fact)
        line = Line(number, fact)
        read.append(line)
        earlier = first[fact.source].setdefault(fact.id, line)
        if earlier is line:
            continue
        if earlier.fact is not None and earlier.fact.digest == fact.digest:
            line.earlier = earlier
        else:
            line.answer, line.is_final = refusal(number, fact.id, conflict(fact.id)), True
    return read


@dataclass(slots=True)
class _Named:
    """How many names the different hostlists of a batch spell: a few kilobytes can spell a million,
    and all are looked up."""

    texts: set[str] = field(default_factory=set)
    count: int = 0

    def refuse(self) -> None:
        """Raise FactError: the batch is full."""
        expected = (
            f"hostlists of at most {MOST_NAMED} cards in one batch; send this line in the next"
        )
        raise FactError("batch", expected, f"{self.count}", retry=True)

    def add(self, fact: Fact) -> None:
        for text, slots in hostlists_of(fact.data):
            if text not in self.texts:
                self.texts.add(text)
                self.count += count_names(text, slots)


@dataclass(slots=True)
class Lines:
    """The lines of a batch, over all attempts to record it."""

    lines: list[Line]
    position: int | None = None
    # by trail, of the entries that an attempt has appended
    first_new: dict[int, int] = field(default_factory=dict)

    def start_again(self, *, without_refused: bool) -> None:
        """Forget what an attempt decided that was rolled back; `without_refused`, its refusals
        stand."""
        self.position = None
        self.first_new.clear()
        for line in self.lines:
            if without_refused and isinstance(line.answer, Refusal):
                line.is_final = True
            if not line.is_final:
                line.answer = None

    def undecided(self) -> list[tuple[Line, Fact]]:
        """The lines that nothing has been decided about; a line that an earlier one says already
        waits for that one."""
        return [
            (line, line.fact)
            for line in self.lines
            if line.answer is None and line.fact is not None and line.earlier is None
        ]

    def decided(self) -> list[Accepted | Refusal]:
        """What each line is answered, once all is decided about them: when the commit begins, and
        after it."""
        for line in self.lines:
            if line.earlier is not None:
                line.answer = _repeated(line)
        return [line.answer for line in self.lines if line.answer is not None]

    def answers(self) -> Answers:
        """Return the answers of what is committed, without receipts. Lets the lines go, before
        garbage collection resumes and walks them."""
        answers = Answers(self.decided(), position=self.position)
        self.lines.clear()
        return answers


def _repeated(line: Line) -> Accepted | Refusal | None:
    """The answer to a line that repeats an earlier line of the batch."""
    answer = line.earlier.answer if line.earlier else None
    if isinstance(answer, Accepted):
        return structs.replace(answer, line=line.number, duplicate=True)
    return None if answer is None else structs.replace(answer, line=line.number)


def conflict(fact_id: str) -> FactError:
    """The refusal of an id that was used for something else."""
    return FactError(
        "id",
        "the same content as when this id was first sent (conflict)",
        f"other content under {fact_id!r}",
    )
