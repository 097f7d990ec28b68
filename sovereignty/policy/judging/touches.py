"""Touch rules over a period: every run judged by every rule, and the failures kept."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.coverage.of_cards import Coverage, Gap, coverage_classes
from sovereignty.plane.coverage.sources import Source
from sovereignty.plane.runs import EXPLICIT, Rows, join
from sovereignty.plane.sharing.on_nodes import Sharings
from sovereignty.plane.sharing.sweep import sweep
from sovereignty.plane.sharing.unconfirmed_ends import cut_to_own_time, extend_unconfirmed
from sovereignty.plane.sharing.unlocated_parts import unlocated_parts_of_others
from sovereignty.plane.steps import Steps, map_steps
from sovereignty.plane.strips import Timeline, strips_of
from sovereignty.plane.world import Int32s, World
from sovereignty.policy.document import Policy
from sovereignty.policy.judging.applicability import Applicability
from sovereignty.policy.judging.attributes import CardAttributes
from sovereignty.policy.judging.findings import Failures
from sovereignty.policy.judging.strip_outcomes import Reading, TouchRule
from sovereignty.policy.judging.tally import ROWS_AT_ONCE, Tally, all_alike
from sovereignty.policy.judging.verdict_table import VerdictTable
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.rule import AccessRule, CardRule, Outcome, PlaneRule, Sharing

Progress: TypeAlias = Callable[[int, int], None]  # rows judged so far, and of how many

_COVERED = Coverage(Gap.NONE)


class TouchCheck:
    """Judges the rows of one period. `rules` are the policy's touch rules; `tally` counts by their
    index there."""

    rules: list[TouchRule]
    tally: Tally

    def __init__(
        self,
        world: World,
        policy: Policy,
        sources: Sequence[Source],
        applicability: Applicability,
        start: int,
        end: int,
    ) -> None:
        self._world, self._applicability, self._period = world, applicability, (start, end)
        self._least = policy.least_grade
        self.rules = [use.rule for use in policy.rules if not isinstance(use.rule, AccessRule)]
        self._every = range(len(self.rules))
        self._of_sharing = [
            index
            for index, rule in enumerate(self.rules)
            if isinstance(rule, PlaneRule) and "sharing" in rule.reads
        ]
        strip_of_card, readings = _readings(world, policy, sources, start, end)
        below_grade = world.touches.judged_grade() < policy.least_grade
        table = VerdictTable(
            world,
            self.rules,
            strip_of_card,
            readings,
            below_grade,
            policy.least_grade,
            (start, end),
        )
        self.tally = Tally(world.touches.tenant, len(world.tenants), table)

    def run(self, rows: Rows, wanted: NDArray[np.bool_], progress: Progress | None) -> None:
        """Judge `rows`, all of the period's, and count those of the `wanted` tenants. The others
        matter only where they share cards."""
        streams = self._streams(rows, wanted) if self._of_sharing else [(rows, self._every)]
        total, done = sum(len(stream) for stream, _ in streams), 0
        for stream, rules in streams:
            for low in range(0, len(stream) if rules else 0, ROWS_AT_ONCE):
                portion = self._only(stream.take(slice(low, low + ROWS_AT_ONCE)), wanted)
                applying, not_applying = self._applicability.cut(portion)
                self.tally.add(applying, rules)
                for rule in rules:
                    self.tally.add_all(not_applying, rule, Verdict.NOT_APPLICABLE)
                done += min(ROWS_AT_ONCE, len(stream) - low)
                if progress is not None:
                    progress(done, total)

    def _streams(self, rows: Rows, wanted: NDArray[np.bool_]) -> list[tuple[Rows, Sequence[int]]]:
        """Rows with the rules that the table judges them by; what was shared or uncertain is added
        here."""
        extended = extend_unconfirmed(self._world, rows, self._least, *self._period)
        swept = cut_to_own_time(
            self._world,
            sweep(self._world, extended.rows, self._least, *self._period),
            extended.before,
        )
        unlocated = unlocated_parts_of_others(self._world, extended.rows, *self._period)
        if not len(swept.affected) and unlocated is None:
            return [(rows, self._every)]
        self._add_sharing(self._only(swept.uncertain, wanted), Sharing.UNCERTAIN)
        self._add_sharing(self._only(swept.shared, wanted), Sharing.SHARED)
        self._add_shared_with(swept.sharings, wanted)
        affected = np.zeros(len(rows), dtype=np.bool_)
        affected[swept.affected] = True
        remains = swept.remains
        if unlocated is not None:
            remains = self._without_uncertain(
                join([rows.take(~affected), remains]), unlocated, wanted
            )
            affected[:] = True
        others = [rule for rule in self._every if rule not in self._of_sharing]
        return [
            (rows.take(~affected), self._every),
            (rows.take(affected), others),
            (remains, self._of_sharing),
        ]

    def _without_uncertain(
        self, rows: Rows, unlocated: Sequence[Steps[bool]], wanted: NDArray[np.bool_]
    ) -> Rows:
        """The rows without the times at which another tenant used cards of unknown nodes; those
        times are added here."""
        cut, step = Timeline.of(unlocated).cut(rows, self._world.touches.tenant[rows.touch])
        values = np.array([value for steps in unlocated for _, value in steps], dtype=np.bool_)
        is_uncertain = values[step]
        self._add_sharing(self._only(cut.take(is_uncertain), wanted), Sharing.UNCERTAIN)
        return cut.take(~is_uncertain)

    def _add_sharing(self, rows: Rows, sharing: Sharing) -> None:
        """Add rows of cards that are shared, or that may be."""
        applying, not_applying = self._applicability.cut(rows)
        for rule in self._of_sharing:
            outcome = self._outcome(rule, sharing)
            self.tally.add_all(applying, rule, outcome.verdict)
            self.tally.add_all(not_applying, rule, Verdict.NOT_APPLICABLE)
            if sharing is not Sharing.SHARED:
                self.tally.add_failures(rule, all_alike(applying, outcome))

    def _add_shared_with(self, sharings: Sharings, wanted: NDArray[np.bool_]) -> None:
        """Add as failures who shared what with whom, which the rows of shared cards do not say."""
        # Each row's number stands in the column of parts, to find its other touch after the cut.
        number = np.arange(len(sharings.touch), dtype=np.int32)
        rows = Rows(
            sharings.touch,
            number,
            sharings.first.astype(np.int32),
            sharings.last.astype(np.int32),
            sharings.start,
            sharings.end,
        )
        rows, _ = self._applicability.cut(self._only(rows, wanted))
        explicit = Rows(
            rows.touch,
            np.full_like(rows.part, EXPLICIT),
            rows.first,
            rows.last,
            rows.start,
            rows.end,
        )
        for rule in self._of_sharing:
            outcome = self._outcome(rule, Sharing.SHARED)
            self.tally.add_failures(
                rule,
                Failures(explicit, np.zeros_like(rows.part), sharings.other[rows.part], [outcome]),
            )

    def _outcome(self, index: int, sharing: Sharing) -> Outcome:
        rule = self.rules[index]
        assert isinstance(rule, PlaneRule)  # noqa: S101 - only plane rules read sharing
        return rule.judge(_COVERED, sharing)

    def _only(self, rows: Rows, wanted: NDArray[np.bool_]) -> Rows:
        return (
            rows
            if bool(wanted.all())
            else rows.take(wanted[self._world.touches.tenant[rows.touch]])
        )


def _readings(
    world: World, policy: Policy, sources: Sequence[Source], start: int, end: int
) -> tuple[Int32s, list[Steps[Reading]]]:
    """The strip of each card, and what is known of each strip over the period."""
    uses = [(use, use.rule) for use in policy.rules if isinstance(use.rule, CardRule)]
    reads = {name for _, rule in uses for name in rule.reads}
    attributes = CardAttributes(world, reads, policy.least_grade, start, end)
    columns = [attributes.column(use, rule) for use, rule in uses]
    covered = coverage_classes(sources, len(world.card_node), policy.least_grade, start, end)
    strip_of_card, strips = strips_of([*columns, covered])
    ids = [rule.id for _, rule in uses]

    def reading(values: tuple[Hashable, ...]) -> Reading:
        *outcomes, coverage = values
        assert isinstance(coverage, Coverage)  # noqa: S101 - the last column is that of coverage
        judged = zip(
            ids, (outcome for outcome in outcomes if isinstance(outcome, Outcome)), strict=True
        )
        return Reading(tuple(judged), coverage)

    return strip_of_card, [map_steps(steps, reading) for steps in strips]
