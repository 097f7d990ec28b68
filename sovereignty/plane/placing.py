"""Rows laid on the nodes that they stand on, a bucket of nodes at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.ordering import argsort, expand
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Int32s, Int64s, World

A_PART = -1  # `stretch` of a placed k-of-S part, which has no cards


@dataclass(frozen=True, slots=True)
class Placed:
    """One element per row and node: the row's index, the node, and which stretch of the node's cards it is."""

    row: Int64s
    node: Int32s
    stretch: Int32s

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Placed":
        return Placed(self.row[which], self.node[which], self.stretch[which])


@dataclass(frozen=True, slots=True)
class PartNodes:
    """The nodes of all parts as arrays: those of part p are `node[offset[p]:offset[p + 1]]`, none where they are unknown."""

    offset: Int64s
    node: Int32s

    @classmethod
    def of(cls, world: World) -> "PartNodes":
        nodes = [tuple(dict.fromkeys(part.nodes or ())) for part in world.parts]
        offset = np.cumsum([0, *map(len, nodes)], dtype=np.int64)
        return cls(offset, np.array([node for each in nodes for node in each], dtype=np.int32))


def buckets(rows: Rows, stretches: Stretches, parts: PartNodes, most: int) -> Iterator[Placed]:
    """All rows placed on their nodes, sorted by node and then as `rows` is; about `most` elements at a time, whole nodes only."""
    placed = _place(rows, stretches, parts)
    if not len(placed.row):
        return
    per_node = np.bincount(placed.node)
    bucket_of_node = ((np.cumsum(per_node) - per_node) // most).astype(np.int32)
    if bucket_of_node[-1] == 0:
        yield placed.take(argsort(placed.node))
        return
    bucket = bucket_of_node[placed.node]
    for number in range(int(bucket_of_node[-1]) + 1):
        here = placed.take(np.flatnonzero(bucket == number))
        yield here.take(argsort(here.node))


def _place(rows: Rows, stretches: Stretches, parts: PartNodes) -> Placed:
    """Each row once per stretch of one node's cards, or per node of its part; in the order of rows."""
    is_part = rows.part != EXPLICIT
    if not is_part.any():
        row, stretch = _stretches_of(rows, stretches)
        return Placed(row, stretches.kind[stretch], stretch)
    numbers, part_numbers = np.flatnonzero(~is_part), np.flatnonzero(is_part)
    row, stretch = _stretches_of(rows.take(numbers), stretches)
    part = rows.part[part_numbers]
    part_row, offset = expand(parts.offset[part + 1] - parts.offset[part])
    all_rows = np.concatenate((numbers[row], part_numbers[part_row]))
    node = np.concatenate((stretches.kind[stretch], parts.node[parts.offset[part][part_row] + offset]))
    placed = Placed(all_rows, node, np.concatenate((stretch, np.full(len(part_row), A_PART, dtype=np.int32))))
    return placed.take(argsort(all_rows))


def _stretches_of(rows: Rows, stretches: Stretches) -> tuple[Int64s, Int32s]:
    """Each explicit row once per stretch that it meets: the row, and the stretch."""
    low, high = stretches.of_card[rows.first], stretches.of_card[rows.last]
    row, offset = expand(high - low + 1)
    return row, low[row] + offset.astype(np.int32)
