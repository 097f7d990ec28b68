"""Counts without cards that do not fit their nodes at some time, over all touches of all tenants.

While a k-of-S part lasts, the cards that anybody explicitly holds in S, and every count of nodes
inside S, must together fit the cards of S that are there (`room`). Where they do not, nobody can
say where the counted cards are: the parts inside S are uncertain.

    n1 has 8 cards; 6 of n1, and 4 of n1 meanwhile     →   both are uncertain while both last, though they be of one tenant
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.areas import blocks
from sovereignty.plane.inventory.capacity import Room
from sovereignty.plane.ordering import argsort, distinct, expand
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Int64s, World


@dataclass(frozen=True, slots=True)
class Crowded:
    """Part rows, by their places among all rows, and intervals in which they are uncertain; they
    may overlap."""

    row: Int64s
    start: Int64s
    end: Int64s


def crowded(world: World, rows: Rows, stretches: Stretches, room: Room) -> Crowded:
    """What of the parts among `rows` does not fit. It costs by distinct sets of nodes and the rows
    on their nodes."""
    groups: dict[frozenset[int], list[int]] = {}
    for row in np.flatnonzero(rows.part != EXPLICIT).tolist():
        if named := world.parts[int(rows.part[row])].nodes:
            groups.setdefault(frozenset(named), []).append(row)
    by_first: dict[int, list[frozenset[int]]] = {}
    for nodes in groups:
        by_first.setdefault(min(nodes), []).append(nodes)
    on_nodes = _OnNodes(world, rows, stretches, groups)
    none = np.zeros(0, dtype=np.int64)
    found = [(none, none, none)]
    for nodes, own in groups.items():
        inside = [
            row
            for node in nodes
            for other in by_first.get(node, ())
            if other <= nodes
            for row in groups[other]
        ]
        found += _too_many(rows, own, np.array(sorted(inside)), on_nodes, nodes, room)
    return Crowded(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


class _OnNodes:
    """Explicit cards on the nodes that parts name, as (node, first, last, start, end), sorted by
    node."""

    def __init__(
        self,
        world: World,
        rows: Rows,
        stretches: Stretches,
        groups: dict[frozenset[int], list[int]],
    ) -> None:
        named = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
        named[list(frozenset[int]().union(*groups))] = True
        explicit = np.flatnonzero(rows.part == EXPLICIT)
        low, high = stretches.of_card[rows.first[explicit]], stretches.of_card[rows.last[explicit]]
        place, offset = expand(high - low + 1)
        stretch = low[place] + offset
        kept = named[stretches.kind[stretch]]
        row, stretch = explicit[place[kept]], stretch[kept]
        order = argsort(stretches.kind[stretch])
        row, stretch = row[order], stretch[order]
        self._node = stretches.kind[stretch]
        self._first = np.maximum(rows.first[row], stretches.first[stretch])
        self._last = np.minimum(rows.last[row], stretches.first[stretch + 1] - 1)
        self._start, self._end = rows.start[row], rows.end[row]

    def of(
        self, nodes: frozenset[int], start: int, end: int
    ) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        """(first, last, start, end) of the cards on these nodes that meet `[start, end)`."""
        wanted = np.array(sorted(nodes))
        low, high = (
            np.searchsorted(self._node, wanted, side="left"),
            np.searchsorted(self._node, wanted, side="right"),
        )
        group, offset = expand(high - low)
        at = low[group] + offset
        at = at[(self._start[at] < end) & (self._end[at] > start)]
        return self._first[at], self._last[at], self._start[at], self._end[at]


def _too_many(
    rows: Rows,
    own: list[int],
    inside: Int64s,
    on_nodes: _OnNodes,
    nodes: frozenset[int],
    room: Room,
) -> list[tuple[Int64s, Int64s, Int64s]]:
    """The rows of `inside` over the times at which they do not fit the cards that are there while
    one of `own` lasts."""
    start, end = int(rows.start[own].min()), int(rows.end[own].max())
    first, last, began, ended = on_nodes.of(nodes, start, end)
    k = rows.width()[inside]
    if int(k.sum()) + int((last - first + 1).sum()) <= room.all_the_time(nodes):
        return []
    # One tenant may hold a card twice: a card counts once.
    held = blocks(
        np.zeros(len(first), dtype=np.int64),
        first.astype(np.int64),
        last.astype(np.int64),
        began,
        ended,
    )
    starts = np.concatenate((rows.start[inside], held.start))
    ends = np.concatenate((rows.end[inside], held.end))
    count = np.concatenate((k, held.cards()))
    changes = room.changes(nodes)
    lasting = changes[(changes > start) & (changes < end)]
    times = distinct(np.concatenate((starts, ends, lasting)))
    lasts = _sums(times, rows.start[own], rows.end[own], np.ones(len(own), dtype=np.int64)) > 0
    crowd = np.flatnonzero((_sums(times, starts, ends, count) > room.at(nodes, times)) & lasts)
    found = []
    for moment in crowd.tolist():
        at, to = int(times[moment]), int(times[moment + 1])
        there = inside[(rows.start[inside] <= at) & (rows.end[inside] > at)]
        found.append((there, np.full(len(there), at), np.full(len(there), to)))
    return found


def _sums(times: Int64s, start: Int64s, end: Int64s, count: Int64s) -> Int64s:
    """The sum of `count` over what lasts from each of `times` to the next."""
    changes = np.zeros(len(times), dtype=np.int64)
    np.add.at(changes, np.searchsorted(times, start), count)
    np.subtract.at(changes, np.searchsorted(times, end), count)
    return np.cumsum(changes)
