"""Busy spells: where, and over what time, at least two tenants may meet.

Rows sorted by (place, start) form a spell while each starts before the latest end so far. Only
spells of two tenants or more need a closer look; in an orderly fleet nearly none do. A place is a
node, or a card. DESIGN section 2, *plane rules*.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sovereignty.plane.ordering import expand
from sovereignty.plane.world import Int32s, Int64s

# overlaps that are looked at in one go: bounds the memory of the worst spells
MOST_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Packs (place, time) into one integer that sorts as the pair does, for times in `[base, base +
    span]`.

    Needs places × (span + 1) < 2^63, which `validate` sees to.
    """

    base: int
    span: int

    def most_places(self) -> int:
        """How many places fit."""
        return 2**62 // (self.span + 1)

    def pack(self, place: Int64s, at: Int64s) -> Int64s:
        return place * (self.span + 1) + (at - self.base)

    def unpack(self, packed: Int64s) -> tuple[Int64s, Int64s]:
        place, since = np.divmod(packed, self.span + 1)
        return place, since + self.base


def contested(
    clock: Clock, place: Int64s, start: Int64s, end: Int64s, tenant: Int32s
) -> tuple[Int64s, Int64s]:
    """The rows in spells of at least two tenants, and the number of each one's spell. Rows are
    sorted by (place, start)."""
    if not len(place):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    latest_end = np.maximum.accumulate(clock.pack(place, end))
    # An end packs below every start of the next place, so one running maximum serves all places.
    begins = np.concatenate(([True], clock.pack(place, start)[1:] >= latest_end[:-1]))
    heads = np.flatnonzero(begins)
    lengths = np.diff(np.append(heads, len(place)))
    shared = lengths > 1
    members, of_spell = _members(heads[shared], lengths[shared])
    if not len(members):
        return members, of_spell
    tenants, firsts = tenant[members], np.concatenate(([0], np.cumsum(lengths[shared])[:-1]))
    several = np.minimum.reduceat(tenants, firsts) != np.maximum.reduceat(tenants, firsts)
    kept = several[of_spell]
    return members[kept], of_spell[kept]


def _members(heads: Int64s, lengths: Int64s) -> tuple[Int64s, Int64s]:
    spell, place = expand(lengths)
    return heads[spell] + place, spell


@dataclass(frozen=True, slots=True)
class Meetings:
    """Pairs of rows of different tenants that overlap at one place: positions `a` and `b` of the
    rows, and the common interval."""

    a: Int64s
    b: Int64s
    start: Int64s
    end: Int64s


def meetings(clock: Clock, place: Int64s, start: Int64s, end: Int64s, tenant: Int32s) -> Meetings:
    """All overlaps of rows of different tenants at one place. Rows are sorted by (place, start)."""
    starts = clock.pack(place, start)
    # Those that follow row i and start before it ends are neighbours in this order, and each of
    # them overlaps it.
    counts = (
        np.searchsorted(starts, clock.pack(place, end), side="left") - np.arange(len(place)) - 1
    )
    found: list[tuple[Int64s, Int64s]] = []
    for low, high in _portions(counts):
        row, following = expand(counts[low:high])
        a = row + low
        b = a + 1 + following
        different = tenant[a] != tenant[b]
        found.append((a[different], b[different]))
    a = np.concatenate([pair[0] for pair in found]) if found else np.zeros(0, dtype=np.int64)
    b = np.concatenate([pair[1] for pair in found]) if found else np.zeros(0, dtype=np.int64)
    return Meetings(a, b, start[b], np.minimum(end[a], end[b]))


def _portions(counts: Int64s) -> list[tuple[int, int]]:
    """Cut rows into portions of about `MOST_PAIRS` overlaps."""
    if not len(counts):
        return []
    portion = np.cumsum(counts) // MOST_PAIRS
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(portion)) + 1, [len(counts)])).tolist()
    return list(pairwise(bounds))
