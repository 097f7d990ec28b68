"""Sets of times as sorted, disjoint, half-open intervals `(start, end)` in ms UTC."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from sovereignty.plane.ordering import ends_of_groups
from sovereignty.plane.steps import Steps, tidy
from sovereignty.plane.world import Int64s

Intervals: TypeAlias = tuple[tuple[int, int], ...]


def union(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Return the times in any of `pairs`, given in any order. Abutting intervals become one, empty
    ones none."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def union_arrays(start: Int64s, end: Int64s) -> Intervals:
    """As `union`, of many intervals as arrays of one length."""
    kept = start < end
    order = np.argsort(start[kept], kind="stable")
    start, end = start[kept][order], np.maximum.accumulate(end[kept][order])
    if not len(start):
        return ()
    heads = np.flatnonzero(np.concatenate(([True], start[1:] > end[:-1])))
    tails = ends_of_groups(heads, len(start)) - 1
    return tuple(zip(start[heads].tolist(), end[tails].tolist(), strict=True))


def complement(intervals: Intervals, start: int, end: int) -> Intervals:
    """Return the times of `[start, end)` that are in none of `intervals`."""
    gaps: list[tuple[int, int]] = []
    gap_start = start
    for busy_start, busy_end in intervals:
        if busy_start >= end:
            break
        if busy_start > gap_start:
            gaps.append((gap_start, busy_start))
        gap_start = max(gap_start, busy_end)
    if gap_start < end:
        gaps.append((gap_start, end))
    return tuple(gaps)


def intersect(intervals: Intervals, start: int, end: int) -> Intervals:
    """Return the times of `intervals` inside `[start, end)`."""
    cut = ((max(low, start), min(high, end)) for low, high in intervals)
    return tuple((low, high) for low, high in cut if low < high)


def overlap(first: Intervals, second: Intervals) -> Intervals:
    """Return the times in both."""
    common: list[tuple[int, int]] = []
    firsts, seconds = iter(first), iter(second)
    a, b = next(firsts, None), next(seconds, None)
    while a is not None and b is not None:
        start, end = max(a[0], b[0]), min(a[1], b[1])
        if start < end:
            common.append((start, end))
        if a[1] < b[1]:
            a = next(firsts, None)
        else:
            b = next(seconds, None)
    return tuple(common)


def as_steps(intervals: Intervals, start: int, end: int) -> Steps[bool]:
    """Return whether each time of `[start, end)` is in `intervals`."""
    steps = [(start, False)]
    for low, high in intersect(intervals, start, end):
        steps += [(low, True), (high, False)]
    return tidy(step for step in steps if step[0] < end)
