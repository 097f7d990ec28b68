"""Load the numbers that sources gave their facts, and which of them they gave twice.

A correction may come under the number of the very fact that it corrects; any other number that two
facts of a source have in one trail is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from audit.storage import rows
from sovereignty.facts import kinds
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import decode
from sovereignty.loading.columns import integers
from sovereignty.loading.rows import WorldIndexes, live, select
from sovereignty.models import Fact
from sovereignty.plane.world import Int64s, SequenceNumbers, SourceDeclaration

# Distinct values by one look into the index (source, fact_id) each: neither engine does that for
# DISTINCT.
_SOURCES = (
    "WITH RECURSIVE found(source) AS (SELECT MIN(source) FROM sovereignty_fact UNION ALL "
    "SELECT (SELECT MIN(f.source) FROM sovereignty_fact f WHERE f.source > found.source) "
    "FROM found WHERE found.source IS NOT NULL) "
    "SELECT source FROM found WHERE source IS NOT NULL"
)
_NUMBERED = (
    " FROM sovereignty_fact f"
    " JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s"
    " WHERE f.source = %s AND f.sequence >= 1"
)
_ENTRY = ' JOIN audit_entry e ON e.trail_number = f.trail_number AND e."index" = f."index"'


def load_sequences(
    position: int, indexes: WorldIndexes, declarations: Iterable[SourceDeclaration]
) -> list[SequenceNumbers]:
    """The numbers of every source in every trail, with what the source itself reported as its
    highest. `declarations` are those that the policy accepts.

    A source that declared itself, and never as sequenced, owes no numbers and is left out; of
    others that number facts the declaration may be the very fact that is lost.
    """
    highest: dict[tuple[str, int], int] = {}
    for source, trail, reported in live(
        "t.source, t.trail_number, t.highest", "sovereignty_sequencereport", position
    ):
        highest[source, trail] = max(reported, highest.get((source, trail), 0))
    declared = list(declarations)
    sequenced = {declaration.name for declaration in declared if declaration.sequenced}
    freed = {declaration.name for declaration in declared} - sequenced
    every = (
        sequenced | {source for source, _ in highest} | {source for (source,) in select(_SOURCES)}
    )
    return [
        sequence
        for source in sorted(every - freed)
        for sequence in _of_source(position, indexes, source, highest)
    ]


def _of_source(
    position: int, indexes: WorldIndexes, source: str, highest: dict[tuple[str, int], int]
) -> Iterator[SequenceNumbers]:
    trail, numbers, times, starts = integers(
        "SELECT f.trail_number, f.sequence, f.occurred_at, "
        "CASE WHEN f.kind IN (%s, %s) THEN 1 ELSE 0 END" + _NUMBERED,
        [kinds.TOUCH_STARTED, kinds.TOUCH_ENDED, position, source],
        4,
    )
    reported = {where for name, where in highest if name == source}
    for number in sorted({*np.unique(trail).tolist(), *reported}):
        chosen = np.flatnonzero(trail == number)
        known, first = np.unique(numbers[chosen], return_index=True)
        repeated = np.zeros(0, dtype=np.int64)
        if len(known) < len(chosen):
            chosen = chosen[np.lexsort((times[chosen], numbers[chosen]))]
            # The earliest of each number.
            known, first = np.unique(numbers[chosen], return_index=True)
            repeated = _repeated(position, source, number, numbers[chosen])
        started = bool(starts[chosen].any())
        yield SequenceNumbers(
            source,
            indexes.trails[number],
            known,
            times[chosen][first],
            highest.get((source, number), 0),
            started,
            repeated,
        )


def _repeated(position: int, source: str, trail: int, numbers: Int64s) -> Int64s:
    """The numbers that stand under several facts, leaving out corrections that share the number of
    the fact that they correct."""
    known, counts = np.unique(numbers, return_counts=True)
    doubled = dict(zip(known.tolist(), counts.tolist(), strict=True))
    for number in _shared_by_corrections(
        position, source, trail, {number for number, count in doubled.items() if count > 1}
    ):
        doubled[number] -= 1
    return np.array([number for number, count in doubled.items() if count > 1], dtype=np.int64)


def _shared_by_corrections(
    position: int, source: str, trail: int, doubled: set[int]
) -> Iterator[int]:
    """The number of each correction that came under the number of its original."""
    corrections = select(
        "SELECT f.sequence, e.content"
        + _NUMBERED.replace(" WHERE", _ENTRY + " WHERE")
        + " AND f.trail_number = %s AND f.kind = %s",
        [position, source, trail, kinds.CORRECTION],
    )
    named: list[tuple[int, str]] = []
    for number, content in corrections:
        data = decode(kinds.CORRECTION, body_of(bytes(content)).data)
        if number in doubled and isinstance(data, kinds.Correction) and data.source == source:
            named.append((number, data.id))
    keys = [(source, fact_id) for _, fact_id in named]
    of_original = dict(rows.matching(Fact, ("fact_id", "sequence"), ("source", "fact_id"), keys))
    yield from (number for number, fact_id in named if of_original[fact_id] == number)
