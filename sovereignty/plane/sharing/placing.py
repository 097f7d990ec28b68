"""Places rows on the nodes that they stand on, a portion of the nodes at a time."""

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
    """Rows on nodes, one element per row and stretch of one node's cards.

    - `row`: the row's index in the portion.
    - `node`: the node's index.
    - `stretch`: which stretch of cards (`strips.Stretches`); A_PART for a part.
    """

    row: Int64s
    node: Int32s
    stretch: Int32s

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Placed":
        """Return these elements, in this order."""
        return Placed(self.row[which], self.node[which], self.stretch[which])


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of the rows, placed on some of the nodes.

    `placed` is sorted by node, then as `rows` are. `number` is each row's index among all rows.
    """

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
        """Return the nodes of the world's parts, each node of a part once."""
        nodes_of_part = [tuple(dict.fromkeys(part.nodes or ())) for part in world.parts]
        offset = np.cumsum([0, *map(len, nodes_of_part)], dtype=np.int64)
        flat = [node for nodes in nodes_of_part for node in nodes]
        return cls(offset, np.array(flat, dtype=np.int32))


def portions(
    world: World, rows: Rows, stretches: Stretches, parts: PartNodes, most: int
) -> Iterator[Portion]:
    """Place all rows on all nodes, and yield whole nodes only: those of about `most` rows at a
    time."""
    portion_of_node, portion_of_stretch = _deal(world, stretches, -(-len(rows) // most))
    low, high = _span(rows, stretches, parts, portion_of_node, portion_of_stretch)
    # A narrow row has all its nodes in one portion, a wide one in several.
    narrow, wide = np.flatnonzero(low == high), np.flatnonzero(low < high)
    narrow = narrow[argsort(low[narrow])]
    bounds = np.searchsorted(low[narrow], np.arange(int(portion_of_node.max(initial=0)) + 2))
    for number, (first, last) in enumerate(pairwise(bounds.tolist())):
        chosen = narrow[first:last]
        if len(wide):
            reaches = (low[wide] <= number) & (number <= high[wide])
            chosen = np.sort(np.concatenate((chosen, wide[reaches])))
        portion_rows = rows.take(chosen)
        placed = _place_rows(portion_rows, stretches, parts)
        if len(wide):
            placed = placed.take(portion_of_node[placed.node] == number)
        yield Portion(chosen, portion_rows, placed.take(argsort(placed.node)))


def _deal(world: World, stretches: Stretches, count: int) -> tuple[Int32s, Int32s]:
    """Deal nodes out to about `count` portions in the order of their cards: the portion of each
    node, and of each stretch."""
    cards = len(world.card_node)
    cards_backwards = np.flatnonzero(world.card_node != NO_NODE)[::-1]
    first_card = np.zeros(len(world.nodes), dtype=np.int64)
    # Of several cards of a node the last assignment counts: that of its first card.
    first_card[world.card_node[cards_backwards]] = cards_backwards
    of_node = (first_card * count // max(cards, 1)).astype(np.int32)
    of_stretch = np.maximum.accumulate(
        np.where(stretches.kind == NO_NODE, 0, of_node[stretches.kind])
    )
    if not np.array_equal(
        of_stretch[stretches.kind != NO_NODE], of_node[stretches.kind[stretches.kind != NO_NODE]]
    ):
        # The cards of different nodes interleave: all nodes are one portion.
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
        lowest[nodes > 0] = np.minimum.reduceat(of_part, heads)
        highest[nodes > 0] = np.maximum.reduceat(of_part, heads)
    low[~explicit], high[~explicit] = lowest[part], highest[part]
    return low, high


def _place_rows(rows: Rows, stretches: Stretches, parts: PartNodes) -> Placed:
    """Each row once per stretch of one node's cards, or per node of its part; in the order of
    rows."""
    is_part = rows.part != EXPLICIT
    if not is_part.any():
        row, stretch = _stretches_of(rows, stretches)
        return Placed(row, stretches.kind[stretch], stretch)
    explicit_rows, part_rows = np.flatnonzero(~is_part), np.flatnonzero(is_part)
    source, stretch = _stretches_of(rows.take(explicit_rows), stretches)
    part = rows.part[part_rows]
    part_source, offset = expand(parts.offset[part + 1] - parts.offset[part])
    part_node = parts.node[parts.offset[part][part_source] + offset]
    row = np.concatenate((explicit_rows[source], part_rows[part_source]))
    node = np.concatenate((stretches.kind[stretch], part_node))
    no_stretch = np.full(len(part_source), A_PART, dtype=np.int32)
    placed = Placed(row, node, np.concatenate((stretch, no_stretch)))
    return placed.take(argsort(row))


def _stretches_of(rows: Rows, stretches: Stretches) -> tuple[Int64s, Int32s]:
    """Each explicit row once per stretch that it meets: the row, and the stretch."""
    low, high = stretches.of_card[rows.first], stretches.of_card[rows.last]
    row, offset = expand(high - low + 1)
    return row, low[row] + offset.astype(np.int32)
