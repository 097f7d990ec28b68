"""Which cards each tenant used when, as strips: what a card's strip says then concerns the tenant.

A tenant's *footprint* is the strips of all cards that its touches of the period name. A k-of-S part
stands on every card of S; where S is not known, or does not have all the cards that the touch
counts on it, also on a card that nobody named. Which cards S has is read from the fleet's own facts
alone, so that a bundle, which holds no other tenant's touches, gives the same answer.
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
    """The footprints of all tenants in one period, and of the times that matter when they had which
    cards."""

    def __init__(
        self,
        world: World,
        rows: Rows,
        strip_of_place: Int32s,
        least: Grade,
        when: Intervals,
        period: tuple[int, int],
    ) -> None:
        """`rows` are all of the period's; `strip_of_place` has a place for each card number and a
        last one for a card nobody named.

        Of touches outside `when` only the strips are kept."""
        self._cards = _FleetCards(world, strip_of_place)
        self._strips = int(strip_of_place.max()) + 1
        too_many = (
            overcommitted_touches(world, least, *period)
            if world.parts
            else np.zeros(0, dtype=np.bool_)
        )
        rows, strip = self._laid(world, rows, strip_of_place, too_many)
        key = world.touches.tenant[rows.touch].astype(np.int64) * self._strips + strip
        self._footprint = np.zeros(len(world.tenants) * self._strips, dtype=np.bool_)
        self._footprint[key] = True
        kept = np.flatnonzero(_meets(rows, when))
        kept = kept[argsort(key[kept])]
        self._key, self._start, self._end = key[kept], rows.start[kept], rows.end[kept]
        self._accepted: NDArray[np.bool_] = (world.touches.judged_grade() >= least)[
            rows.touch[kept]
        ]

    def strips(self, tenant: int) -> set[int]:
        """The tenant's footprint."""
        found = self._footprint[tenant * self._strips : (tenant + 1) * self._strips]
        return set(np.flatnonzero(found).tolist())

    def strips_of(self, cards: CardRanges | None) -> set[int]:
        """The strips of these cards; None is every card, and one that nobody named."""
        return self._cards.strips_of(cards)

    def used(self, tenant: int, strip: int) -> Intervals:
        """The touches of the tenant that meet `when` and had cards of the strip, or may have had:
        their time."""
        key = tenant * self._strips + strip
        return self._time(key, key + 1, accepted=False)

    def seen(self, tenant: int) -> Intervals:
        """The touches of the tenant that meet `when` and are known by accepted evidence, on
        whatever cards: their time."""
        return self._time(tenant * self._strips, (tenant + 1) * self._strips, accepted=True)

    def _time(self, low: int, high: int, *, accepted: bool) -> Intervals:
        here = slice(*np.searchsorted(self._key, (low, high)))
        start, end = self._start[here], self._end[here]
        return (
            union_arrays(start[self._accepted[here]], end[self._accepted[here]])
            if accepted
            else union_arrays(start, end)
        )

    def _laid(
        self, world: World, rows: Rows, strip_of_place: Int32s, too_many: NDArray[np.bool_]
    ) -> tuple[Rows, Int64s]:
        """The rows cut at strips, a part's row once for each strip that it stands on; and the strip
        of each."""
        explicit = rows.part == EXPLICIT
        cut, strip = Stretches.of(strip_of_place).cut(rows.take(explicit))
        parts = rows.take(~explicit)
        stands_on = [
            sorted(self._cards.strips_of_part(part, bool(too_many[part.touch])))
            for part in world.parts
        ]
        counts = np.array([len(strips) for strips in stands_on], dtype=np.int64)
        flat = np.array([strip for strips in stands_on for strip in strips], dtype=np.int64)
        source, place = expand(counts[parts.part])
        before = np.cumsum(counts) - counts
        of_parts = flat[before[parts.part[source]] + place]
        return join([cut, parts.take(source)]), np.concatenate((strip.astype(np.int64), of_parts))


class _FleetCards:
    """The strips of the cards that the fleet's facts name, by node."""

    def __init__(self, world: World, strip_of_place: Int32s) -> None:
        self._strip_of_place = strip_of_place
        self._unnamed = int(strip_of_place[-1])
        named = np.flatnonzero(named_cards(world))
        strips = int(strip_of_place.max()) + 1
        self._strips: list[set[int]] = [set() for _ in world.nodes]
        for pair in distinct(
            world.card_node[named].astype(np.int64) * strips + strip_of_place[named]
        ).tolist():
            self._strips[pair // strips].add(pair % strips)

    def strips_of_part(self, part: KPart, overfull: bool) -> set[int]:
        """The strips that it may stand on; `overfull` says that its nodes do not have all the cards
        that its touch counts on them."""
        if not part.nodes:
            return self.strips_of(None)
        strips = {strip for node in part.nodes for strip in self._strips[node]}
        return strips | {self._unnamed} if overfull else strips

    def strips_of(self, cards: CardRanges | None) -> set[int]:
        if cards is None:
            return {self._unnamed}.union(*self._strips)
        return {
            strip
            for first, last in cards
            for strip in np.unique(self._strip_of_place[first : last + 1]).tolist()
        }


def _meets(rows: Rows, when: Intervals) -> NDArray[np.bool_]:
    """Which rows have time in `when`."""
    starts, ends = (
        np.array([bounds[place] for bounds in when], dtype=np.int64) for place in (0, 1)
    )
    # the first interval that ends after the row starts
    first = np.searchsorted(ends, rows.start, side="right")
    meets: NDArray[np.bool_] = np.append(starts, np.iinfo(np.int64).max)[first] < rows.end
    return meets
