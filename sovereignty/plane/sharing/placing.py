"""Rows laid on the nodes that they stand on, a portion of the nodes at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.ordering import argsort, expand
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import NO_NODE, Int32s, Int64s, World

A_PART = -1  # `stretch` of a placed k-of-S part, which has no cards


@dataclass(frozen=True, slots=True)
class Placed:
    """One element per row and node: the row's index, the node, and which stretch of the node's
    cards it is."""

    row: Int64s
    node: Int32s
    stretch: Int32s

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Placed":
        return Placed(self.row[which], self.node[which], self.stretch[which])


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of the rows, placed on some of the nodes: `placed` is sorted by node, then as `rows` is;
    `number` tells each row's index among all rows."""

    number: Int64s
    rows: Rows
    placed: Placed


@dataclass(frozen=True, slots=True)
class PartNodes:
    """The nodes of all parts as arrays: those of part p are `node[offset[p]:offset[p + 1]]`, none
    where they are unknown."""

    offset: Int64s
    node: Int32s

    @classmethod
    def of(cls, world: World) -> "PartNodes":
        nodes = [tuple(dict.fromkeys(part.nodes or ())) for part in world.parts]
        offset = np.cumsum([0, *map(len, nodes)], dtype=np.int64)
        return cls(offset, np.array([node for each in nodes for node in each], dtype=np.int32))


def portions(
    world: World, rows: Rows, stretches: Stretches, parts: PartNodes, most: int
) -> Iterator[Portion]:
    """All rows placed on all nodes: whole nodes only, those of about `most` rows at a time."""
    portion_of_node, portion_of_stretch = _deal(world, stretches, -(-len(rows) // most))
    low, high = _span(rows, stretches, parts, portion_of_node, portion_of_stretch)
    narrow, wide = np.flatnonzero(low == high), np.flatnonzero(low < high)
    narrow = narrow[argsort(low[narrow])]
    bounds = np.searchsorted(low[narrow], np.arange(int(portion_of_node.max(initial=0)) + 2))
    for number, (first, last) in enumerate(pairwise(bounds.tolist())):
        chosen = narrow[first:last]
        if len(wide):
            chosen = np.sort(
                np.concatenate((chosen, wide[(low[wide] <= number) & (number <= high[wide])]))
            )
        here = rows.take(chosen)
        placed = _place(here, stretches, parts)
        if len(wide):
            placed = placed.take(portion_of_node[placed.node] == number)
        yield Portion(chosen, here, placed.take(argsort(placed.node)))


def _deal(world: World, stretches: Stretches, count: int) -> tuple[Int32s, Int32s]:
    """Deal nodes out to about `count` portions in the order of their cards: the portion of each
    node, and of each stretch."""
    cards = len(world.card_node)
    given = np.flatnonzero(world.card_node != NO_NODE)[::-1]
    first_card = np.zeros(len(world.nodes), dtype=np.int64)
    # of several cards the last assignment counts: the first card
    first_card[world.card_node[given]] = given
    of_node = (first_card * count // max(cards, 1)).astype(np.int32)
    of_stretch = np.maximum.accumulate(
        np.where(stretches.kind == NO_NODE, 0, of_node[stretches.kind])
    )
    if not np.array_equal(
        of_stretch[stretches.kind != NO_NODE], of_node[stretches.kind[stretches.kind != NO_NODE]]
    ):
        # nodes' cards lie across each other: all in one portion
        return np.zeros_like(of_node), np.zeros_like(of_stretch)
    return of_node, of_stretch


def _span(
    rows: Rows,
    stretches: Stretches,
    parts: PartNodes,
    portion_of_node: Int32s,
    portion_of_stretch: Int32s,
) -> tuple[Int32s, Int32s]:
    """The lowest and the highest portion in which a row may have nodes."""
    low, high = np.zeros(len(rows), dtype=np.int32), np.zeros(len(rows), dtype=np.int32)
    explicit = rows.part == EXPLICIT
    low[explicit] = portion_of_stretch[stretches.of_card[rows.first[explicit]]]
    high[explicit] = portion_of_stretch[stretches.of_card[rows.last[explicit]]]
    part, nodes = rows.part[~explicit], np.diff(parts.offset)
    heads = parts.offset[:-1][nodes > 0]
    of_part = portion_of_node[parts.node]
    lowest, highest = np.zeros(len(nodes), dtype=np.int32), np.zeros(len(nodes), dtype=np.int32)
    if len(heads):  # a part of unknown nodes stands on none
        lowest[nodes > 0], highest[nodes > 0] = (
            np.minimum.reduceat(of_part, heads),
            np.maximum.reduceat(of_part, heads),
        )
    low[~explicit], high[~explicit] = lowest[part], highest[part]
    return low, high


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
    node = np.concatenate(
        (stretches.kind[stretch], parts.node[parts.offset[part][part_row] + offset])
    )
    placed = Placed(
        all_rows, node, np.concatenate((stretch, np.full(len(part_row), A_PART, dtype=np.int32)))
    )
    return placed.take(argsort(all_rows))


def _stretches_of(rows: Rows, stretches: Stretches) -> tuple[Int64s, Int32s]:
    """Each explicit row once per stretch that it meets: the row, and the stretch."""
    low, high = stretches.of_card[rows.first], stretches.of_card[rows.last]
    row, offset = expand(high - low + 1)
    return row, low[row] + offset.astype(np.int32)
