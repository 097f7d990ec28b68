"""When every access to a tenant would have been reported.

At each time the cards that the tenant touched then are looked at. Each must be covered by sources
of accesses as TE-01 wants it of touches (`of_cards`): some source of accepted grade must report
accesses to it, each that must report was heard about it, and none of the fleet's facts about that
is missing. A source that names half of the cards covers that half; the other half leaves the time
uncovered.

More cards are looked at in three cases:

- No accepted touch says which cards the tenant had, because there is none or because one may be
  missing from the tenant's trail. Then all cards count that the tenant used in the period, and
  those of the source that lost a touch: the tenant's data stay where its workloads ran.
- The tenant had, or may have had, touches or accesses before the period. Their cards are not looked
  up, so every card counts, and one that nobody named.
- A fact that a reporter of accesses numbered in the tenant's trail is missing. It may be an access,
  and no other source makes up for it, whatever the cards.

    touches [1h, 2h) and [5h, 6h) on hz-1/0, and a gate at hz-1/0 that is silent from 3h to 4h
    →   [3h, 4h) is not covered, though no touch is known then

Of each time that is not covered the sources at fault are named: those that must report and were not
heard, or are declared on too little evidence, or have lost a fact. All of them write to the fleet's
trail or the tenant's own, so a bundle names the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.coverage.footprints import Footprints
from sovereignty.plane.coverage.of_cards import Coverage, Gap, coverage_classes
from sovereignty.plane.coverage.sources import Source
from sovereignty.plane.intervals import Intervals, complement, intersect, overlap, union
from sovereignty.plane.runs import Rows
from sovereignty.plane.steps import Steps, map_steps
from sovereignty.plane.strips import strips_of
from sovereignty.plane.world import Grade, World

SourceNames: TypeAlias = tuple[str, ...]  # those at fault, sorted; none where none must report
Missing: TypeAlias = Mapping[SourceNames, Intervals]


class AccessCoverage:
    """The times of a period in which an access may not have been reported, per tenant."""

    def __init__(
        self,
        world: World,
        rows: Rows,
        sources: Sequence[Source],
        least: Grade,
        start: int,
        end: int,
    ) -> None:
        """`rows` are all of the period's touches (`plane.runs.rows_in`)."""
        self._period = start, end
        self._losing = [source for source in sources if source.lost]
        # One number more than there are cards stands for a card that nobody named: only a source of
        # the whole fleet covers it.
        class_of_card, coverages = coverage_classes(
            sources, len(world.card_node) + 1, least, start, end, "access"
        )
        strip_of_number, strips = strips_of(
            [(class_of_card, [map_steps(steps, _at_fault) for steps in coverages])]
        )
        self._uncovered = [_uncovered(steps, end) for steps in strips]
        anywhere = union(
            interval
            for missing in self._uncovered
            for intervals in missing.values()
            for interval in intervals
        )
        # Where all cards are alike it does not matter which of them a tenant had, and when.
        when = anywhere if len(strips) > 1 else ()
        self._footprints = (
            Footprints(world, rows, strip_of_number, least, when, self._period)
            if anywhere
            else None
        )
        self._earlier = world.earlier | _tenants_before(world, start)
        self._accessed = {access.tenant for access in world.accesses if access.start < end}

    def missing(self, tenant: int) -> Missing:
        """Return when in the period an access to the tenant may not have been reported, by the
        sources at fault. The times may overlap.

        Returns nothing for a tenant that until the period's end had no touch and no access and of
        whom nothing is missing: nobody is known to have anything to access."""
        intervals_of: dict[SourceNames, list[tuple[int, int]]] = defaultdict(list)
        for source in self._may_lose(tenant, "access"):
            intervals_of[source.name,] += source.lost[tenant]
        for names, intervals in self._unheard(tenant):
            intervals_of[names] += intervals
        inside = {
            names: intersect(union(intervals), *self._period)
            for names, intervals in intervals_of.items()
        }
        return {names: intervals for names, intervals in inside.items() if intervals}

    def _unheard(self, tenant: int) -> Iterator[tuple[SourceNames, Intervals]]:
        """Where one of the tenant's cards, or of those that it may have had, was not covered."""
        if self._footprints is None:
            return
        losing = [
            source for source in self._may_lose(tenant, "touch") if self._lost(source, tenant)
        ]
        used = self._footprints.strips(tenant)
        strips = used.union(
            *(
                self._footprints.strips_of(source.widest_cards(source.scopes.seen_by(tenant)))
                for source in losing
            )
        )
        if self._may_be_elsewhere(tenant, used):
            strips |= self._footprints.strips_of(None)
        uncovered = [strip for strip in strips if self._uncovered[strip]]
        if len(strips) < 2 or not uncovered:
            for strip in uncovered:
                yield from self._uncovered[strip].items()
            return
        # The times at which no accepted touch says which cards the tenant had.
        unsure = union(
            [
                *complement(self._footprints.seen(tenant), *self._period),
                *self._lost_windows(losing, tenant),
            ]
        )
        for strip in uncovered:
            on_strip = self._footprints.used(tenant, strip)
            for names, intervals in self._uncovered[strip].items():
                yield names, overlap(intervals, unsure)
                yield names, overlap(intervals, on_strip)

    def _may_be_elsewhere(self, tenant: int, used: set[int]) -> bool:
        """Whether the tenant's data may be on cards that the period's facts do not name.

        So it is where the tenant had something before the period, or may have had it. So it is,
        too, where somebody accessed the tenant, or may have, though no touch of it is known."""
        start, end = self._period
        if (
            tenant in self._earlier
            or self._loses_before(start, tenant, "touch")
            or self._loses_before(start, tenant, "access")
        ):
            return True
        return not used and (tenant in self._accessed or self._loses_before(end, tenant, "access"))

    def _may_lose(self, tenant: int, report: FactFamily) -> list[Source]:
        """The sources that have lost a fact of the tenant, which may be of this kind."""
        losing = (source for source in self._losing if tenant in source.lost)
        return [
            source for source in losing if source.may_report(report, source.scopes.seen_by(tenant))
        ]

    def _loses_before(self, moment: int, tenant: int, report: FactFamily) -> bool:
        return any(
            window_start < moment
            for source in self._may_lose(tenant, report)
            for window_start, _ in source.lost[tenant]
        )

    def _lost_windows(self, sources: Iterable[Source], tenant: int) -> Iterable[tuple[int, int]]:
        return (window for source in sources for window in self._lost(source, tenant))

    def _lost(self, source: Source, tenant: int) -> Intervals:
        """When a fact of the tenant that the source numbered may be missing, in the period."""
        return intersect(source.lost.get(tenant, ()), *self._period)


def _tenants_before(world: World, start: int) -> frozenset[int]:
    """The tenants with touches or accesses that were over at `start`."""
    of_touches = world.touches.tenant[world.touches.end <= start].tolist()
    of_accesses = (
        access.tenant
        for access in world.accesses
        if (access.start + 1 if access.end is None else access.end) <= start
    )
    return frozenset((*of_touches, *of_accesses))


def gaps(missing: Missing) -> Intervals:
    """Return the maximal intervals in which something is missing."""
    return union(interval for intervals in missing.values() for interval in intervals)


def _at_fault(coverage: Coverage) -> SourceNames | None:
    """The sources because of which a card is not covered; None where it is."""
    return None if coverage.gap is Gap.NONE else coverage.sources


def _uncovered(steps: Steps[tuple[object, ...]], end: int) -> Missing:
    """When a strip's cards are not covered, of its steps of (sources at fault,)."""
    intervals_of: dict[SourceNames, list[tuple[int, int]]] = defaultdict(list)
    step_ends = [step_start for step_start, _ in steps[1:]] + [end]
    for (step_start, (names,)), step_end in zip(steps, step_ends, strict=True):
        if isinstance(names, tuple):
            intervals_of[names].append((step_start, step_end))
    return {names: tuple(intervals) for names, intervals in intervals_of.items()}
