"""Sets of instants as sorted, disjoint, half-open intervals `(start, end)` in ms UTC."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from sovereignty.plane.ordering import ends_of_groups
from sovereignty.plane.steps import Steps, tidy
from sovereignty.plane.world import Int64s

Intervals: TypeAlias = tuple[tuple[int, int], ...]


def union(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """The instants in any of `pairs`, given in any order; abutting ones become one, empty ones
    none."""
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
    """As `union`, of many intervals as arrays."""
    kept = start < end
    order = np.argsort(start[kept], kind="stable")
    start, end = start[kept][order], np.maximum.accumulate(end[kept][order])
    if not len(start):
        return ()
    heads = np.flatnonzero(np.concatenate(([True], start[1:] > end[:-1])))
    tails = ends_of_groups(heads, len(start)) - 1
    return tuple(zip(start[heads].tolist(), end[tails].tolist(), strict=True))


def complement(intervals: Intervals, start: int, end: int) -> Intervals:
    """The instants of `[start, end)` that are in none of `intervals`."""
    gaps: list[tuple[int, int]] = []
    at = start
    for busy_from, busy_to in intervals:
        if busy_from >= end:
            break
        if busy_from > at:
            gaps.append((at, busy_from))
        at = max(at, busy_to)
    if at < end:
        gaps.append((at, end))
    return tuple(gaps)


def subtract(intervals: Intervals, taken: Intervals) -> Intervals:
    """The instants in `intervals` that are not in `taken`."""
    return tuple(gap for start, end in intervals for gap in complement(taken, start, end))


def intersect(intervals: Intervals, start: int, end: int) -> Intervals:
    """The instants of `intervals` inside `[start, end)`."""
    cut = ((max(at, start), min(to, end)) for at, to in intervals)
    return tuple((at, to) for at, to in cut if at < to)


def overlap(first: Intervals, second: Intervals) -> Intervals:
    """The instants in both."""
    found: list[tuple[int, int]] = []
    one, other = iter(first), iter(second)
    here, there = next(one, None), next(other, None)
    while here is not None and there is not None:
        at, to = max(here[0], there[0]), min(here[1], there[1])
        if at < to:
            found.append((at, to))
        if here[1] < there[1]:
            here = next(one, None)
        else:
            there = next(other, None)
    return tuple(found)


def as_steps(intervals: Intervals, start: int, end: int) -> Steps[bool]:
    """Whether each instant of `[start, end)` is in `intervals`."""
    steps = [(start, False)]
    for at, to in intersect(intervals, start, end):
        steps += [(at, True), (to, False)]
    return tidy(step for step in steps if step[0] < end)
