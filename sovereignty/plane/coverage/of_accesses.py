"""When every access to a tenant would have been told.

At each time the cards that the tenant touched then are asked: each must be covered by sources of
accesses as TE-01 wants it of touches (`plane.coverage`): some source of accepted grade owes word of
accesses to it, each that owes was heard about it, none of the fleet's facts about that is missing.
A source that names half of the cards covers that half; the other leaves the time unproven.

Where no accepted touch says which cards those are, because there is none or because one may be
missing from the tenant's trail, all cards that the tenant used in the period are asked, and those
of the source that lost a touch: its data stay where its workloads ran. Those that it used before
the period are not looked up: where there were any, or may have been, every card is asked, and one
that nobody named. And where a fact that a reporter of accesses numbered in the tenant's trail is
missing, it may be an access, and no source makes up for it.

    touches [1h, 2h) and [5h, 6h) on hz-1/0, asked of 2h to 5h    →    every card of the fleet must be covered over these three hours

Of each time that is not covered the sources at fault are named: those that owe word of it and were
not heard, or are declared on too little evidence, or have lost a fact. All of them speak in the
fleet's trail or the tenant's own, so a bundle names the same.
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

Names: TypeAlias = tuple[str, ...]  # of sources at fault, sorted; none where no source owes word
Missing: TypeAlias = Mapping[Names, Intervals]


class AccessCoverage:
    """The times of a period in which an access may not have been told, per tenant."""

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
        # One place more than there are cards stands for a card that nobody named: only a source of
        # the whole fleet covers it.
        classes = coverage_classes(sources, len(world.card_node) + 1, least, start, end, "access")
        strip_of_place, strips = strips_of(
            [(classes[0], [map_steps(steps, _at_fault) for steps in classes[1]])]
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
            Footprints(world, rows, strip_of_place, least, when, self._period) if anywhere else None
        )
        self._earlier = world.earlier | _before(world, start)
        self._reached = {access.tenant for access in world.accesses if access.start < end}

    def missing(self, tenant: int) -> Missing:
        """When in the period an access to the tenant may not have been told, by the sources at
        fault; the times may overlap.

        Nothing for a tenant that until the period's end had no touch and no access and of whom
        nothing is missing: nobody is known to have anything to reach."""
        found: dict[Names, list[tuple[int, int]]] = defaultdict(list)
        for source in self._may_lose(tenant, "access"):
            found[source.name,] += source.lost[tenant]
        for names, intervals in self._unheard(tenant):
            found[names] += intervals
        cut = {
            names: intersect(union(intervals), *self._period) for names, intervals in found.items()
        }
        return {names: intervals for names, intervals in cut.items() if intervals}

    def _unheard(self, tenant: int) -> Iterator[tuple[Names, Intervals]]:
        """Where one of the tenant's cards, or of those that it may have had, was not covered."""
        if self._footprints is None:
            return
        losing = [
            source for source in self._may_lose(tenant, "touch") if self._lost(source, tenant)
        ]
        used = self._footprints.strips(tenant)
        strips = used.union(
            *(
                self._footprints.strips_of(source.widest_cards(source.told.seen_by(tenant)))
                for source in losing
            )
        )
        if self._may_be_elsewhere(tenant, used):
            strips |= self._footprints.strips_of(None)
        silent = [strip for strip in strips if self._uncovered[strip]]
        if len(strips) < 2 or not silent:
            for strip in silent:
                yield from self._uncovered[strip].items()
            return
        unsure = union(
            [
                *complement(self._footprints.seen(tenant), *self._period),
                *self._windows(losing, tenant),
            ]
        )
        for strip in silent:
            here = self._footprints.used(tenant, strip)
            for names, intervals in self._uncovered[strip].items():
                yield names, overlap(intervals, unsure)
                yield names, overlap(intervals, here)

    def _may_be_elsewhere(self, tenant: int, used: set[int]) -> bool:
        """Whether the tenant's data may be on cards that nothing here names: it had something
        before the period, or may have had it; or somebody reached in, or may have, though no touch
        of it is known."""
        start, end = self._period
        if (
            tenant in self._earlier
            or self._loses_before(start, tenant, "touch")
            or self._loses_before(start, tenant, "access")
        ):
            return True
        return not used and (tenant in self._reached or self._loses_before(end, tenant, "access"))

    def _may_lose(self, tenant: int, report: FactFamily) -> list[Source]:
        """The sources that have lost a fact of the tenant, which may be of this kind."""
        losing = (source for source in self._losing if tenant in source.lost)
        return [
            source for source in losing if source.may_report(report, source.told.seen_by(tenant))
        ]

    def _loses_before(self, moment: int, tenant: int, report: FactFamily) -> bool:
        return any(
            at < moment
            for source in self._may_lose(tenant, report)
            for at, _ in source.lost[tenant]
        )

    def _windows(self, sources: Iterable[Source], tenant: int) -> Iterable[tuple[int, int]]:
        return (window for source in sources for window in self._lost(source, tenant))

    def _lost(self, source: Source, tenant: int) -> Intervals:
        """When a fact of the tenant that the source numbered may be missing, in the period."""
        return intersect(source.lost.get(tenant, ()), *self._period)


def _before(world: World, start: int) -> frozenset[int]:
    """The tenants with touches or accesses that were over at `start`."""
    of_touches = world.touches.tenant[world.touches.end <= start].tolist()
    of_accesses = (
        each.tenant
        for each in world.accesses
        if (each.start + 1 if each.end is None else each.end) <= start
    )
    return frozenset((*of_touches, *of_accesses))


def gaps(missing: Missing) -> Intervals:
    """The maximal intervals in which something is missing."""
    return union(interval for intervals in missing.values() for interval in intervals)


def _at_fault(coverage: Coverage) -> Names | None:
    """The sources because of which a card is not covered; None where it is."""
    return None if coverage.gap is Gap.NONE else coverage.sources


def _uncovered(steps: Steps[tuple[object, ...]], end: int) -> Missing:
    """When a strip's cards are not covered, of its steps of (sources at fault,)."""
    found: dict[Names, list[tuple[int, int]]] = defaultdict(list)
    ends = [at for at, _ in steps[1:]] + [end]
    for (at, (names,)), to in zip(steps, ends, strict=True):
        if isinstance(names, tuple):
            found[names].append((at, to))
    return {names: tuple(intervals) for names, intervals in found.items()}
