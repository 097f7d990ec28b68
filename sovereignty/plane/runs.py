"""Runs inside a period: touches' cards as flat arrays, cut to `[start, end)` and sorted by start.

A run that the database cut at month borders becomes one row again. A k-of-S part has no cards: its
row has `first` 0 and `last` k - 1, so that width × time is its area too, and as `part` the part's
index in `World.parts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.errors import WorldError
from sovereignty.plane.ordering import argsort, ends_of_groups, starts_of_groups
from sovereignty.plane.world import Int32s, Int64s, World

EXPLICIT = -1  # `part` of a row that names its cards


@dataclass(frozen=True, slots=True)
class Rows:
    """Card ranges of touches over intervals; all arrays have one length.

    - `touch`: an index in `World.touches`.
    - `part`: EXPLICIT, or an index in `World.parts`.
    - `first`, `last`: the explicit cards, closed; 0 and k - 1 of a part.
    - `start`, `end`: the interval `[start, end)`, in ms UTC.
    """

    touch: Int32s
    part: Int32s
    first: Int32s
    last: Int32s
    start: Int64s
    end: Int64s

    def __len__(self) -> int:
        return len(self.touch)

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "Rows":
        """Return these rows, in this order."""
        return Rows(*(getattr(self, column.name)[which] for column in fields(self)))

    def width(self) -> Int64s:
        """Return the number of cards of each row."""
        return self.last.astype(np.int64) - self.first + 1

    def area(self) -> Int64s:
        """Return the card-milliseconds of each row."""
        return self.width() * (self.end - self.start)


def join(pieces: Sequence[Rows]) -> Rows:
    """Return all rows of `pieces`, one after the other. Needs at least one."""
    if len(pieces) == 1:
        return pieces[0]
    return Rows(
        *(
            np.concatenate([getattr(piece, column.name) for piece in pieces])
            for column in fields(Rows)
        )
    )


def no_rows() -> Rows:
    """Return zero rows."""
    none, no_times = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    return Rows(none, none, none, none, no_times, no_times)


def touches_in(world: World, start: int, end: int) -> NDArray[np.bool_]:
    """Say of each touch whether it has time in `[start, end)`."""
    touches = world.touches
    inside: NDArray[np.bool_] = np.maximum(touches.start, start) < np.minimum(touches.end, end)
    return inside


def rows_in(world: World, start: int, end: int) -> Rows:
    """Return the runs and parts of all touches inside `[start, end)`, sorted by start; those
    without time in it are left out.

    Raises WorldError for a touch in the period that has neither a run nor a part: its card-time
    would vanish from every total.
    """
    rows = _merged(_cut(_explicit(world), start, end), world, start, end)
    if world.parts:
        rows = join([rows, _cut(_parts(world), start, end)])
    _require_cards(world, rows, start, end)
    order = argsort(rows.start)
    return rows if bool(np.all(order[1:] > order[:-1])) else rows.take(order)


def card_touches(rows: Rows, world: World, start: int, end: int) -> Int64s:
    """Return how many cards each of `rows` adds to its touch: its width, less the cards that an
    earlier row of the touch counted.

    `rows` are those of `rows_in`. Rows of one touch repeat cards only where its runs could not be
    merged, over times that do not meet.
    """
    added = rows.width()
    pieces = np.flatnonzero(_is_piece(rows, world, start, end))
    pieces = pieces[np.lexsort((rows.first[pieces], rows.part[pieces], rows.touch[pieces]))]
    touch, part, first, last = (
        column[pieces].astype(np.int64) for column in (rows.touch, rows.part, rows.first, rows.last)
    )
    group = np.searchsorted(starts_of_groups(touch, part), np.arange(len(pieces)), side="right")
    size = int(last.max(initial=0)) + 2
    reached = np.maximum.accumulate(group * size + last + 1)
    before = np.concatenate(([0], reached))[: len(pieces)]
    added[pieces] = np.maximum(
        group * size + last + 1 - np.maximum(before, group * size + first), 0
    )
    return added


def _require_cards(world: World, rows: Rows, start: int, end: int) -> None:
    has_no_row = touches_in(world, start, end)
    has_no_row[rows.touch] = False
    if has_no_row.any():
        touch_id = world.touches.id[int(np.argmax(has_no_row))]
        raise WorldError(f"touch {touch_id!r}: want a run or a part inside the period, got none")


def _explicit(world: World) -> Rows:
    """The world's runs as rows."""
    runs = world.runs
    part = np.full(len(runs.touch), EXPLICIT, dtype=np.int32)
    return Rows(
        runs.touch,
        part,
        runs.first.astype(np.int32),
        runs.last.astype(np.int32),
        runs.start,
        runs.end,
    )


def _parts(world: World) -> Rows:
    """The world's parts as rows."""
    touch = np.array([part.touch for part in world.parts], dtype=np.int32)
    last = np.array([part.k - 1 for part in world.parts], dtype=np.int32)
    number = np.arange(len(touch), dtype=np.int32)
    return Rows(
        touch,
        number,
        np.zeros_like(last),
        last,
        world.touches.start[touch],
        world.touches.end[touch],
    )


def _cut(rows: Rows, start: int, end: int) -> Rows:
    """The rows inside `[start, end)`."""
    cut_start, cut_end = np.maximum(rows.start, start), np.minimum(rows.end, end)
    cut = Rows(rows.touch, rows.part, rows.first, rows.last, cut_start, cut_end)
    inside = cut_start < cut_end
    return cut if bool(inside.all()) else cut.take(inside)


def _is_piece(rows: Rows, world: World, start: int, end: int) -> NDArray[np.bool_]:
    """Whether a row covers only a piece of its touch's time in the period."""
    touch_start = np.maximum(world.touches.start, start)[rows.touch]
    touch_end = np.minimum(world.touches.end, end)[rows.touch]
    is_piece: NDArray[np.bool_] = (rows.start > touch_start) | (rows.end < touch_end)
    return is_piece


def _merged(rows: Rows, world: World, start: int, end: int) -> Rows:
    """Join runs of the same cards of one touch that abut in time."""
    is_piece = _is_piece(rows, world, start, end)
    if not is_piece.any():
        return rows
    pieces = rows.take(is_piece)
    pieces = pieces.take(np.lexsort((pieces.start, pieces.last, pieces.first, pieces.touch)))
    abuts = np.concatenate(([False], pieces.start[1:] == pieces.end[:-1]))
    abuts[starts_of_groups(pieces.touch, pieces.first, pieces.last)] = False
    heads = np.flatnonzero(~abuts)
    tails = ends_of_groups(heads, len(pieces)) - 1
    head = pieces.take(heads)
    merged = Rows(head.touch, head.part, head.first, head.last, head.start, pieces.end[tails])
    return join([rows.take(~is_piece), merged])
