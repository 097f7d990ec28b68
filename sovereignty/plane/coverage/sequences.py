"""Missing numbers, and the time that a lost fact may be about. RULES section 2, TE-03; DESIGN
section 4.

A source that numbers its facts gives 1, 2, 3 … in each trail. A *sequence gap* is a missing number
between 1 and the highest that is known or reported. With a and b its nearest known neighbours, the
lost fact's own time lies in `[time(a), time(b)]`. The fact may be about any time in its window

    [time(a) - reach_ms, time(b))

which starts at the beginning where there is no a or no reach, and has no end where there is no b.
If the neighbours' times fall instead of rising, the earlier counts as a's and the later as b's.

A number that several facts have is a gap too. The source started its numbers again, so a number of
the one count may stand where one of the other was lost, and nothing tells them apart. The window of
such a gap has no end. It begins where the two counts can first have met: its a is the last number
before every repeated one and before every number that is later than one after it.

    number  1   2   3   3'  4'      lost: perhaps the first count's 4
    time    10  20  30  50  60      window [20 - reach_ms, without end)
"""

from collections.abc import Iterable, Mapping, Set

import numpy as np

from sovereignty.plane.intervals import Intervals, union_arrays
from sovereignty.plane.world import (
    BEGINNING,
    OPEN,
    Grade,
    Int64s,
    SequenceNumbers,
    SourceDeclaration,
)


def declared_sources(
    sources: Iterable[SourceDeclaration], least: Grade, end: int
) -> frozenset[str]:
    """Return the sources of which some declaration counts: it is of the `least` grade or better and
    took effect before `end`.

    Others may have lost a fact about anything. What is only planned, or is to hold after the
    period, limits no loss in it.
    """
    return frozenset(
        declaration.name
        for declaration in sources
        if declaration.grade >= least and declaration.effective_at < end
    )


def numbering_sources(
    sources: Iterable[SourceDeclaration],
    sequences: Iterable[SequenceNumbers],
    declared: Set[str],
) -> Mapping[str, int | None]:
    """Return the sources whose numbers must have no gaps, each with the reach that it declared, in
    ms; None is without bound. `observed_scope` says whether its facts keep to that reach.

    They are those of the `declared` sources (`declared_sources`) that ever declared themselves
    sequenced, and all others that number facts: their declaration may be the very fact that is
    lost. Of several declared reaches the longest counts.
    """
    declarations_of: dict[str, list[SourceDeclaration]] = {}
    for declaration in sources:
        declarations_of.setdefault(declaration.name, []).append(declaration)
    reaches: dict[str, int | None] = {}
    for name, declarations in declarations_of.items():
        if name in declared and any(declaration.sequenced for declaration in declarations):
            spans = [declaration.reach_ms for declaration in declarations]
            reaches[name] = (
                None if None in spans else max(span for span in spans if span is not None)
            )
    return reaches | dict.fromkeys({sequence.source for sequence in sequences} - declared)


def is_complete(sequence: SequenceNumbers) -> bool:
    """Whether every number from 1 on is known, and none was given twice."""
    return _none_missing(sequence) and not len(sequence.repeated)


def windows(sequence: SequenceNumbers, reach_ms: int | None) -> Intervals:
    """Return the times that facts lost from one tenant's trail may be about; none where no number
    is missing or repeated."""
    starts, ends = _gap_windows(sequence, reach_ms)
    if (in_doubt_from := repeated_from(sequence, reach_ms)) is not None:
        starts, ends = np.append(starts, in_doubt_from), np.append(ends, OPEN)
    return union_arrays(starts, np.full_like(ends, OPEN) if sequence.starts else ends)


def fleet_window_start(sequence: SequenceNumbers, reach_ms: int | None) -> int | None:
    """Return from when on an inventory statement lost from the fleet's trail may hold, without
    end; None where no number is missing or repeated."""
    gap_starts, _ = _gap_windows(sequence, reach_ms)
    starts = gap_starts.tolist()
    if (in_doubt_from := repeated_from(sequence, reach_ms)) is not None:
        starts.append(in_doubt_from)
    return min(starts, default=None)


def repeated_from(sequence: SequenceNumbers, reach_ms: int | None) -> int | None:
    """Return from when on facts may be lost behind numbers that were given twice, as the module
    states it; None where none was."""
    if not len(sequence.repeated):
        return None
    # The earliest time of each number and those after it.
    earliest = np.minimum.accumulate(sequence.times[::-1])[::-1]
    in_doubt = (sequence.times > earliest) | np.isin(sequence.numbers, sequence.repeated)
    first = int(np.argmax(in_doubt))
    if not first or reach_ms is None:
        return BEGINNING
    return max(int(sequence.times[first - 1]) - reach_ms, BEGINNING)


def _gap_windows(sequence: SequenceNumbers, reach_ms: int | None) -> tuple[Int64s, Int64s]:
    """The windows of missing numbers, as the module states them; one may be empty."""
    if _none_missing(sequence):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    numbers = np.concatenate(([0], sequence.numbers)).astype(np.int64)
    times = np.concatenate(([BEGINNING], sequence.times)).astype(np.int64)
    last = int(numbers[-1])
    # Each gap lies between numbers[i] and numbers[i + 1], for i of `before`.
    before = np.flatnonzero(np.diff(numbers) > 1)
    starts = np.minimum(times[before], times[before + 1])
    ends = np.maximum(times[before], times[before + 1])
    if sequence.highest_reported > last:
        starts, ends = np.append(starts, times[-1]), np.append(ends, OPEN)
    if reach_ms is None:
        return np.full_like(starts, BEGINNING), ends
    return np.maximum(starts - reach_ms, BEGINNING), ends


def _none_missing(sequence: SequenceNumbers) -> bool:
    last = int(sequence.numbers[-1]) if len(sequence.numbers) else 0
    # Numbers rise from 1: as many as the last one says are all of them.
    return len(sequence.numbers) == last >= sequence.highest_reported
