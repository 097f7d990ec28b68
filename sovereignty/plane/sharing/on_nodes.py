"""Who met whom on some nodes, and on which cards: the first three steps of the sweep in `sweep`."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory.known_cards import ALWAYS, NEVER, AliasTimes
from sovereignty.plane.ordering import argsort, expand
from sovereignty.plane.runs import Rows
from sovereignty.plane.sharing.overlaps import Clock, contested_busy_periods, find_overlaps
from sovereignty.plane.sharing.paint import join_cards
from sovereignty.plane.sharing.placing import A_PART, Placed, Portion
from sovereignty.plane.sharing.uncertain import find_uncertain
from sovereignty.plane.strips import Stretches, Timeline
from sovereignty.plane.world import Int8s, Int32s, Int64s

REMAINS, UNCERTAIN, SHARED = 0, 1, 2  # layers of paint


@dataclass(frozen=True, slots=True)
class Marks:
    """Cards of rows over intervals, with the layer to paint; all arrays have one length.

    `row` is an index among all rows of the period; `card` is 0 for parts.
    """

    row: Int64s
    card: Int64s
    start: Int64s
    end: Int64s
    layer: Int8s


@dataclass(frozen=True, slots=True)
class Sharings:
    """Touches of two tenants on common cards; all arrays have one length.

    `touch` and `other` index `World.touches`; the cards `first`..`last`, closed, are common to both
    over the interval. Each meeting is listed from both sides, and a pair of touches may take
    several elements.
    """

    touch: Int32s
    other: Int32s
    first: Int64s
    last: Int64s
    start: Int64s
    end: Int64s


@dataclass(frozen=True, slots=True)
class NodeFindings:
    """What the sweep finds on some nodes: marks on explicit cards, marks on parts, and who shared
    cards."""

    marks: Marks
    part_marks: Marks
    sharings: Sharings


class NodeSweep:
    """Sweeps the nodes of one portion of the rows."""

    def __init__(
        self,
        clock: Clock,
        stretches: Stretches,
        alias_times: AliasTimes,
        portion: Portion,
        tenant_of_touch: Int32s,
    ) -> None:
        self._clock, self._stretches, self._portion = clock, stretches, portion
        self._alias_times = alias_times
        self._rows = portion.rows
        self._tenant: Int32s = tenant_of_touch[portion.rows.touch]

    def find(self) -> NodeFindings:
        """Find what rows of different tenants met. Each portion is looked at once."""
        # 1. Busy periods of two tenants or more on a node.
        busy, period = self._contested(self._portion.placed)
        is_part = busy.stretch == A_PART
        findings = [NodeFindings(no_marks(), no_marks(), no_sharings())]
        kind = self._any_card_kinds(busy)
        # 2. and 3. look inside these periods only.
        if (kind != NEVER).any():
            may_be_uncertain = np.zeros(int(period[-1]) + 1, dtype=np.bool_)
            may_be_uncertain[period[kind != NEVER]] = True
            findings.append(self._uncertain(busy.take(may_be_uncertain[period])))
        if len(busy.row):
            findings.append(self._shared(busy.take(~is_part)))
        return NodeFindings(
            join_marks([finding.marks for finding in findings]),
            join_marks([finding.part_marks for finding in findings]),
            join_sharings([finding.sharings for finding in findings]),
        )

    def _contested(self, placed: Placed) -> tuple[Placed, Int64s]:
        row = placed.row
        node = placed.node.astype(np.int64)
        members, period = contested_busy_periods(
            self._clock, node, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        return placed.take(members), period

    def _any_card_kinds(self, placed: Placed) -> Int32s:
        """When each placed row may be any card of its node, as an index in `AliasTimes.steps`."""
        kinds = self._alias_times.kind[self._stretches.first[np.maximum(placed.stretch, 0)]]
        return np.where(placed.stretch == A_PART, np.int32(ALWAYS), kinds)

    def _uncertain(self, busy: Placed) -> NodeFindings:
        """Step 2: parts, and cards that may be aliases, that meet another tenant on a node."""
        source, start, end, may_be_any_card = self._cut_at_alias_times(busy)
        busy = busy.take(source)
        row, is_part, node = busy.row, busy.stretch == A_PART, busy.node.astype(np.int64)
        uncertain = find_uncertain(
            self._clock, node, start, end, self._tenant[row], may_be_any_card
        )
        of_part = is_part[uncertain.row]
        parts = self._marks(
            row[uncertain.row[of_part]],
            np.zeros(int(of_part.sum()), dtype=np.int64),
            uncertain.start[of_part],
            uncertain.end[of_part],
            UNCERTAIN,
        )
        explicit = busy.take(uncertain.row[~of_part])
        source, card = self._cards_of(explicit)
        start, end = uncertain.start[~of_part][source], uncertain.end[~of_part][source]
        return NodeFindings(
            self._marks(explicit.row[source], card, start, end, UNCERTAIN), parts, no_sharings()
        )

    def _cut_at_alias_times(self, busy: Placed) -> tuple[Int64s, Int64s, Int64s, NDArray[np.bool_]]:
        """Cut the placed rows where they may begin or cease to be any card of the node.

        Returns of each piece the index of its placed row, its start and end, and whether it may be
        any card."""
        index = np.arange(len(busy.row), dtype=np.int32)  # stands in every column but the times
        rows = Rows(
            index, index, index, index, self._rows.start[busy.row], self._rows.end[busy.row]
        )
        steps_of_kind = self._alias_times.steps
        cut, step = Timeline.of(steps_of_kind).cut(rows, self._any_card_kinds(busy))
        may_be_any_card = np.array(
            [value for steps in steps_of_kind for _, value in steps], dtype=np.bool_
        )
        return cut.touch.astype(np.int64), cut.start, cut.end, may_be_any_card[step]

    def _shared(self, busy: Placed) -> NodeFindings:
        """Step 3: rows of two tenants on one card."""
        source, card = self._cards_of(busy)
        # The sort is stable and busy is sorted by start within a node: now by (card, start).
        order = argsort(card)
        row, card = busy.row[source[order]], card[order]
        members, _ = contested_busy_periods(
            self._clock, card, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        row, card = row[members], card[members]
        overlaps = find_overlaps(
            self._clock, card, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        # Each overlap counts from both sides.
        own, others = (
            np.concatenate((overlaps.a, overlaps.b)),
            np.concatenate((overlaps.b, overlaps.a)),
        )
        card, start, end = card[own], np.tile(overlaps.start, 2), np.tile(overlaps.end, 2)
        touch, other = self._rows.touch[row[own]], self._rows.touch[row[others]]
        chosen, first, last = join_cards(
            (touch.astype(np.int64), other.astype(np.int64), start, end), card
        )
        sharings = Sharings(touch[chosen], other[chosen], first, last, start[chosen], end[chosen])
        marks = self._marks(row[own], card, start, end, SHARED)
        return NodeFindings(marks, no_marks(), sharings)

    def _cards_of(self, placed: Placed) -> tuple[Int64s, Int64s]:
        """Each card of each placed explicit row: the index in `placed`, and the card number."""
        first = np.maximum(self._rows.first[placed.row], self._stretches.first[placed.stretch])
        last = np.minimum(
            self._rows.last[placed.row], self._stretches.first[placed.stretch + 1] - 1
        )
        source, offset = expand(last - first + 1)
        return source, first[source] + offset

    def _marks(self, row: Int64s, card: Int64s, start: Int64s, end: Int64s, layer: int) -> Marks:
        """Marks on rows of the portion, by their indexes among all rows."""
        return Marks(
            self._portion.number[row], card, start, end, np.full(len(row), layer, dtype=np.int8)
        )


def no_marks() -> Marks:
    """Return marks on nothing."""
    none = np.zeros(0, dtype=np.int64)
    return Marks(none, none, none, none, np.zeros(0, dtype=np.int8))


def no_sharings() -> Sharings:
    """Return sharings of nothing."""
    touch, none = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    return Sharings(touch, touch, none, none, none, none)


def join_marks(pieces: Sequence[Marks]) -> Marks:
    """Return all marks of `pieces`, one after the other. Needs at least one."""
    return Marks(
        *(
            np.concatenate([getattr(piece, column.name) for piece in pieces])
            for column in fields(Marks)
        )
    )


def join_sharings(pieces: Sequence[Sharings]) -> Sharings:
    """Return all sharings of `pieces`, one after the other. Needs at least one."""
    return Sharings(
        *(
            np.concatenate([getattr(piece, column.name) for piece in pieces])
            for column in fields(Sharings)
        )
    )
