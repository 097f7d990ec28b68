"""Who shared cards with whom: the sweep over all touches of a period, nodes first.

1. Lay every row on the nodes it stands on, sorted by (node, start), and keep the busy spells of two tenants or more.
2. Where a k-of-S part meets another tenant on a node, nobody can say whether they shared a card: both are *uncertain* there. A part of
   unknown nodes taints nothing but itself.
3. The explicit rows of these spells go down to cards. Rows of two tenants that overlap on a card *shared* it.
4. Per row, what was shared or uncertain is painted over its own time; what remains of it is returned as rows too.

The plane is swept a bucket of nodes at a time, so memory is bounded and time is linear. DESIGN section 2, *exclusivity*.
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.ordering import argsort, ends_of_groups, expand, starts_of_groups
from sovereignty.plane.paint import Paint, join_cards, uppermost
from sovereignty.plane.placing import A_PART, PartNodes, Placed, buckets
from sovereignty.plane.runs import Rows, join
from sovereignty.plane.spells import Clock, contested, meetings
from sovereignty.plane.strips import Stretches
from sovereignty.plane.taints import uncertain
from sovereignty.plane.world import Int8s, Int32s, Int64s, World

ROWS_PER_BUCKET = 1 << 21
ROWS_PER_BUCKET_WITH_PARTS = 1 << 18  # parts are looked at anew at every change on their nodes

REMAINS, UNCERTAIN, SHARED = 0, 1, 2  # layers of paint


@dataclass(frozen=True, slots=True)
class Sharings:
    """Touches of two tenants on common cards: `touch` and `other`, the cards `first`..`last`, the common interval.

    Each meeting is listed from both sides; a pair of touches may take several elements.
    """

    touch: Int32s
    other: Int32s
    first: Int64s
    last: Int64s
    start: Int64s
    end: Int64s


@dataclass(frozen=True, slots=True)
class Exclusivity:
    """`affected` are the rows of which anything was shared or uncertain; `remains`, `uncertain` and `shared` are those rows, cut."""

    affected: Int64s
    remains: Rows
    uncertain: Rows
    shared: Rows
    sharings: Sharings


@dataclass(frozen=True, slots=True)
class _Marks:
    """Cards of rows over intervals, with the layer to paint; `card` is 0 for parts."""

    row: Int64s
    card: Int64s
    start: Int64s
    end: Int64s
    layer: Int8s


def sweep(world: World, rows: Rows, start: int, end: int) -> Exclusivity:
    """Find what touches of different tenants shared in `[start, end)`. `rows` are all of the period's, sorted by start."""
    return _Sweep(world, rows, start, end).run()


class _Sweep:
    """The steps of the module over one set of rows."""

    def __init__(self, world: World, rows: Rows, start: int, end: int) -> None:
        self.rows = rows
        self.cards = len(world.card_node)
        self.tenant: Int32s = world.touches.tenant[rows.touch]
        self.stretches = Stretches.of(world.card_node)
        self.parts = PartNodes.of(world)
        self.clock = Clock(start, end - start)
        self.marks: list[_Marks] = []
        self.part_marks: list[_Marks] = []
        self.met: list[Sharings] = []

    def run(self) -> Exclusivity:
        most = ROWS_PER_BUCKET_WITH_PARTS if len(self.parts.node) else ROWS_PER_BUCKET
        painted: list[tuple[Rows, Int8s]] = []
        touched: list[Int64s] = []
        for placed in buckets(self.rows, self.stretches, self.parts, most):
            self._meet_on_nodes(placed)
            if self.marks:
                marks, self.marks = _join_marks(self.marks), []
                painted.append(self._paint(marks))
                touched.append(np.unique(marks.row * self.cards + marks.card))
        return self._result(painted, touched)

    # 1. Busy spells on nodes.
    def _meet_on_nodes(self, placed: Placed) -> None:
        row = placed.row
        members, spell = contested(
            self.clock, placed.node.astype(np.int64), self.rows.start[row], self.rows.end[row], self.tenant[row]
        )
        if not len(members):
            return
        busy = placed.take(members)
        is_part = busy.stretch == A_PART
        if is_part.any():
            with_part = np.zeros(int(spell[-1]) + 1, dtype=np.bool_)
            with_part[spell[is_part]] = True
            self._mark_uncertain(busy.take(with_part[spell]))
        self._meet_on_cards(busy.take(~is_part))

    # 2. Parts that meet another tenant on a node.
    def _mark_uncertain(self, busy: Placed) -> None:
        row, is_part = busy.row, busy.stretch == A_PART
        found = uncertain(
            self.clock, busy.node.astype(np.int64), self.rows.start[row], self.rows.end[row], self.tenant[row], is_part
        )
        of_part = is_part[found.row]
        row_of = row[found.row]
        zeros = np.zeros(int(of_part.sum()), dtype=np.int64)
        layer = np.full(len(row_of), UNCERTAIN, dtype=np.int8)
        self.part_marks.append(_Marks(row_of[of_part], zeros, found.start[of_part], found.end[of_part], layer[of_part]))
        explicit = busy.take(found.row[~of_part])
        source, card = self._cards_of(explicit)
        start, end = found.start[~of_part][source], found.end[~of_part][source]
        self.marks.append(_Marks(explicit.row[source], card, start, end, np.full(len(source), UNCERTAIN, dtype=np.int8)))

    # 3. Rows of two tenants on one card.
    def _meet_on_cards(self, busy: Placed) -> None:
        source, card = self._cards_of(busy)
        order = argsort(card)  # stable, and busy is sorted by start within a node: now by (card, start)
        row, card = busy.row[source[order]], card[order]
        members, _ = contested(self.clock, card, self.rows.start[row], self.rows.end[row], self.tenant[row])
        if not len(members):
            return
        row, card = row[members], card[members]
        met = meetings(self.clock, card, self.rows.start[row], self.rows.end[row], self.tenant[row])
        a, b = row[np.concatenate((met.a, met.b))], row[np.concatenate((met.b, met.a))]
        on = card[np.concatenate((met.a, met.b))]
        start, end = np.tile(met.start, 2), np.tile(met.end, 2)
        self.marks.append(_Marks(a, on, start, end, np.full(len(a), SHARED, dtype=np.int8)))
        self.met.append(_sharings(self.rows.touch[a], self.rows.touch[b], on, start, end))

    def _cards_of(self, placed: Placed) -> tuple[Int64s, Int64s]:
        """Each card of each placed explicit row: the position in `placed`, and the card number."""
        first = np.maximum(self.rows.first[placed.row], self.stretches.first[placed.stretch])
        last = np.minimum(self.rows.last[placed.row], self.stretches.first[placed.stretch + 1] - 1)
        source, offset = expand(last - first + 1)
        return source, first[source] + offset

    # 4. What is uppermost on each card of each row.
    def _paint(self, marks: _Marks) -> tuple[Rows, Int8s]:
        keys, place = np.unique(marks.row * self.cards + marks.card, return_inverse=True)
        done = self._uppermost(marks, place, keys // self.cards)
        row, card = np.divmod(keys[done.place], self.cards)
        chosen, first, last = join_cards((row, done.layer.astype(np.int64), done.start, done.end), card)
        return self._rows(row[chosen], first, last, done.start[chosen], done.end[chosen]), done.layer[chosen]

    def _uppermost(self, marks: _Marks, place: Int64s, row_of_place: Int64s) -> Paint:
        """The marks over the whole time of the rows that they are on."""
        whole = np.arange(len(row_of_place))
        return uppermost(
            self.clock,
            Paint(
                np.concatenate((place, whole)),
                np.concatenate((marks.start, self.rows.start[row_of_place])),
                np.concatenate((marks.end, self.rows.end[row_of_place])),
                np.concatenate((marks.layer, np.full(len(whole), REMAINS, dtype=np.int8))),
            ),
        )

    def _rows(self, row: Int64s, first: Int64s, last: Int64s, start: Int64s, end: Int64s) -> Rows:
        return Rows(self.rows.touch[row], self.rows.part[row], first.astype(np.int32), last.astype(np.int32), start, end)

    def _paint_parts(self) -> tuple[Int64s, list[tuple[Rows, Int8s]]]:
        """What is uncertain of parts, and what remains of them; and which rows they are."""
        if not self.part_marks:
            return np.zeros(0, dtype=np.int64), []
        marks = _join_marks(self.part_marks)
        touched, place = np.unique(marks.row, return_inverse=True)
        done = self._uppermost(marks, place, touched)
        row = touched[done.place]
        first, last = self.rows.first[row].astype(np.int64), self.rows.last[row].astype(np.int64)
        return touched, [(self._rows(row, first, last, done.start, done.end), done.layer)]

    def _result(self, painted: list[tuple[Rows, Int8s]], touched: list[Int64s]) -> Exclusivity:
        affected_parts, painted_parts = self._paint_parts()
        keys = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *touched]))
        everything = [(self._untouched_cards(keys), None), *painted, *painted_parts]
        layers = np.concatenate([np.zeros(len(rows), dtype=np.int8) if layer is None else layer for rows, layer in everything])
        rows = join([rows for rows, _ in everything])
        affected = np.concatenate((np.unique(keys // max(self.cards, 1)), affected_parts))
        none = np.zeros(0, dtype=np.int64)
        sharings = self.met or [_sharings(none.astype(np.int32), none.astype(np.int32), none, none, none)]
        joined = Sharings(*(np.concatenate(columns) for columns in zip(*map(_columns, sharings), strict=True)))
        return Exclusivity(
            affected, rows.take(layers == REMAINS), rows.take(layers == UNCERTAIN), rows.take(layers == SHARED), joined
        )

    def _untouched_cards(self, keys: Int64s) -> Rows:
        """The cards of affected explicit rows on which nothing was found: the gaps between the keys (row, card), sorted."""
        row, card = np.divmod(keys, max(self.cards, 1))
        heads = starts_of_groups(row)
        before = np.concatenate(([0], card))[: len(card)] + 1
        before[heads] = self.rows.first[row[heads]]
        tails = ends_of_groups(heads, len(row)) - 1
        first = np.concatenate((before, card[tails] + 1))
        last = np.concatenate((card - 1, self.rows.last[row[tails]]))
        of_row = np.concatenate((row, row[tails]))
        kept = first <= last
        of_row = of_row[kept]
        return self._rows(of_row, first[kept], last[kept], self.rows.start[of_row], self.rows.end[of_row])


def _sharings(touch: Int32s, other: Int32s, card: Int64s, start: Int64s, end: Int64s) -> Sharings:
    chosen, first, last = join_cards((touch.astype(np.int64), other.astype(np.int64), start, end), card)
    return Sharings(touch[chosen], other[chosen], first, last, start[chosen], end[chosen])


def _columns(sharings: Sharings) -> tuple[Int32s | Int64s, ...]:
    return sharings.touch, sharings.other, sharings.first, sharings.last, sharings.start, sharings.end


def _join_marks(marks: list[_Marks]) -> _Marks:
    return _Marks(
        np.concatenate([each.row for each in marks]),
        np.concatenate([each.card for each in marks]),
        np.concatenate([each.start for each in marks]),
        np.concatenate([each.end for each in marks]),
        np.concatenate([each.layer for each in marks]),
    )
