"""How long touches count as company: one whose end is not accepted evidence lasts on.

An end below the least grade that the policy accepts, a planned one say, does not show that the
cards were free from then on. The touch is judged over its own time only, but to others it is
company as if it had never ended, even if its end lies before the period.
"""

from dataclasses import dataclass, replace

import numpy as np

from sovereignty.plane.runs import EXPLICIT, Rows, join
from sovereignty.plane.sharing.on_nodes import Sharings
from sovereignty.plane.sharing.sweep import Exclusivity
from sovereignty.plane.world import Grade, Int64s, World


@dataclass(frozen=True, slots=True)
class Lasting:
    """The rows of the period as company, sorted by start; the first `before` are of touches that
    are told to have ended before it."""

    rows: Rows
    before: int


def lasting(world: World, rows: Rows, least: Grade, start: int, end: int) -> Lasting:
    """The rows of `[start, end)`, sorted by start, made to last."""
    touches = world.touches
    open_ended = (touches.end_grade < least) & (touches.end < end)
    if not open_ended.any():
        return Lasting(rows, 0)
    ends = np.where(open_ended[rows.touch] & (rows.end == touches.end[rows.touch]), end, rows.end)
    told_over = _before(world, np.flatnonzero(open_ended & (touches.end <= start)), start, end)
    return Lasting(
        join([told_over, Rows(rows.touch, rows.part, rows.first, rows.last, rows.start, ends)]),
        len(told_over),
    )


def _before(world: World, touches: Int64s, start: int, end: int) -> Rows:
    """Rows over the whole period of the cards and counts that these touches had when they are told
    to have ended."""
    runs, given = world.runs, np.zeros(len(world.touches.id), dtype=np.bool_)
    given[touches] = True
    last = np.flatnonzero(given[runs.touch] & (runs.end == world.touches.end[runs.touch]))
    parts = [
        (part.touch, number, 0, part.k - 1)
        for number, part in enumerate(world.parts)
        if given[part.touch]
    ]
    flat = np.array(parts, dtype=np.int32).reshape(-1, 4)
    explicit = np.full(len(last), EXPLICIT, dtype=np.int32)
    touch, part = (
        np.concatenate((runs.touch[last], flat[:, 0])),
        np.concatenate((explicit, flat[:, 1])),
    )
    first, to = (
        np.concatenate((runs.first[last], flat[:, 2])),
        np.concatenate((runs.last[last], flat[:, 3])),
    )
    whole = np.ones(len(touch), dtype=np.int64)
    return Rows(
        touch, part, first.astype(np.int32), to.astype(np.int32), start * whole, end * whole
    )


def in_own_time(world: World, met: Exclusivity, before: int) -> Exclusivity:
    """What was found of `lasting` rows, cut to the touches' own time; `affected` counts in the rows
    of the period again."""
    affected = met.affected[met.affected >= before] - before
    remains, uncertain, shared = (
        _own(world, rows) for rows in (met.remains, met.uncertain, met.shared)
    )
    return Exclusivity(affected, remains, uncertain, shared, _own_sharings(world, met.sharings))


def _own(world: World, rows: Rows) -> Rows:
    ends = np.minimum(rows.end, world.touches.end[rows.touch])
    return Rows(rows.touch, rows.part, rows.first, rows.last, rows.start, ends).take(
        rows.start < ends
    )


def _own_sharings(world: World, met: Sharings) -> Sharings:
    ends = np.minimum(met.end, world.touches.end[met.touch])
    kept = met.start < ends
    cut = replace(met, end=ends)
    return Sharings(
        cut.touch[kept],
        cut.other[kept],
        cut.first[kept],
        cut.last[kept],
        cut.start[kept],
        cut.end[kept],
    )
