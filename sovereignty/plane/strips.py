"""Strips: cards with one history, one step function of everything that rules read of them.

*Strip* is a word of ours. Ten thousand cards of one delivery in one hall are one strip; a card that
was replaced is a strip of its own. A run is cut at strips, and in time only where its strip
changes. So the cost of judging is runs and changes, never cards.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np

from sovereignty.plane.ordering import expand
from sovereignty.plane.runs import EXPLICIT, Rows, join
from sovereignty.plane.steps import Steps, combine
from sovereignty.plane.world import Int32s, Int64s

T = TypeVar("T", bound=Hashable)
# A class of each card, and what holds of each class over the period.
Column: TypeAlias = tuple[Int32s, Sequence[Steps[T]]]


def strips_of(
    columns: Sequence[Column[Hashable]],
) -> tuple[Int32s, list[Steps[tuple[Hashable, ...]]]]:
    """Find the strip of each card, and each strip's values of all `columns` together.

    All columns are of the same cards; all steps start at the period's start. Needs at least one
    column. A strip's value is a tuple, with an element per column.
    """
    strip_of_card = np.zeros(len(columns[0][0]), dtype=np.int64)
    steps_of_strip: list[tuple[Steps[Hashable], ...]] = [()]
    for column in columns:
        class_of_card, distinct_steps = _merge_equal_classes(column)
        # Number anew after every column: the product of all their classes may pass 2^63.
        pairs, strip_of_card = np.unique(
            strip_of_card * len(distinct_steps) + class_of_card, return_inverse=True
        )
        steps_of_strip = [
            (
                *steps_of_strip[pair // len(distinct_steps)],
                distinct_steps[pair % len(distinct_steps)],
            )
            for pair in pairs.tolist()
        ]
    return strip_of_card.astype(np.int32), [combine(steps, tuple) for steps in steps_of_strip]


def _merge_equal_classes(column: Column[Hashable]) -> tuple[Int32s, list[Steps[Hashable]]]:
    """Give classes with equal steps one number."""
    class_of_card, steps_of_class = column
    numbers: dict[Steps[Hashable], int] = {}
    renumbered = np.array(
        [numbers.setdefault(steps, len(numbers)) for steps in steps_of_class], dtype=np.int32
    )
    return renumbered[class_of_card], list(numbers)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Consecutive cards of one class, as arrays.

    - `of_card[c]`: the stretch of card c.
    - `first[s]`: the first card of stretch s. It has one element more, the number of cards.
    - `kind[s]`: the class of stretch s.
    """

    of_card: Int32s
    first: Int64s
    kind: Int32s

    @classmethod
    def of(cls, class_of_card: Int32s, apart: Int32s | None = None) -> "Stretches":
        """Return stretches of one class each, cut also where `apart` changes."""
        changes = np.flatnonzero(np.diff(class_of_card)) + 1
        if apart is not None:
            changes = np.union1d(changes, np.flatnonzero(np.diff(apart)) + 1)
        first = np.concatenate(([0], changes, [len(class_of_card)])).astype(np.int64)
        of_card = np.repeat(np.arange(len(first) - 1, dtype=np.int32), np.diff(first))
        kind = class_of_card[first[:-1]] if len(class_of_card) else class_of_card
        return cls(of_card, first, kind)

    def cut(self, rows: Rows) -> tuple[Rows, Int32s]:
        """Cut explicit rows so that each lies in one stretch; return them and the class of each."""
        low, high = self.of_card[rows.first], self.of_card[rows.last]
        if bool(np.array_equal(low, high)):
            return rows, self.kind[low]
        source, offset = expand(high.astype(np.int64) - low + 1)
        stretch = low[source] + offset
        rows = rows.take(source)
        first = np.maximum(rows.first, self.first[stretch]).astype(np.int32)
        last = np.minimum(rows.last, self.first[stretch + 1] - 1).astype(np.int32)
        return Rows(rows.touch, rows.part, first, last, rows.start, rows.end), self.kind[stretch]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The steps of many strips, as arrays.

    The steps of strip s are those from `offset[s]` to `offset[s + 1]` - 1. `start` is each step's
    time, in ms UTC.
    """

    offset: Int64s
    start: Int64s

    @classmethod
    def of(cls, strips: Sequence[Steps[T]]) -> "Timeline":
        """Return the steps of these strips, without their values."""
        offset = np.cumsum([0, *(len(steps) for steps in strips)], dtype=np.int64)
        starts = [start for steps in strips for start, _ in steps]
        return cls(offset, np.array(starts, dtype=np.int64))

    def cut(self, rows: Rows, strip: Int32s) -> tuple[Rows, Int64s]:
        """Cut rows in time so that each lies in one step of its strip; return them and the step of
        each. `strip` is the strip of each row."""
        step = self.offset[strip]
        changing = np.flatnonzero(self.offset[strip + 1] - step > 1)
        if not len(changing):
            return rows, step
        first_step, last_step = self._steps_at(rows.take(changing), strip[changing])
        step[changing] = first_step
        crossing = changing[last_step > first_step]
        if not len(crossing):
            return rows, step
        return self._split(rows, step, crossing, (last_step - first_step)[last_step > first_step])

    def _steps_at(self, rows: Rows, strip: Int32s) -> tuple[Int64s, Int64s]:
        """The steps in which rows start and end.

        Times are compared by rank, so that strip and time fit one integer."""
        times = np.unique(self.start)
        strip_of_step = np.repeat(np.arange(len(self.offset) - 1), np.diff(self.offset))
        keys = strip_of_step * (len(times) + 1) + np.searchsorted(times, self.start)
        rank = np.searchsorted(times, rows.start, side="right") - 1
        first_step = np.searchsorted(keys, strip * (len(times) + 1) + rank, side="right") - 1
        last_step = first_step.copy()
        # Rows that end in the rank that they start in need no second search.
        longer = np.flatnonzero(rows.end > np.append(times, np.iinfo(np.int64).max)[rank + 1])
        end_rank = np.searchsorted(times, rows.end[longer], side="left") - 1
        last_step[longer] = (
            np.searchsorted(keys, strip[longer] * (len(times) + 1) + end_rank, side="right") - 1
        )
        return first_step, last_step

    def _split(
        self, rows: Rows, step: Int64s, crossing: Int64s, further: Int64s
    ) -> tuple[Rows, Int64s]:
        """Split the rows `crossing` into one row per step; `further` is how many steps more than
        one each meets."""
        counts = np.ones(len(rows), dtype=np.int64)
        counts[crossing] += further
        source, offset = expand(counts)
        cut, step = rows.take(source), step[source] + offset
        start = np.where(offset == 0, cut.start, self.start[step])
        is_last = offset == counts[source] - 1
        following = np.append(self.start, 0)[step + 1]
        end = np.where(is_last, cut.end, following)
        return Rows(cut.touch, cut.part, cut.first, cut.last, start, end), step


def strip_of_rows(rows: Rows, stretches: Stretches, strip_of_part: Int32s) -> tuple[Rows, Int32s]:
    """Cut rows at strips: explicit rows by their cards, each k-of-S row has its part's strip.

    Returns the rows, explicit ones first, and the strip of each."""
    is_part = rows.part != EXPLICIT
    if not is_part.any():
        return stretches.cut(rows)
    explicit, kinds = stretches.cut(rows.take(~is_part))
    parts = rows.take(is_part)
    return join([explicit, parts]), np.concatenate((kinds, strip_of_part[parts.part]))
