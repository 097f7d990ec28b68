"""Who shared cards with whom: the sweep over all touches of a period, nodes first.

1. Lay every row on the nodes it stands on, sorted by (node, start), and keep the busy spells of two
   tenants or more.
2. Where a k-of-S part, or a card under a name that the inventory does not know, meets another
   tenant on a node, nobody can say whether they shared a card: both are *uncertain* there. So are
   parts that do not fit their nodes together (`crowding`). A part of unknown nodes may be anywhere:
   `nowhere` tells when that makes a tenant uncertain, wherever it is.
3. The explicit rows of these spells go down to cards. Rows of two tenants that overlap on a card
   *shared* it.
4. Per row, what was shared or uncertain is painted over its own time; what remains of it is
   returned as rows too.

The plane is swept a portion of the nodes at a time, so memory is bounded and time is linear. DESIGN
section 2, *exclusivity*.
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.inventory.capacity import Room
from sovereignty.plane.inventory.known_cards import looseness
from sovereignty.plane.ordering import distinct, ends_of_groups, number, starts_of_groups
from sovereignty.plane.runs import Rows, join, no_rows
from sovereignty.plane.sharing.crowded_nodes import crowded
from sovereignty.plane.sharing.on_nodes import (
    REMAINS,
    SHARED,
    UNCERTAIN,
    Marks,
    Meeting,
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
    """`affected` are the rows of which anything was shared or uncertain; `remains`, `uncertain` and
    `shared` are those rows, cut."""

    affected: Int64s
    remains: Rows
    uncertain: Rows
    shared: Rows
    sharings: Sharings


def sweep(world: World, rows: Rows, least: Grade, start: int, end: int) -> Exclusivity:
    """Find what touches of different tenants shared in `[start, end)`. `rows` are all of the
    period's, sorted by start; inventory below the `least` grade is not known."""
    clock, parts, loose = (
        Clock(start, end - start),
        PartNodes.of(world),
        looseness(world, least, start, end),
    )
    stretches = Stretches.of(world.card_node, loose.kind if loose.any else None)
    painter = _Painter(rows, clock, max(len(world.card_node), 1))
    part_marks, met = [_crowded(world, rows, stretches, least, start, end)], [no_sharings()]
    most = ROWS_AT_ONCE_WITH_PARTS if len(parts.node) else ROWS_AT_ONCE
    for portion in portions(world, rows, stretches, parts, most):
        found = Meeting(clock, stretches, loose, portion, world.touches.tenant).find()
        painter.paint(found.marks)
        part_marks.append(found.part_marks)
        met.append(found.sharings)
    painter.paint_parts(join_marks(part_marks))
    return painter.result(join_sharings(met))


def _crowded(
    world: World, rows: Rows, stretches: Stretches, least: Grade, start: int, end: int
) -> Marks:
    if not world.parts:
        return no_marks()
    found = crowded(world, rows, stretches, Room.of(world, least, start, end))
    return Marks(
        found.row,
        np.zeros_like(found.row),
        found.start,
        found.end,
        np.full(len(found.row), UNCERTAIN, dtype=np.int8),
    )


class _Painter:
    """Step 4: what is uppermost on each card of each row, and which cards of these rows nothing was
    found on."""

    def __init__(self, rows: Rows, clock: Clock, cards: int) -> None:
        self._rows, self._clock, self._cards = rows, clock, cards
        self._painted: list[tuple[Rows, Int8s]] = [(no_rows(), np.zeros(0, dtype=np.int8))]
        self._keys = [np.zeros(0, dtype=np.int64)]  # (row, card) in one integer
        self._parts = np.zeros(0, dtype=np.int64)

    def paint(self, marks: Marks) -> None:
        """Paint marks on explicit cards; those of one card come all at once."""
        keys, place = number(marks.row * self._cards + marks.card)
        done = self._uppermost(marks, place, keys // self._cards)
        row, card = np.divmod(keys[done.place], self._cards)
        chosen, first, last = join_cards(
            (row, done.layer.astype(np.int64), done.start, done.end), card
        )
        self._painted.append(
            (
                self._cut(row[chosen], first, last, done.start[chosen], done.end[chosen]),
                done.layer[chosen],
            )
        )
        self._keys.append(keys)

    def paint_parts(self, marks: Marks) -> None:
        """Paint marks on parts, all at once."""
        self._parts, place = number(marks.row)
        done = self._uppermost(marks, place, self._parts)
        row = self._parts[done.place]
        first, last = self._rows.first[row].astype(np.int64), self._rows.last[row].astype(np.int64)
        self._painted.append((self._cut(row, first, last, done.start, done.end), done.layer))

    def result(self, sharings: Sharings) -> Exclusivity:
        keys = np.sort(np.concatenate(self._keys))
        untouched = self._untouched_cards(keys)
        everything = [(untouched, np.full(len(untouched), REMAINS, dtype=np.int8)), *self._painted]
        layer = np.concatenate([layers for _, layers in everything])
        rows = join([rows for rows, _ in everything])
        affected = np.concatenate((distinct(keys // self._cards), self._parts))
        remains, uncertain, shared = (
            rows.take(layer == each) for each in (REMAINS, UNCERTAIN, SHARED)
        )
        return Exclusivity(affected, remains, uncertain, shared, sharings)

    def _uppermost(self, marks: Marks, place: Int64s, row_of_place: Int64s) -> Paint:
        """The marks over the whole time of the rows that they are on."""
        whole = np.arange(len(row_of_place))
        return uppermost(
            self._clock,
            Paint(
                np.concatenate((place, whole)),
                np.concatenate((marks.start, self._rows.start[row_of_place])),
                np.concatenate((marks.end, self._rows.end[row_of_place])),
                np.concatenate((marks.layer, np.full(len(whole), REMAINS, dtype=np.int8))),
            ),
        )

    def _untouched_cards(self, keys: Int64s) -> Rows:
        """The cards of affected explicit rows on which nothing was found: the gaps between the
        keys, which are sorted."""
        row, card = np.divmod(keys, self._cards)
        heads = starts_of_groups(row)
        tails = ends_of_groups(heads, len(row)) - 1
        after_previous = np.concatenate(([0], card))[: len(card)] + 1
        after_previous[heads] = self._rows.first[row[heads]]
        first = np.concatenate((after_previous, card[tails] + 1))
        last = np.concatenate((card - 1, self._rows.last[row[tails]]))
        kept = first <= last
        of_row = np.concatenate((row, row[tails]))[kept]
        return self._cut(
            of_row, first[kept], last[kept], self._rows.start[of_row], self._rows.end[of_row]
        )

    def _cut(self, row: Int64s, first: Int64s, last: Int64s, start: Int64s, end: Int64s) -> Rows:
        whole = self._rows
        return Rows(
            whole.touch[row],
            whole.part[row],
            first.astype(np.int32),
            last.astype(np.int32),
            start,
            end,
        )
