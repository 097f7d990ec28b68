"""Which cards each tenant used when, by strips: what holds of a card's strip concerns the tenant.

A tenant's *footprint* is the strips of all cards that its touches of the period name. A k-of-S part
stands on every card of S. Where S is not known, or does not have all the cards that the touch
counts on it, the part may also stand on a card that nobody named. The fleet's own facts alone say
which cards S has. So a bundle, which holds no other tenant's touches, gives the same answer.
"""

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.intervals import Intervals, union_arrays
from sovereignty.plane.inventory.known_cards import named_cards
from sovereignty.plane.inventory.overcommit import overcommitted_touches
from sovereignty.plane.ordering import argsort, distinct, expand
from sovereignty.plane.runs import EXPLICIT, Rows, join
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import CardRanges, Grade, Int32s, Int64s, KPart, World


class Footprints:
    """The footprints of all tenants in one period, and when they had which cards at the times that
    matter."""

    def __init__(
        self,
        world: World,
        rows: Rows,
        strip_of_number: Int32s,
        least: Grade,
        when: Intervals,
        period: tuple[int, int],
    ) -> None:
        """`rows` are all of the period's. `strip_of_number` has an element for each card number,
        and a last one for a card that nobody named.

        Of touches outside `when`, the times that matter, only the strips are kept."""
        self._cards = _FleetCards(world, strip_of_number)
        self._strips = int(strip_of_number.max()) + 1
        is_overcommitted = (
            overcommitted_touches(world, least, *period)
            if world.parts
            else np.zeros(0, dtype=np.bool_)
        )
        rows, strip = self._cut_at_strips(world, rows, strip_of_number, is_overcommitted)
        key = world.touches.tenant[rows.touch].astype(np.int64) * self._strips + strip
        self._footprint = np.zeros(len(world.tenants) * self._strips, dtype=np.bool_)
        self._footprint[key] = True
        kept = np.flatnonzero(_meets(rows, when))
        kept = kept[argsort(key[kept])]
        self._key, self._start, self._end = key[kept], rows.start[kept], rows.end[kept]
        is_accepted = world.touches.judged_grade() >= least
        self._accepted: NDArray[np.bool_] = is_accepted[rows.touch[kept]]

    def strips(self, tenant: int) -> set[int]:
        """Return the tenant's footprint."""
        is_used = self._footprint[tenant * self._strips : (tenant + 1) * self._strips]
        return set(np.flatnonzero(is_used).tolist())

    def strips_of(self, cards: CardRanges | None) -> set[int]:
        """Return the strips of these cards. None is every card, and one that nobody named."""
        return self._cards.strips_of(cards)

    def used(self, tenant: int, strip: int) -> Intervals:
        """Return the time of the tenant's touches that meet `when` and had cards of the strip, or
        may have had some."""
        key = tenant * self._strips + strip
        return self._time(key, key + 1, accepted=False)

    def seen(self, tenant: int) -> Intervals:
        """Return the time of the tenant's touches that meet `when` and are known by accepted
        evidence, on whatever cards."""
        return self._time(tenant * self._strips, (tenant + 1) * self._strips, accepted=True)

    def _time(self, low: int, high: int, *, accepted: bool) -> Intervals:
        """The time of the rows with keys in `[low, high)`; of `accepted` evidence only, if
        asked."""
        keys = slice(*np.searchsorted(self._key, (low, high)))
        start, end = self._start[keys], self._end[keys]
        if accepted:
            start, end = start[self._accepted[keys]], end[self._accepted[keys]]
        return union_arrays(start, end)

    def _cut_at_strips(
        self,
        world: World,
        rows: Rows,
        strip_of_number: Int32s,
        is_overcommitted: NDArray[np.bool_],
    ) -> tuple[Rows, Int64s]:
        """The rows cut at strips, a part's row once for each strip that it stands on; and the strip
        of each."""
        is_explicit = rows.part == EXPLICIT
        explicit, strip = Stretches.of(strip_of_number).cut(rows.take(is_explicit))
        parts = rows.take(~is_explicit)
        strips_of_parts = [
            sorted(self._cards.strips_of_part(part, bool(is_overcommitted[part.touch])))
            for part in world.parts
        ]
        counts = np.array([len(strips) for strips in strips_of_parts], dtype=np.int64)
        flat = np.array([strip for strips in strips_of_parts for strip in strips], dtype=np.int64)
        source, offset = expand(counts[parts.part])
        before = np.cumsum(counts) - counts
        strip_of_part_row = flat[before[parts.part[source]] + offset]
        return (
            join([explicit, parts.take(source)]),
            np.concatenate((strip.astype(np.int64), strip_of_part_row)),
        )


class _FleetCards:
    """The strips of the cards that the fleet's facts name, by node."""

    def __init__(self, world: World, strip_of_number: Int32s) -> None:
        self._strip_of_number = strip_of_number
        self._unnamed = int(strip_of_number[-1])
        named = np.flatnonzero(named_cards(world))
        strips = int(strip_of_number.max()) + 1
        self._strips_of_node: list[set[int]] = [set() for _ in world.nodes]
        node_strips = world.card_node[named].astype(np.int64) * strips + strip_of_number[named]
        for node_strip in distinct(node_strips).tolist():
            self._strips_of_node[node_strip // strips].add(node_strip % strips)

    def strips_of_part(self, part: KPart, is_overcommitted: bool) -> set[int]:
        """The strips that it may stand on. `is_overcommitted` says that its nodes do not have all
        the cards that its touch counts on them."""
        if not part.nodes:
            return self.strips_of(None)
        strips = {strip for node in part.nodes for strip in self._strips_of_node[node]}
        return strips | {self._unnamed} if is_overcommitted else strips

    def strips_of(self, cards: CardRanges | None) -> set[int]:
        if cards is None:
            return {self._unnamed}.union(*self._strips_of_node)
        return {
            strip
            for first, last in cards
            for strip in np.unique(self._strip_of_number[first : last + 1]).tolist()
        }


def _meets(rows: Rows, when: Intervals) -> NDArray[np.bool_]:
    """Which rows have time in `when`."""
    starts = np.array([start for start, _ in when], dtype=np.int64)
    ends = np.array([end for _, end in when], dtype=np.int64)
    # The first interval that ends after the row starts.
    first = np.searchsorted(ends, rows.start, side="right")
    meets: NDArray[np.bool_] = np.append(starts, np.iinfo(np.int64).max)[first] < rows.end
    return meets
