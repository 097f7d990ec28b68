"""Verified entries → the live facts of one trail: corrections applied, sequence numbers kept.

A correction retracts the fact that it names by (source, id), or puts a whole body in its place.
What it replaces counts from the correction on, as the recorder counts it.
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
class LiveFact:
    """A fact that no correction retracted.

    - `source`: its own source, whoever corrected it.
    - `data`: what it states now.
    - `order`: the index of the entry that states it: its own, or its correction's.
    - `resolved`: the hostlists of the cards that it names by serials.
    - `time`: its own time in ms UTC, whatever was put in its place.
    """

    source: str
    data: kinds.Data
    order: int
    resolved: tuple[str, ...]
    time: int


@dataclass(slots=True)
class NumberedFacts:
    """The numbers that one source gave its facts in one trail.

    - `times`: number → the fact's own time, the earliest if several facts have the number.
    - `fact_ids`: number → the ids of the facts that have it.
    - `starts`: whether one of them reports the start of a touch, or the end of one.
    """

    times: dict[int, int] = field(default_factory=dict)
    fact_ids: dict[int, set[str]] = field(default_factory=dict)
    starts: bool = False

    def add(self, number: int, time: int, fact_id: str) -> None:
        """Add a fact of this number and time."""
        self.times[number] = min(time, self.times.get(number, time))
        self.fact_ids.setdefault(number, set()).add(fact_id)

    def repeated(self) -> list[int]:
        """Return the numbers of several facts, rising."""
        return sorted(number for number, ids in self.fact_ids.items() if len(ids) > 1)


@dataclass(slots=True)
class SentFacts:
    """What one source sent in one trail, live or not.

    - `kinds`: the kinds of its facts, and of those that it corrected.
    - `max_lookback_ms`: the furthest that one of its corrections reaches back from its own time.
    - `corrects_others`: whether one of its corrections is of another source's fact.
    """

    kinds: set[str] = field(default_factory=set)
    max_lookback_ms: int = 0
    corrects_others: bool = False


@dataclass(slots=True)
class TrailFacts:
    """The facts of one trail's prefix.

    - `live`: the live facts, by (source, id).
    - `numbered`, `sent`: the numbers and the facts of each source.
    - `originals`: each fact as it was recorded first, by (source, id): its kind, its own time and
      its data.
    """

    live: dict[tuple[str, str], LiveFact] = field(default_factory=dict)
    numbered: dict[str, NumberedFacts] = field(default_factory=dict)
    sent: dict[str, SentFacts] = field(default_factory=dict)
    originals: dict[tuple[str, str], tuple[str, int, kinds.Data]] = field(default_factory=dict)

    def facts(self) -> Iterator[LiveFact]:
        """Yield the live facts, in no order that matters."""
        yield from self.live.values()


def read(entries: Iterable[tuple[bytes, Entry]]) -> TrailFacts:
    """Return the facts of `entries`, each given with its content.

    Entries of other kinds (checks, exports) are passed over. Raises FactError."""
    trail = TrailFacts()
    for content, entry in entries:
        if entry.kind in kinds.KINDS:
            _add(trail, content, entry)
    return trail


def _add(trail: TrailFacts, content: bytes, entry: Entry) -> None:
    body = body_of(content)
    data = decode(entry.kind, body.data)
    if entry.sequence is not None and entry.sequence >= 1:
        numbered = trail.numbered.setdefault(entry.source, NumberedFacts())
        fact_id = _numbered_fact(numbered, entry, data, body.id)
        numbered.add(entry.sequence, entry.occurred_at, fact_id)
        numbered.starts |= isinstance(data, kinds.TouchStarted | kinds.TouchEnded)
    sent = trail.sent.setdefault(entry.source, SentFacts())
    sent.kinds.add(entry.kind)
    if isinstance(data, kinds.Correction):
        _correct(trail, sent, data, entry, tuple(body.resolved))
    else:
        trail.originals[entry.source, body.id] = entry.kind, entry.occurred_at, data
        trail.live[entry.source, body.id] = LiveFact(
            entry.source, data, entry.index, tuple(body.resolved), entry.occurred_at
        )


def _numbered_fact(numbered: NumberedFacts, entry: Entry, data: kinds.Data, fact_id: str) -> str:
    """The id of the fact that has the entry's number: a correction may come under the number of the
    very fact that it corrects."""
    if (
        isinstance(data, kinds.Correction)
        and data.source == entry.source
        and data.id in numbered.fact_ids.get(entry.sequence or 0, ())
    ):
        return data.id
    return fact_id


def _correct(
    trail: TrailFacts,
    sent: SentFacts,
    data: kinds.Correction,
    entry: Entry,
    resolved: tuple[str, ...],
) -> None:
    """Apply a correction. The recorder accepts none before its original, nor in another trail."""
    key = data.source, data.id
    if key not in trail.originals:
        raise FactError(
            "data.id",
            "a fact that is recorded before its correction",
            f"{data.source}/{data.id}, which is not",
        )
    kind, time, original = trail.originals[key]
    trail.live.pop(key, None)
    replacement = data_in_force(data)
    if replacement is not None:
        trail.live[key] = LiveFact(data.source, replacement, entry.index, resolved, time)
    sent.kinds.add(kind)
    sent.corrects_others |= data.source != entry.source
    since = corrected_since([original] if replacement is None else [original, replacement])
    lookback_ms = 0 if since is None else entry.occurred_at - since
    sent.max_lookback_ms = max(sent.max_lookback_ms, lookback_ms)
