"""Whom a policy applies to: every tenant, or those of some sectors. A tenant whose sector is not
known is not left out."""

import numpy as np

from sovereignty.plane.intervals import Intervals, intersect
from sovereignty.plane.inventory import histories
from sovereignty.plane.inventory.statements import resolve
from sovereignty.plane.runs import Rows
from sovereignty.plane.steps import Steps, clip, map_steps
from sovereignty.plane.strips import Timeline
from sovereignty.plane.world import OPEN, Int32s, World
from sovereignty.policy.document import Policy


class Applicability:
    """Tells over a period to whom, and when, a policy applies."""

    def __init__(self, world: World, policy: Policy, start: int, end: int) -> None:
        sectors = policy.sectors
        self._tenant_of_touch: Int32s = world.touches.tenant
        self._class_of_tenant = np.zeros(len(world.tenants), dtype=np.int32)
        self._classes: list[Steps[bool]] = [((start, True),)]
        if sectors is not None:
            self._class_of_tenant, known = histories.of_tenants(world, ["sector"], start)
            resolved = [
                clip(resolve(history, "sector", policy.least_grade), start, end)
                for history in known
            ]
            self._classes = [
                map_steps(steps, lambda sector: sector.text is None or sector.text in sectors)
                for steps in resolved
            ]
        self._timeline = Timeline.of(self._classes)
        self._applies = np.array(
            [applies for steps in self._classes for _, applies in steps], dtype=np.bool_
        )
        self._applies_to_all = bool(self._applies.all())

    def cut(self, rows: Rows) -> tuple[Rows, Rows]:
        """The parts of `rows` to which the policy applies, and those to which it does not."""
        if self._applies_to_all:
            return rows, rows.take(slice(0, 0))
        cut, step = self._timeline.cut(
            rows, self._class_of_tenant[self._tenant_of_touch[rows.touch]]
        )
        applies = self._applies[step]
        return cut.take(applies), cut.take(~applies)

    def when(self, tenant: int, intervals: Intervals) -> Intervals:
        """The parts of `intervals` in which the policy applies to the tenant."""
        if self._applies_to_all:
            return intervals
        steps = self._classes[self._class_of_tenant[tenant]]
        ends = [start for start, _ in steps[1:]] + [OPEN]
        pieces = (
            intersect(intervals, start, end)
            for (start, applies), end in zip(steps, ends, strict=True)
            if applies
        )
        return tuple(interval for piece in pieces for interval in piece)
