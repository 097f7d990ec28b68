"""Who met whom on some nodes, and on which cards: the first three steps of the sweep in
`exclusivity`."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory.known_cards import ALWAYS, NEVER, Looseness
from sovereignty.plane.ordering import argsort, expand
from sovereignty.plane.runs import Rows
from sovereignty.plane.sharing.overlaps import Clock, contested, meetings
from sovereignty.plane.sharing.paint import join_cards
from sovereignty.plane.sharing.placing import A_PART, Placed, Portion
from sovereignty.plane.sharing.uncertain import uncertain
from sovereignty.plane.strips import Stretches, Timeline
from sovereignty.plane.world import Int8s, Int32s, Int64s

REMAINS, UNCERTAIN, SHARED = 0, 1, 2  # layers of paint


@dataclass(frozen=True, slots=True)
class Marks:
    """Cards of rows over intervals, with the layer to paint; `card` is 0 for parts."""

    row: Int64s
    card: Int64s
    start: Int64s
    end: Int64s
    layer: Int8s


@dataclass(frozen=True, slots=True)
class Sharings:
    """Touches of two tenants on common cards: `touch` and `other`, the cards `first`..`last`, the
    common interval.

    Each meeting is listed from both sides; a pair of touches may take several elements.
    """

    touch: Int32s
    other: Int32s
    first: Int64s
    last: Int64s
    start: Int64s
    end: Int64s


@dataclass(frozen=True, slots=True)
class Company:
    """What was found: marks on explicit cards, marks on parts, and who shared cards."""

    marks: Marks
    part_marks: Marks
    sharings: Sharings


class Meeting:
    """Looks for company in one portion of the rows."""

    def __init__(
        self,
        clock: Clock,
        stretches: Stretches,
        loose: Looseness,
        portion: Portion,
        tenant_of_touch: Int32s,
    ) -> None:
        self._clock, self._stretches, self._loose, self._portion = clock, stretches, loose, portion
        self._rows = portion.rows
        self._tenant: Int32s = tenant_of_touch[portion.rows.touch]

    def find(self) -> Company:
        """Step 1: busy spells of two tenants or more on a node; then steps 2 and 3 inside them."""
        busy, spell = self._contested(self._portion.placed)
        is_part = busy.stretch == A_PART
        found = [Company(no_marks(), no_marks(), no_sharings())]
        kind = self._kinds(busy)
        if (kind != NEVER).any():
            with_loose = np.zeros(int(spell[-1]) + 1, dtype=np.bool_)
            with_loose[spell[kind != NEVER]] = True
            found.append(self._uncertain(busy.take(with_loose[spell])))
        if len(busy.row):
            found.append(self._shared(busy.take(~is_part)))
        return Company(
            join_marks([each.marks for each in found]),
            join_marks([each.part_marks for each in found]),
            join_sharings([each.sharings for each in found]),
        )

    def _contested(self, placed: Placed) -> tuple[Placed, Int64s]:
        row = placed.row
        node = placed.node.astype(np.int64)
        members, spell = contested(
            self._clock, node, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        return placed.take(members), spell

    def _kinds(self, placed: Placed) -> Int32s:
        """When each placed row is loose, as a place in the looseness's steps."""
        kinds = self._loose.kind[self._stretches.first[np.maximum(placed.stretch, 0)]]
        return np.where(placed.stretch == A_PART, np.int32(ALWAYS), kinds)

    def _uncertain(self, busy: Placed) -> Company:
        """Step 2: parts, and cards under unknown names, that meet another tenant on a node."""
        place, start, end, loose = self._when_loose(busy)
        busy = busy.take(place)
        row, is_part, node = busy.row, busy.stretch == A_PART, busy.node.astype(np.int64)
        found = uncertain(self._clock, node, start, end, self._tenant[row], loose)
        of_part = is_part[found.row]
        parts = self._marks(
            row[found.row[of_part]],
            np.zeros(int(of_part.sum()), dtype=np.int64),
            found.start[of_part],
            found.end[of_part],
            UNCERTAIN,
        )
        explicit = busy.take(found.row[~of_part])
        source, card = self._cards_of(explicit)
        start, end = found.start[~of_part][source], found.end[~of_part][source]
        return Company(
            self._marks(explicit.row[source], card, start, end, UNCERTAIN), parts, no_sharings()
        )

    def _when_loose(self, busy: Placed) -> tuple[Int64s, Int64s, Int64s, NDArray[np.bool_]]:
        """The placed rows cut where they become loose or are no longer: each one's place, its
        interval, and whether it is loose."""
        place = np.arange(len(busy.row), dtype=np.int32)  # stands in every column but the times
        rows = Rows(
            place, place, place, place, self._rows.start[busy.row], self._rows.end[busy.row]
        )
        cut, step = Timeline.of(self._loose.steps).cut(rows, self._kinds(busy))
        loose = np.array(
            [is_loose for steps in self._loose.steps for _, is_loose in steps], dtype=np.bool_
        )
        return cut.touch.astype(np.int64), cut.start, cut.end, loose[step]

    def _shared(self, busy: Placed) -> Company:
        """Step 3: rows of two tenants on one card."""
        source, card = self._cards_of(busy)
        # stable, and busy is sorted by start within a node: now by (card, start)
        order = argsort(card)
        row, card = busy.row[source[order]], card[order]
        members, _ = contested(
            self._clock, card, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        row, card = row[members], card[members]
        met = meetings(
            self._clock, card, self._rows.start[row], self._rows.end[row], self._tenant[row]
        )
        a, b = row[np.concatenate((met.a, met.b))], row[np.concatenate((met.b, met.a))]
        on, start, end = (
            card[np.concatenate((met.a, met.b))],
            np.tile(met.start, 2),
            np.tile(met.end, 2),
        )
        touch, other = self._rows.touch[a], self._rows.touch[b]
        chosen, first, last = join_cards(
            (touch.astype(np.int64), other.astype(np.int64), start, end), on
        )
        sharings = Sharings(touch[chosen], other[chosen], first, last, start[chosen], end[chosen])
        return Company(self._marks(a, on, start, end, SHARED), no_marks(), sharings)

    def _cards_of(self, placed: Placed) -> tuple[Int64s, Int64s]:
        """Each card of each placed explicit row: the position in `placed`, and the card number."""
        first = np.maximum(self._rows.first[placed.row], self._stretches.first[placed.stretch])
        last = np.minimum(
            self._rows.last[placed.row], self._stretches.first[placed.stretch + 1] - 1
        )
        source, offset = expand(last - first + 1)
        return source, first[source] + offset

    def _marks(self, row: Int64s, card: Int64s, start: Int64s, end: Int64s, layer: int) -> Marks:
        """Marks on rows of the portion, by their numbers among all rows."""
        return Marks(
            self._portion.number[row], card, start, end, np.full(len(row), layer, dtype=np.int8)
        )


def no_marks() -> Marks:
    none = np.zeros(0, dtype=np.int64)
    return Marks(none, none, none, none, np.zeros(0, dtype=np.int8))


def no_sharings() -> Sharings:
    touch, none = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    return Sharings(touch, touch, none, none, none, none)


def join_marks(marks: Sequence[Marks]) -> Marks:
    return Marks(
        *(
            np.concatenate([getattr(each, column.name) for each in marks])
            for column in fields(Marks)
        )
    )


def join_sharings(sharings: Sequence[Sharings]) -> Sharings:
    return Sharings(
        *(
            np.concatenate([getattr(each, column.name) for each in sharings])
            for column in fields(Sharings)
        )
    )
