"""Areas of the plane: card-time, written in one way only.

However runs were cut on their way here, an area of one group has one spelling: per card its maximal
intervals, and cards with the same interval in one block. So reports of the same facts have the same
bytes.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sovereignty.plane.ordering import (
    argsort,
    distinct,
    ends_of_groups,
    expand,
    number,
    starts_of_groups,
)
from sovereignty.plane.world import CardRanges, Int64s


@dataclass(frozen=True, slots=True)
class Blocks:
    """Maximal blocks, sorted by (group, start, end).

    `group`, `start` and `end` have an element per block. The cards of block b are the closed ranges
    `first[r]`..`last[r]` for r from `offset[b]` to `offset[b + 1]` - 1.
    """

    group: Int64s
    start: Int64s
    end: Int64s
    offset: Int64s
    first: Int64s
    last: Int64s

    def __len__(self) -> int:
        return len(self.group)

    def take(self, which: Int64s) -> "Blocks":
        """Return these blocks, in this order."""
        counts = np.diff(self.offset)[which]
        source, range_in_block = expand(counts)
        ranges = self.offset[which][source] + range_in_block
        offset = np.concatenate(([0], np.cumsum(counts)))
        return Blocks(
            self.group[which],
            self.start[which],
            self.end[which],
            offset,
            self.first[ranges],
            self.last[ranges],
        )

    def ranges(self) -> list[CardRanges]:
        """Return the cards of each block."""
        ranges = list(zip(self.first.tolist(), self.last.tolist(), strict=True))
        return [tuple(ranges[low:high]) for low, high in pairwise(self.offset.tolist())]

    def cards(self) -> Int64s:
        """Return the number of cards of each block."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(self.last - self.first + 1, self.offset[:-1])


def blocks(group: Int64s, first: Int64s, last: Int64s, start: Int64s, end: Int64s) -> Blocks:
    """Write the area that rows of cards `first`..`last` over `[start, end)` cover, per group, as
    maximal blocks.

    All arrays have one length, and groups are >= 0."""
    # 1. Cut rows into cells: ranges of cards that every row of the group covers wholly or not at
    #    all.
    size = int(last.max(initial=0)) + 2
    edges = distinct(np.concatenate((group * size + first, group * size + last + 1)))
    low = np.searchsorted(edges, group * size + first)
    row, offset = expand(np.searchsorted(edges, group * size + last + 1) - low)
    # 2. Per cell, join what overlaps or abuts in time.
    cell, start, end = _joined_in_time(low[row] + offset, start[row], end[row])
    # 3. Cells of one group and interval are one block; cells that abut are one range of it.
    cell_group, first_card = np.divmod(edges[cell], size)
    last_card = edges[cell + 1] % size - 1
    order = np.lexsort((first_card, end, start, cell_group))
    cell_group, start, end, first_card, last_card = (
        column[order] for column in (cell_group, start, end, first_card, last_card)
    )
    heads = starts_of_groups(cell_group, start, end)
    begins = np.concatenate(([True], first_card[1:] != last_card[:-1] + 1))[: len(order)]
    begins[heads] = True
    ranges = np.flatnonzero(begins)
    tails = ends_of_groups(ranges, len(order)) - 1
    range_offset = np.append(np.searchsorted(ranges, heads), len(ranges))
    return Blocks(
        cell_group[heads],
        start[heads],
        end[heads],
        range_offset,
        first_card[ranges],
        last_card[tails],
    )


def distinct_cards(first: Int64s, last: Int64s) -> int:
    """Count the cards that are in any of the closed ranges."""
    order = argsort(first)
    reached = np.maximum.accumulate(last[order])
    before = np.concatenate(([-1], reached))[: len(order)]
    return int(np.maximum(last[order] - np.maximum(before, first[order] - 1), 0).sum())


def _joined_in_time(cell: Int64s, start: Int64s, end: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """The maximal intervals of each cell, as (cell, start, end)."""
    order = np.lexsort((start, cell))
    cell, start, end = cell[order], start[order], end[order]
    times, ranks = number(end)  # by rank, so that cell and time fit one integer
    reached = np.maximum.accumulate(cell * len(times) + ranks)
    begins = np.ones(len(cell), dtype=np.bool_)
    begins[1:] = (cell[1:] != cell[:-1]) | (start[1:] > times[reached[:-1] % max(len(times), 1)])
    heads = np.flatnonzero(begins)
    tails = ends_of_groups(heads, len(cell)) - 1
    return cell[heads], start[heads], times[reached[tails] % max(len(times), 1)]
