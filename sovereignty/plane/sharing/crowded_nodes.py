"""Counts without cards that do not fit their nodes at some time, over all touches of all tenants.

While a k-of-S part lasts, two things together must fit the cards of S that are there (`capacity`):
the explicit cards in S, of whatever touch, and every count on nodes inside S. Where they do not
fit, nobody can say where the counted cards are: the parts inside S are uncertain.

    n1 has 8 cards; one touch has 6 of n1, another 4 of n1
    →   both parts are uncertain while both last, even if they are one tenant's
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.areas import blocks
from sovereignty.plane.inventory.capacity import Capacity
from sovereignty.plane.ordering import argsort, distinct, expand
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Int64s, World


@dataclass(frozen=True, slots=True)
class CrowdedParts:
    """Part rows, by their indexes among all rows, and intervals in ms in which they are uncertain.
    The intervals may overlap."""

    row: Int64s
    start: Int64s
    end: Int64s


def find_crowded_parts(
    world: World, rows: Rows, stretches: Stretches, capacity: Capacity
) -> CrowdedParts:
    """Find what of the parts among `rows` does not fit.

    The cost is distinct sets of nodes × the rows on their nodes."""
    rows_of_set: dict[frozenset[int], list[int]] = {}
    for row in np.flatnonzero(rows.part != EXPLICIT).tolist():
        if named := world.parts[int(rows.part[row])].nodes:
            rows_of_set.setdefault(frozenset(named), []).append(row)
    sets_by_lowest: dict[int, list[frozenset[int]]] = {}
    for nodes in rows_of_set:
        sets_by_lowest.setdefault(min(nodes), []).append(nodes)
    explicit = _ExplicitCards(world, rows, stretches, rows_of_set)
    none = np.zeros(0, dtype=np.int64)
    crowded = [(none, none, none)]
    for nodes, own in rows_of_set.items():
        inside = [
            row
            for node in nodes
            for other in sets_by_lowest.get(node, ())
            if other <= nodes
            for row in rows_of_set[other]
        ]
        crowded += _too_many(rows, own, np.array(sorted(inside)), explicit, nodes, capacity)
    return CrowdedParts(*(np.concatenate(columns) for columns in zip(*crowded, strict=True)))


class _ExplicitCards:
    """Explicit cards on the nodes that parts name, as (node, first, last, start, end), sorted by
    node."""

    def __init__(
        self,
        world: World,
        rows: Rows,
        stretches: Stretches,
        rows_of_set: dict[frozenset[int], list[int]],
    ) -> None:
        is_named = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
        is_named[list(frozenset[int]().union(*rows_of_set))] = True
        explicit = np.flatnonzero(rows.part == EXPLICIT)
        low, high = stretches.of_card[rows.first[explicit]], stretches.of_card[rows.last[explicit]]
        source, offset = expand(high - low + 1)
        stretch = low[source] + offset
        kept = is_named[stretches.kind[stretch]]
        row, stretch = explicit[source[kept]], stretch[kept]
        order = argsort(stretches.kind[stretch])
        row, stretch = row[order], stretch[order]
        self._node = stretches.kind[stretch]
        self._first = np.maximum(rows.first[row], stretches.first[stretch])
        self._last = np.minimum(rows.last[row], stretches.first[stretch + 1] - 1)
        self._start, self._end = rows.start[row], rows.end[row]

    def on(
        self, nodes: frozenset[int], start: int, end: int
    ) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        """Return (first, last, start, end) of the cards on these nodes that meet `[start, end)`."""
        wanted = np.array(sorted(nodes))
        low = np.searchsorted(self._node, wanted, side="left")
        high = np.searchsorted(self._node, wanted, side="right")
        node, offset = expand(high - low)
        chosen = low[node] + offset
        chosen = chosen[(self._start[chosen] < end) & (self._end[chosen] > start)]
        return self._first[chosen], self._last[chosen], self._start[chosen], self._end[chosen]


def _too_many(
    rows: Rows,
    own: list[int],
    inside: Int64s,
    explicit: _ExplicitCards,
    nodes: frozenset[int],
    capacity: Capacity,
) -> list[tuple[Int64s, Int64s, Int64s]]:
    """The rows of `inside`, with the intervals in which they do not fit the cards of `nodes` while
    a row of `own` lasts.

    `own` are the part rows of exactly these nodes, `inside` those of any of them."""
    start, end = int(rows.start[own].min()), int(rows.end[own].max())
    first, last, card_start, card_end = explicit.on(nodes, start, end)
    k = rows.width()[inside]
    if int(k.sum()) + int((last - first + 1).sum()) <= capacity.throughout_period(nodes):
        return []
    # A tenant may name a card twice: a card counts once.
    held = blocks(
        np.zeros(len(first), dtype=np.int64),
        first.astype(np.int64),
        last.astype(np.int64),
        card_start,
        card_end,
    )
    starts = np.concatenate((rows.start[inside], held.start))
    ends = np.concatenate((rows.end[inside], held.end))
    count = np.concatenate((k, held.cards()))
    changes = capacity.change_times(nodes)
    changes = changes[(changes > start) & (changes < end)]
    times = distinct(np.concatenate((starts, ends, changes)))
    own_lasts = _sums(times, rows.start[own], rows.end[own], np.ones(len(own), dtype=np.int64)) > 0
    is_crowded = _sums(times, starts, ends, count) > capacity.at_times(nodes, times)
    crowded = []
    for moment in np.flatnonzero(is_crowded & own_lasts).tolist():
        moment_start, moment_end = int(times[moment]), int(times[moment + 1])
        present = inside[(rows.start[inside] <= moment_start) & (rows.end[inside] > moment_start)]
        crowded.append(
            (present, np.full(len(present), moment_start), np.full(len(present), moment_end))
        )
    return crowded


def _sums(times: Int64s, start: Int64s, end: Int64s, count: Int64s) -> Int64s:
    """The sum of `count` over what lasts from each of `times` to the next."""
    changes = np.zeros(len(times), dtype=np.int64)
    np.add.at(changes, np.searchsorted(times, start), count)
    np.subtract.at(changes, np.searchsorted(times, end), count)
    return np.cumsum(changes)
