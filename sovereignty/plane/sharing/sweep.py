"""Who shared cards with whom: a sweep line over all touches of a period, nodes first.

1. Lay every row on the nodes that it stands on, sorted by (node, start), and keep the busy periods
   of two tenants or more.
2. Where a k-of-S part, or a card that may be an alias, meets another tenant on a node, nobody can
   say whether they shared a card: both are *uncertain* there. So are parts that do not fit their
   nodes together (`crowded_nodes`). A part of unknown nodes may be on any card: `unlocated_parts`
   says when that makes a tenant uncertain, wherever it is.
3. Take the explicit rows of these busy periods down to cards. Rows of two tenants that overlap on a
   card *shared* it.
4. Paint, over each row's own time, what was shared or uncertain (`paint`). What remains of the row
   is returned as rows too.

The sweep takes a portion of the nodes at a time, so memory is bounded and time is linear. DESIGN
section 2, *exclusivity*.
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.inventory.capacity import Capacity
from sovereignty.plane.inventory.known_cards import find_alias_times
from sovereignty.plane.ordering import distinct, ends_of_groups, number, starts_of_groups
from sovereignty.plane.runs import Rows, join, no_rows
from sovereignty.plane.sharing.crowded_nodes import find_crowded_parts
from sovereignty.plane.sharing.on_nodes import (
    REMAINS,
    SHARED,
    UNCERTAIN,
    Marks,
    NodeSweep,
    Sharings,
    join_marks,
    join_sharings,
    no_marks,
    no_sharings,
)
from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.sharing.paint import Paint, join_cards, uppermost
from sovereignty.plane.sharing.placing import PartNodes, portions
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Grade, Int8s, Int64s, World

ROWS_AT_ONCE = 1 << 19
ROWS_AT_ONCE_WITH_PARTS = 1 << 18  # parts are looked at anew at every change on their nodes


@dataclass(frozen=True, slots=True)
class Exclusivity:
    """What of the rows was shared or uncertain.

    - `affected`: the indexes of the rows of which anything was.
    - `remains`, `uncertain`, `shared`: those rows, cut to what was neither, uncertain, and shared.
    - `sharings`: who shared which cards with whom.
    """

    affected: Int64s
    remains: Rows
    uncertain: Rows
    shared: Rows
    sharings: Sharings


def sweep(world: World, rows: Rows, least: Grade, start: int, end: int) -> Exclusivity:
    """Find what touches of different tenants shared in `[start, end)`.

    `rows` are all of the period's, sorted by start. Inventory below the `least` grade is not known.
    """
    clock, parts = Clock(start, end - start), PartNodes.of(world)
    alias_times = find_alias_times(world, least, start, end)
    stretches = Stretches.of(world.card_node, alias_times.kind if alias_times.has_aliases else None)
    painter = _Painter(rows, clock, max(len(world.card_node), 1))
    part_marks = [_crowded_marks(world, rows, stretches, least, start, end)]
    sharings = [no_sharings()]
    most = ROWS_AT_ONCE_WITH_PARTS if len(parts.node) else ROWS_AT_ONCE
    for portion in portions(world, rows, stretches, parts, most):
        findings = NodeSweep(clock, stretches, alias_times, portion, world.touches.tenant).find()
        painter.paint(findings.marks)
        part_marks.append(findings.part_marks)
        sharings.append(findings.sharings)
    painter.paint_parts(join_marks(part_marks))
    return painter.result(join_sharings(sharings))


def _crowded_marks(
    world: World, rows: Rows, stretches: Stretches, least: Grade, start: int, end: int
) -> Marks:
    if not world.parts:
        return no_marks()
    capacity = Capacity.of(world, least, start, end)
    crowded = find_crowded_parts(world, rows, stretches, capacity)
    return Marks(
        crowded.row,
        np.zeros_like(crowded.row),
        crowded.start,
        crowded.end,
        np.full(len(crowded.row), UNCERTAIN, dtype=np.int8),
    )


class _Painter:
    """Step 4: paints what is uppermost on each card of each row, and keeps the cards of these rows
    on which nothing was found."""

    def __init__(self, rows: Rows, clock: Clock, cards: int) -> None:
        self._rows, self._clock, self._cards = rows, clock, cards
        self._painted: list[tuple[Rows, Int8s]] = [(no_rows(), np.zeros(0, dtype=np.int8))]
        self._row_cards = [np.zeros(0, dtype=np.int64)]  # (row, card) in one integer
        self._part_rows = np.zeros(0, dtype=np.int64)

    def paint(self, marks: Marks) -> None:
        """Paint marks on explicit cards. All marks of one card come in one call."""
        row_cards, key = number(marks.row * self._cards + marks.card)
        painted = self._uppermost(marks, key, row_cards // self._cards)
        row, card = np.divmod(row_cards[painted.key], self._cards)
        chosen, first, last = join_cards(
            (row, painted.layer.astype(np.int64), painted.start, painted.end), card
        )
        rows = self._cut(row[chosen], first, last, painted.start[chosen], painted.end[chosen])
        self._painted.append((rows, painted.layer[chosen]))
        self._row_cards.append(row_cards)

    def paint_parts(self, marks: Marks) -> None:
        """Paint marks on parts. It is called once, with all of them."""
        self._part_rows, key = number(marks.row)
        painted = self._uppermost(marks, key, self._part_rows)
        row = self._part_rows[painted.key]
        first, last = self._rows.first[row].astype(np.int64), self._rows.last[row].astype(np.int64)
        rows = self._cut(row, first, last, painted.start, painted.end)
        self._painted.append((rows, painted.layer))

    def result(self, sharings: Sharings) -> Exclusivity:
        """Return what was painted, sorted out by layer."""
        row_cards = np.sort(np.concatenate(self._row_cards))
        untouched = self._untouched_cards(row_cards)
        painted = [(untouched, np.full(len(untouched), REMAINS, dtype=np.int8)), *self._painted]
        layer = np.concatenate([layers for _, layers in painted])
        rows = join([rows for rows, _ in painted])
        affected = np.concatenate((distinct(row_cards // self._cards), self._part_rows))
        remains, uncertain, shared = (
            rows.take(layer == wanted) for wanted in (REMAINS, UNCERTAIN, SHARED)
        )
        return Exclusivity(affected, remains, uncertain, shared, sharings)

    def _uppermost(self, marks: Marks, key: Int64s, row_of_key: Int64s) -> Paint:
        """The marks, painted over the whole time of the rows that they are on."""
        all_keys = np.arange(len(row_of_key))
        return uppermost(
            self._clock,
            Paint(
                np.concatenate((key, all_keys)),
                np.concatenate((marks.start, self._rows.start[row_of_key])),
                np.concatenate((marks.end, self._rows.end[row_of_key])),
                np.concatenate((marks.layer, np.full(len(all_keys), REMAINS, dtype=np.int8))),
            ),
        )

    def _untouched_cards(self, row_cards: Int64s) -> Rows:
        """The cards of affected explicit rows on which nothing was found: the gaps between
        `row_cards`, which are sorted."""
        row, card = np.divmod(row_cards, self._cards)
        heads = starts_of_groups(row)
        tails = ends_of_groups(heads, len(row)) - 1
        after_previous = np.concatenate(([0], card))[: len(card)] + 1
        after_previous[heads] = self._rows.first[row[heads]]
        first = np.concatenate((after_previous, card[tails] + 1))
        last = np.concatenate((card - 1, self._rows.last[row[tails]]))
        kept = first <= last
        row = np.concatenate((row, row[tails]))[kept]
        return self._cut(row, first[kept], last[kept], self._rows.start[row], self._rows.end[row])

    def _cut(self, row: Int64s, first: Int64s, last: Int64s, start: Int64s, end: Int64s) -> Rows:
        """These rows, cut to the cards `first`..`last` and to `[start, end)`."""
        return Rows(
            self._rows.touch[row],
            self._rows.part[row],
            first.astype(np.int32),
            last.astype(np.int32),
            start,
            end,
        )
