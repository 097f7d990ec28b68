"""When every access to a tenant would have been told.

At each time the cards that the tenant touched then are asked: each must be covered by sources of accesses as TE-01 wants it of touches
(`plane.coverage`): some source of accepted grade owes word of accesses to it, each that owes was heard about it, none of the fleet's
facts about that is missing. A source that names half of the cards covers that half; the other leaves the time unproven.

Where no accepted touch says which cards those are, because there is none or because one may be missing from the tenant's trail, all cards
that the tenant used in the period are asked, and those of the source that lost a touch: its data stay where its workloads ran. And where
a fact that a reporter of accesses numbered in the tenant's trail is missing, it may be an access, and no source makes up for it.
"""

from collections.abc import Iterable, Sequence

from sovereignty.plane.coverage import Whole, coverage_classes
from sovereignty.plane.footprints import Footprints
from sovereignty.plane.intervals import Intervals, complement, intersect, overlap, union
from sovereignty.plane.runs import Rows
from sovereignty.plane.sources import Source
from sovereignty.plane.steps import Steps, each
from sovereignty.plane.strips import strips_of
from sovereignty.plane.world import Grade, World


class AccessCoverage:
    """The times of a period in which an access may not have been told, per tenant."""

    def __init__(self, world: World, rows: Rows, sources: Sequence[Source], least: Grade, start: int, end: int) -> None:
        """`rows` are all of the period's touches (`plane.runs.rows_in`)."""
        self._period = start, end
        self._of_accesses = [source for source in sources if source.may_report("access")]
        self._of_touches = [source for source in sources if source.may_report("touch")]
        # One place more than there are cards stands for a card that nobody named: only a source of the whole fleet covers it.
        classes = coverage_classes(sources, len(world.card_node) + 1, least, start, end, "access")
        covered = [each(steps, lambda coverage: coverage.whole is Whole.YES) for steps in classes[1]]
        strip_of_place, strips = strips_of([(classes[0], covered)])
        self._uncovered = [_uncovered(steps, end) for steps in strips]
        anywhere = union(interval for intervals in self._uncovered for interval in intervals)
        # Where all cards are alike it does not matter which of them a tenant had, and when.
        when = anywhere if len(strips) > 1 else ()
        self._footprints = Footprints(world, rows, strip_of_place, least, when) if anywhere else None

    def gaps(self, tenant: int) -> Intervals:
        """The maximal intervals of the period in which an access to the tenant may not have been told.

        None for a tenant without touches of whom nothing is missing: nobody is known to have anything to reach."""
        lost = [window for source in self._of_accesses for window in source.lost.get(tenant, ())]
        return intersect(union([*lost, *self._unheard(tenant)]), *self._period)

    def _unheard(self, tenant: int) -> Iterable[tuple[int, int]]:
        """Where one of the tenant's cards, or of those that it may have had, was not covered."""
        if self._footprints is None:
            return ()
        losing = [source for source in self._of_touches if self._lost(source, tenant)]
        strips = self._footprints.strips(tenant).union(*(self._footprints.strips_of(source.widest_cards()) for source in losing))
        anywhere = union(interval for strip in strips for interval in self._uncovered[strip])
        if len(strips) < 2 or not anywhere:
            return anywhere
        unsure = union([*complement(self._footprints.seen(tenant), *self._period), *self._windows(losing, tenant)])
        silent = (strip for strip in strips if self._uncovered[strip])
        pieces = [overlap(self._uncovered[strip], self._footprints.used(tenant, strip)) for strip in silent]
        return [interval for piece in (overlap(anywhere, unsure), *pieces) for interval in piece]

    def _windows(self, sources: Iterable[Source], tenant: int) -> Iterable[tuple[int, int]]:
        return (window for source in sources for window in self._lost(source, tenant))

    def _lost(self, source: Source, tenant: int) -> Intervals:
        """When a fact of the tenant that the source numbered may be missing, in the period."""
        return intersect(source.lost.get(tenant, ()), *self._period)


def _uncovered(steps: Steps[tuple[object, ...]], end: int) -> Intervals:
    """The intervals of a strip's steps of (covered,) that are not."""
    ends = [at for at, _ in steps[1:]] + [end]
    return tuple((at, to) for (at, (covered,)), to in zip(steps, ends, strict=True) if not covered)
