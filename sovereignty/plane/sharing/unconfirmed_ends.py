"""Touches whose end is not accepted evidence: to others they last on.

An end below the least grade that the policy accepts, such as a planned one, does not show that the
cards were free from then on. The touch itself is judged over its own time only. To other tenants it
is company as if it had never ended, even if its end lies before the period.
"""

from dataclasses import dataclass, replace

import numpy as np

from sovereignty.plane.runs import EXPLICIT, Rows, join
from sovereignty.plane.sharing.on_nodes import Sharings
from sovereignty.plane.sharing.sweep import Exclusivity
from sovereignty.plane.world import Grade, Int64s, World


@dataclass(frozen=True, slots=True)
class ExtendedRows:
    """The rows of the period as others meet them, sorted by start.

    The first `before` rows are of touches whose unconfirmed end lies before the period.
    """

    rows: Rows
    before: int


def extend_unconfirmed(
    world: World, rows: Rows, least: Grade, start: int, end: int
) -> ExtendedRows:
    """Extend the rows of touches with unconfirmed ends to the end of `[start, end)`.

    `rows` are those of `runs.rows_in`, sorted by start."""
    touches = world.touches
    is_unconfirmed = (touches.end_grade < least) & (touches.end < end)
    if not is_unconfirmed.any():
        return ExtendedRows(rows, 0)
    reaches_end = rows.end == touches.end[rows.touch]
    ends = np.where(is_unconfirmed[rows.touch] & reaches_end, end, rows.end)
    before = _rows_before(
        world, np.flatnonzero(is_unconfirmed & (touches.end <= start)), start, end
    )
    return ExtendedRows(
        join([before, Rows(rows.touch, rows.part, rows.first, rows.last, rows.start, ends)]),
        len(before),
    )


def _rows_before(world: World, touches: Int64s, start: int, end: int) -> Rows:
    """Rows over the whole period of the cards and counts that these touches had when they ended."""
    runs, is_chosen = world.runs, np.zeros(len(world.touches.id), dtype=np.bool_)
    is_chosen[touches] = True
    last_runs = np.flatnonzero(is_chosen[runs.touch] & (runs.end == world.touches.end[runs.touch]))
    parts = [
        (part.touch, number, 0, part.k - 1)
        for number, part in enumerate(world.parts)
        if is_chosen[part.touch]
    ]
    part_rows = np.array(parts, dtype=np.int32).reshape(-1, 4)
    explicit = np.full(len(last_runs), EXPLICIT, dtype=np.int32)
    touch = np.concatenate((runs.touch[last_runs], part_rows[:, 0]))
    part = np.concatenate((explicit, part_rows[:, 1]))
    first = np.concatenate((runs.first[last_runs], part_rows[:, 2]))
    last = np.concatenate((runs.last[last_runs], part_rows[:, 3]))
    ones = np.ones(len(touch), dtype=np.int64)
    return Rows(
        touch, part, first.astype(np.int32), last.astype(np.int32), start * ones, end * ones
    )


def cut_to_own_time(world: World, exclusivity: Exclusivity, before: int) -> Exclusivity:
    """Cut what the sweep found of extended rows to the touches' own time.

    `before` is that of the `ExtendedRows`. In the result, `affected` counts in the rows of the
    period again."""
    affected = exclusivity.affected[exclusivity.affected >= before] - before
    remains, uncertain, shared = (
        _cut_rows(world, rows)
        for rows in (exclusivity.remains, exclusivity.uncertain, exclusivity.shared)
    )
    return Exclusivity(
        affected, remains, uncertain, shared, _cut_sharings(world, exclusivity.sharings)
    )


def _cut_rows(world: World, rows: Rows) -> Rows:
    ends = np.minimum(rows.end, world.touches.end[rows.touch])
    return Rows(rows.touch, rows.part, rows.first, rows.last, rows.start, ends).take(
        rows.start < ends
    )


def _cut_sharings(world: World, sharings: Sharings) -> Sharings:
    ends = np.minimum(sharings.end, world.touches.end[sharings.touch])
    kept = sharings.start < ends
    cut = replace(sharings, end=ends)
    return Sharings(
        cut.touch[kept],
        cut.other[kept],
        cut.first[kept],
        cut.last[kept],
        cut.start[kept],
        cut.end[kept],
    )
