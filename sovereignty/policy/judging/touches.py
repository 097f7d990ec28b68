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
    """Judges the rows of one period. `rules` are the policy's touch rules; `tally` tells of each by
    its place there."""

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
        self._meeting = [
            place
            for place, rule in enumerate(self.rules)
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
        """Judge `rows`, all of the period's, and tell of those of the `expected` tenants: the others
        matter only where they share cards."""
        streams = self._streams(rows, wanted) if self._meeting else [(rows, self._every)]
        total, done = sum(len(stream) for stream, _ in streams), 0
        for stream, rules in streams:
            for low in range(0, len(stream) if rules else 0, ROWS_AT_ONCE):
                portion = self._of(stream.take(slice(low, low + ROWS_AT_ONCE)), wanted)
                applying, left_out = self._applicability.cut(portion)
                self.tally.add(applying, rules)
                for rule in rules:
                    self.tally.add_all(left_out, rule, Verdict.NOT_APPLICABLE)
                done += min(ROWS_AT_ONCE, len(stream) - low)
                if progress is not None:
                    progress(done, total)

    def _streams(self, rows: Rows, wanted: NDArray[np.bool_]) -> list[tuple[Rows, Sequence[int]]]:
        """Rows with the rules that the table judges them by; what was shared or uncertain is added
        here."""
        extended = extend_unconfirmed(self._world, rows, self._least, *self._period)
        met = cut_to_own_time(
            self._world,
            sweep(self._world, extended.rows, self._least, *self._period),
            extended.before,
        )
        unlocated = unlocated_parts_of_others(self._world, extended.rows, *self._period)
        if not len(met.affected) and unlocated is None:
            return [(rows, self._every)]
        self._add_met(self._of(met.uncertain, wanted), Sharing.UNCERTAIN)
        self._add_met(self._of(met.shared, wanted), Sharing.SHARED)
        self._tell_sharings(met.sharings, wanted)
        affected = np.zeros(len(rows), dtype=np.bool_)
        affected[met.affected] = True
        remains = met.remains
        if unlocated is not None:
            remains = self._alone(join([rows.take(~affected), remains]), unlocated, wanted)
            affected[:] = True
        others = [place for place in self._every if place not in self._meeting]
        return [
            (rows.take(~affected), self._every),
            (rows.take(affected), others),
            (remains, self._meeting),
        ]

    def _alone(
        self, rows: Rows, unlocated: Sequence[Steps[bool]], wanted: NDArray[np.bool_]
    ) -> Rows:
        """The rows without the times at which another tenant used cards of unknown nodes; these are
        added here."""
        cut, step = Timeline.of(unlocated).cut(rows, self._world.touches.tenant[rows.touch])
        values = np.array([value for steps in unlocated for _, value in steps], dtype=np.bool_)
        is_uncertain = values[step]
        self._add_met(self._of(cut.take(is_uncertain), wanted), Sharing.UNCERTAIN)
        return cut.take(~is_uncertain)

    def _add_met(self, rows: Rows, sharing: Sharing) -> None:
        applying, left_out = self._applicability.cut(rows)
        for place in self._meeting:
            outcome = self._with(place, sharing)
            self.tally.add_all(applying, place, outcome.verdict)
            self.tally.add_all(left_out, place, Verdict.NOT_APPLICABLE)
            if sharing is not Sharing.SHARED:
                self.tally.tell(place, all_alike(applying, outcome))

    def _tell_sharings(self, met: Sharings, wanted: NDArray[np.bool_]) -> None:
        """Tell what was shared with whom, which the rows of shared cards do not say."""
        # stands in the column of parts, to find the other touch again
        number = np.arange(len(met.touch), dtype=np.int32)
        rows = Rows(
            met.touch,
            number,
            met.first.astype(np.int32),
            met.last.astype(np.int32),
            met.start,
            met.end,
        )
        rows, _ = self._applicability.cut(self._of(rows, wanted))
        explicit = Rows(
            rows.touch,
            np.full_like(rows.part, EXPLICIT),
            rows.first,
            rows.last,
            rows.start,
            rows.end,
        )
        for place in self._meeting:
            outcome = self._with(place, Sharing.SHARED)
            self.tally.tell(
                place, Failures(explicit, np.zeros_like(rows.part), met.other[rows.part], [outcome])
            )

    def _with(self, place: int, sharing: Sharing) -> Outcome:
        rule = self.rules[place]
        assert isinstance(rule, PlaneRule)  # noqa: S101 - only plane rules read sharing
        return rule.judge(_COVERED, sharing)

    def _of(self, rows: Rows, wanted: NDArray[np.bool_]) -> Rows:
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
