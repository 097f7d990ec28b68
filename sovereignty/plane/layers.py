"""Which statements cover which subjects, where a statement may cover a range of them.

    ranges [(0, 9), (5, 6)] over 12 places   →   classes [0 0 0 0 0 1 1 0 0 0 2 2], members [(0,), (0, 1), ()]

Places that the same ranges cover are one class. It costs by ranges, never by places × ranges.
"""

from collections.abc import Sequence

import numpy as np

from sovereignty.plane.ordering import argsort, ends_of_groups, expand, starts_of_groups
from sovereignty.plane.world import CardRange, Int32s, Int64s


def classify(places: int, ranges: Sequence[CardRange]) -> tuple[Int32s, list[tuple[int, ...]]]:
    """The class of each of `places`, and per class the positions of the ranges that cover it,
    rising.

    Ranges are closed and lie inside `[0, places)`.
    """
    bounds = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    cuts = np.unique(np.concatenate(([0], bounds[:, 0], bounds[:, 1] + 1)))
    cuts = cuts[cuts < places]
    low, high = np.searchsorted(cuts, bounds[:, 0]), np.searchsorted(cuts, bounds[:, 1] + 1)
    position, place = expand(high - low)
    segment = low[position] + place
    order = argsort(segment)  # stable: positions rise within a segment
    members = _members(len(cuts), segment[order], position[order])
    numbers: dict[tuple[int, ...], int] = {}
    class_of_segment = np.array(
        [numbers.setdefault(each, len(numbers)) for each in members], dtype=np.int32
    )
    lengths = np.diff(np.append(cuts, places))
    return np.repeat(class_of_segment, lengths), list(numbers)


def _members(segments: int, segment: Int64s, position: Int64s) -> list[tuple[int, ...]]:
    """Per segment the positions that cover it; `segment` is sorted."""
    members: list[tuple[int, ...]] = [()] * segments
    heads = starts_of_groups(segment)
    positions, tails = position.tolist(), ends_of_groups(heads, len(position)).tolist()
    for number, head, tail in zip(segment[heads].tolist(), heads.tolist(), tails, strict=True):
        members[number] = tuple(positions[head:tail])
    return members
