"""The verdict table: the outcome of every touch rule in every step of every strip, judged once.

A touch's verdict is then a look-up. Rows of touches whose own evidence is below the policy's least
grade, or that count more cards than their nodes have, have strips of their own, where what would be
compliant is unverifiable. So have k-of-S parts: one strip for each set of strips that S spans.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory.overcommit import overcommitted_touches
from sovereignty.plane.runs import Rows
from sovereignty.plane.steps import Steps, map_steps
from sovereignty.plane.strips import Stretches, Timeline, strip_of_rows
from sovereignty.plane.world import Grade, Int8s, Int32s, Int64s, World
from sovereignty.policy.judging.strip_outcomes import (
    BELOW_GRADE,
    TOO_MANY_CARDS,
    Outcomes,
    PartStrips,
    Reading,
    TouchRule,
    judge,
    lower,
)
from sovereignty.policy.rule import Outcome


class VerdictTable:
    """`code[r, s]` is the index in `outcomes[r]` of rule r's outcome in step s; `verdict[r, s]` is
    its verdict."""

    outcomes: list[list[Outcome]]
    code: Int32s
    verdict: Int8s

    def __init__(
        self,
        world: World,
        rules: Sequence[TouchRule],
        strip_of_card: Int32s,
        readings: Sequence[Steps[Reading]],
        below_grade: NDArray[np.bool_],
        least: Grade,
        period: tuple[int, int],
    ) -> None:
        """`readings` are what holds of each strip from the period's start on; `below_grade` is true
        of touches whose evidence is not accepted."""
        judged: list[Steps[Outcomes]] = [
            map_steps(strip, lambda reading: judge(rules, [reading])) for strip in readings
        ]
        self._strip_of_part = np.zeros(0, dtype=np.int32)
        too_full = overcommitted_touches(world, least, *period)
        if world.parts:
            self._strip_of_part = PartStrips(world, strip_of_card, readings).judge(
                world, rules, too_full, judged, period[0]
            )
        self._stretches = Stretches.of(strip_of_card)
        # Where the strips for each touch's rows begin.
        self._lowered = np.zeros(len(too_full), dtype=np.int32)
        plain = list(judged)
        for touches, outcome in ((too_full, TOO_MANY_CARDS), (below_grade, BELOW_GRADE)):
            if touches.any():
                self._lowered[touches] = len(judged)
                judged += [_lowered(strip, outcome) for strip in plain]
        self._is_lowered = bool(self._lowered.any())
        self._timeline = Timeline.of(judged)
        self._tabulate([outcomes for strip in judged for _, outcomes in strip], len(rules))

    def look_up(self, rows: Rows) -> tuple[Rows, Int64s]:
        """Cut rows where their outcomes may change; and the step of each, a column of `code` and
        `verdict`."""
        cut, strip = strip_of_rows(rows, self._stretches, self._strip_of_part)
        if self._is_lowered:
            strip = strip + self._lowered[cut.touch]
        return self._timeline.cut(cut, strip)

    def _tabulate(self, steps: Sequence[Outcomes], rules: int) -> None:
        self.outcomes = []
        self.code = np.zeros((rules, len(steps)), dtype=np.int32)
        self.verdict = np.zeros((rules, len(steps)), dtype=np.int8)
        for rule in range(rules):
            column = [outcomes[rule] for outcomes in steps]
            code_of = {outcome: code for code, outcome in enumerate(dict.fromkeys(column))}
            self.outcomes.append(list(code_of))
            self.code[rule] = [code_of[outcome] for outcome in column]
            self.verdict[rule] = [outcome.verdict for outcome in column]


def _lowered(strip: Steps[Outcomes], to: Outcome) -> Steps[Outcomes]:
    return map_steps(strip, lambda outcomes: lower(outcomes, to))
