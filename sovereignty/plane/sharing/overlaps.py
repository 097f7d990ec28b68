"""Busy periods: where, and over what time, at least two tenants may meet.

A sweep line goes over rows sorted by (resource, start). A *busy period*, as queueing theory calls
it, is a maximal sequence of rows of one resource, each of which starts before the latest end so
far. Only busy periods of two tenants or more need a closer look; in an orderly fleet nearly none
do. A resource is a node or a card, by its number. DESIGN section 2, *plane rules*.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sovereignty.plane.ordering import expand
from sovereignty.plane.world import Int32s, Int64s

# How many overlaps are looked at in one go. It bounds the memory of the worst busy periods.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Packs (key, time) into one integer that sorts as the pair does, for keys from 0 and times in
    `[base, base + span]`, in ms.

    Needs keys × (span + 1) < 2^63, which `validate` sees to.
    """

    base: int
    span: int

    def key_limit(self) -> int:
        """How many keys, from 0, fit beside a time."""
        return 2**62 // (self.span + 1)

    def pack(self, key: Int64s, time: Int64s) -> Int64s:
        """Pack each key with its time."""
        return key * (self.span + 1) + (time - self.base)

    def unpack(self, packed: Int64s) -> tuple[Int64s, Int64s]:
        """Return the keys and the times that were packed."""
        key, since_base = np.divmod(packed, self.span + 1)
        return key, since_base + self.base


def contested_busy_periods(
    clock: Clock, resource: Int64s, start: Int64s, end: Int64s, tenant: Int32s
) -> tuple[Int64s, Int64s]:
    """Find the rows in busy periods of at least two tenants.

    All arrays have one element per row, and rows are sorted by (resource, start). Returns the
    indexes of these rows, rising, and of each the number of its busy period.
    """
    if not len(resource):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    latest_end = np.maximum.accumulate(clock.pack(resource, end))
    # An end packs below every start of the next resource, so one running maximum serves all.
    begins = np.concatenate(([True], clock.pack(resource, start)[1:] >= latest_end[:-1]))
    heads = np.flatnonzero(begins)
    lengths = np.diff(np.append(heads, len(resource)))
    has_company = lengths > 1
    row, period = _rows_of_periods(heads[has_company], lengths[has_company])
    if not len(row):
        return row, period
    tenants = tenant[row]
    first_rows = np.concatenate(([0], np.cumsum(lengths[has_company])[:-1]))
    is_contested = np.minimum.reduceat(tenants, first_rows) != np.maximum.reduceat(
        tenants, first_rows
    )
    kept = is_contested[period]
    return row[kept], period[kept]


def _rows_of_periods(heads: Int64s, lengths: Int64s) -> tuple[Int64s, Int64s]:
    """The rows of busy periods of `lengths` rows from `heads` on, and the period of each."""
    period, offset = expand(lengths)
    return heads[period] + offset, period


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of rows of different tenants that overlap on one resource.

    `a` and `b` are the rows' indexes; `start`..`end` is the common interval, in ms.
    """

    a: Int64s
    b: Int64s
    start: Int64s
    end: Int64s


def find_overlaps(
    clock: Clock, resource: Int64s, start: Int64s, end: Int64s, tenant: Int32s
) -> Overlaps:
    """Find all overlaps of rows of different tenants on one resource. Rows are sorted by (resource,
    start)."""
    packed_start = clock.pack(resource, start)
    # The rows that start after row i and before it ends are its next neighbours in this order, and
    # each of them overlaps it.
    counts = (
        np.searchsorted(packed_start, clock.pack(resource, end), side="left")
        - np.arange(len(resource))
        - 1
    )
    pairs: list[tuple[Int64s, Int64s]] = []
    for low, high in _portions(counts):
        row, offset = expand(counts[low:high])
        a = row + low
        b = a + 1 + offset
        different = tenant[a] != tenant[b]
        pairs.append((a[different], b[different]))
    a = np.concatenate([firsts for firsts, _ in pairs]) if pairs else np.zeros(0, dtype=np.int64)
    b = np.concatenate([seconds for _, seconds in pairs]) if pairs else np.zeros(0, dtype=np.int64)
    return Overlaps(a, b, start[b], np.minimum(end[a], end[b]))


def _portions(counts: Int64s) -> list[tuple[int, int]]:
    """Cut rows into portions of about `MOST_PAIRS` overlaps: the first row, and one past the
    last."""
    if not len(counts):
        return []
    portion = np.cumsum(counts) // MOST_PAIRS
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(portion)) + 1, [len(counts)])).tolist()
    return list(pairwise(bounds))
