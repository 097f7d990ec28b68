"""Which ranges cover which numbers, as classes of numbers that the same ranges cover.

    ranges [(0, 9), (5, 6)] over the numbers 0 to 11
    →   classes [0 0 0 0 0 1 1 0 0 0 2 2], members [(0,), (0, 1), ()]

This is coordinate compression: only the bounds of ranges cut the numbers into segments. So the cost
is ranges, never numbers × ranges.
"""

from collections.abc import Sequence

import numpy as np

from sovereignty.plane.ordering import argsort, ends_of_groups, expand, starts_of_groups
from sovereignty.plane.world import CardRange, Int32s, Int64s


def classify(size: int, ranges: Sequence[CardRange]) -> tuple[Int32s, list[tuple[int, ...]]]:
    """Classify the numbers 0 to `size` - 1 by the ranges that cover them.

    Ranges are closed and lie inside `[0, size)`. Returns the class of each number, and of each
    class its members: the positions of the ranges that cover it, rising.
    """
    bounds = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    cuts = np.unique(np.concatenate(([0], bounds[:, 0], bounds[:, 1] + 1)))
    cuts = cuts[cuts < size]
    low, high = np.searchsorted(cuts, bounds[:, 0]), np.searchsorted(cuts, bounds[:, 1] + 1)
    position, offset = expand(high - low)
    segment = low[position] + offset
    order = argsort(segment)  # stable: positions rise within a segment
    members = _members(len(cuts), segment[order], position[order])
    class_of_members: dict[tuple[int, ...], int] = {}
    class_of_segment = np.array(
        [class_of_members.setdefault(positions, len(class_of_members)) for positions in members],
        dtype=np.int32,
    )
    lengths = np.diff(np.append(cuts, size))
    return np.repeat(class_of_segment, lengths), list(class_of_members)


def _members(segments: int, segment: Int64s, position: Int64s) -> list[tuple[int, ...]]:
    """Per segment the positions of the ranges that cover it; `segment` is sorted."""
    members: list[tuple[int, ...]] = [()] * segments
    heads = starts_of_groups(segment)
    positions, tails = position.tolist(), ends_of_groups(heads, len(position)).tolist()
    for number, head, tail in zip(segment[heads].tolist(), heads.tolist(), tails, strict=True):
        members[number] = tuple(positions[head:tail])
    return members
