"""Verified entries → the facts that stand: corrections applied, sequence numbers kept.

A correction retracts the fact that it names by (source, id), or puts a whole body in its place;
what it replaces counts from the correction on, as the recorder counts it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from audit.tlog.entry import Entry
from sovereignty.facts import kinds
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import data_in_force, decode
from sovereignty.facts.errors import FactError
from sovereignty.facts.scope import corrected_since


@dataclass(frozen=True, slots=True)
class Said:
    """A fact that stands. `order` is the index of the entry that says so; `time` is the fact's own,
    whatever was put in its place."""

    source: str
    data: kinds.Data
    order: int
    resolved: tuple[str, ...]
    time: int


@dataclass(slots=True)
class Numbers:
    """The sequence numbers of one source in one trail: number → the fact's own time, the earliest
    if several facts have it. `bearers` are the ids of the facts of each number."""

    times: dict[int, int] = field(default_factory=dict)
    bearers: dict[int, set[str]] = field(default_factory=dict)
    starts: bool = False

    def add(self, number: int, time: int, fact_id: str) -> None:
        self.times[number] = min(time, self.times.get(number, time))
        self.bearers.setdefault(number, set()).add(fact_id)

    def repeated(self) -> list[int]:
        """The numbers of several facts, rising."""
        return sorted(number for number, ids in self.bearers.items() if len(ids) > 1)


@dataclass(slots=True)
class Words:
    """What one source sent in one trail, standing or not: the kinds of its facts, and of those that
    it corrected. Of its corrections: the furthest that one speaks back from its own time in ms, and
    whether one is of another source's fact."""

    kinds: set[str] = field(default_factory=set)
    back_ms: int = 0
    corrects_others: bool = False


@dataclass(slots=True)
class Stream:
    """The facts of one trail's prefix. `first` holds each as it was first told: its kind, its own
    time and its data."""

    standing: dict[tuple[str, str], Said] = field(default_factory=dict)
    numbers: dict[str, Numbers] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)
    first: dict[tuple[str, str], tuple[str, int, kinds.Data]] = field(default_factory=dict)

    def said(self) -> Iterator[Said]:
        """The facts that stand, in no order that matters."""
        yield from self.standing.values()


def read(entries: Iterable[tuple[bytes, Entry]]) -> Stream:
    """Return the facts of `entries`; entries of other kinds (checks, exports) are passed over.
    Raises FactError."""
    stream = Stream()
    for content, entry in entries:
        if entry.kind in kinds.KINDS:
            _add(stream, content, entry)
    return stream


def _add(stream: Stream, content: bytes, entry: Entry) -> None:
    body = body_of(content)
    data = decode(entry.kind, body.data)
    if entry.sequence is not None and entry.sequence >= 1:
        numbers = stream.numbers.setdefault(entry.source, Numbers())
        numbers.add(entry.sequence, entry.occurred_at, _bearer(numbers, entry, data, body.id))
        numbers.starts = numbers.starts or isinstance(data, kinds.TouchStarted | kinds.TouchEnded)
    words = stream.words.setdefault(entry.source, Words())
    words.kinds.add(entry.kind)
    if isinstance(data, kinds.Correction):
        _correct(stream, words, data, entry, tuple(body.resolved))
    else:
        stream.first[entry.source, body.id] = entry.kind, entry.occurred_at, data
        stream.standing[entry.source, body.id] = Said(
            entry.source, data, entry.index, tuple(body.resolved), entry.occurred_at
        )


def _bearer(numbers: Numbers, entry: Entry, data: kinds.Data, fact_id: str) -> str:
    """The fact to which the entry's number belongs: a correction may come under the number of the
    very fact that it corrects."""
    if (
        isinstance(data, kinds.Correction)
        and data.source == entry.source
        and data.id in numbers.bearers.get(entry.sequence or 0, ())
    ):
        return data.id
    return fact_id


def _correct(
    stream: Stream, words: Words, data: kinds.Correction, entry: Entry, resolved: tuple[str, ...]
) -> None:
    """The recorder accepts no correction before its original, nor in another trail."""
    original = data.source, data.id
    if original not in stream.first:
        raise FactError(
            "data.id",
            "a fact that is told before its correction",
            f"{data.source}/{data.id}, which is not",
        )
    kind, time, first = stream.first[original]
    stream.standing.pop(original, None)
    replaced = data_in_force(data)
    if replaced is not None:
        stream.standing[original] = Said(data.source, replaced, entry.index, resolved, time)
    words.kinds.add(kind)
    words.corrects_others |= data.source != entry.source
    since = corrected_since([first] if replaced is None else [first, replaced])
    words.back_ms = max(words.back_ms, 0 if since is None else entry.occurred_at - since)
