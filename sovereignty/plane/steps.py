"""Step functions of time: what holds from each time to the next.

    ((BEGINNING, "unknown"), (1000, "CN"), (5000, "SG"))
    →   unknown before 1000, CN over [1000, 5000), SG from 5000 on

The first step starts at or before every time that is asked for. Starts rise, and neighbours have
different values. Times are in ms UTC.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Steps: TypeAlias = tuple[tuple[int, T], ...]


def tidy(steps: Iterable[tuple[int, T]]) -> Steps[T]:
    """Drop every step that has the value of the step before it. Of steps at one time the last
    counts."""
    kept: list[tuple[int, T]] = []
    for start, value in steps:
        if kept and kept[-1][0] == start:
            kept.pop()
        if not kept or kept[-1][1] != value:
            kept.append((start, value))
    return tuple(kept)


def clip(steps: Steps[T], start: int, end: int) -> Steps[T]:
    """Return the steps over `[start, end)`: the first one starts at `start`. Needs start < end."""
    return tidy((max(step_start, start), value) for step_start, value in steps if step_start < end)


def combine(functions: Sequence[Steps[T]], judge: Callable[[tuple[T, ...]], R]) -> Steps[R]:
    """Apply `judge` to the values of all `functions` together, wherever one of them changes. All
    must start at one time."""
    if all(len(steps) == 1 for steps in functions):
        return ((functions[0][0][0], judge(tuple(steps[0][1] for steps in functions))),)
    indexes = [0] * len(functions)  # the step that each function is in
    combined: list[tuple[int, R]] = []
    for time in sorted({start for steps in functions for start, _ in steps}):
        for number, steps in enumerate(functions):
            following = indexes[number] + 1
            if following < len(steps) and steps[following][0] <= time:
                indexes[number] = following
        values = tuple(steps[index][1] for steps, index in zip(functions, indexes, strict=True))
        combined.append((time, judge(values)))
    return tidy(combined)


def map_steps(steps: Steps[T], judge: Callable[[T], R]) -> Steps[R]:
    """Apply `judge` to the value of each step."""
    return tidy((start, judge(value)) for start, value in steps)


def follow(steps: Steps[T], then: Callable[[T], Steps[R]]) -> Steps[R]:
    """Compose two functions: while `steps` has the value v, `then(v)` holds.

    A card's country is its node's region, then that region's country."""
    ends = [start for start, _ in steps[1:]]
    followed: list[tuple[int, R]] = []
    for (start, value), end in zip(steps, [*ends, None], strict=True):
        for time, result in then(value):
            if end is None or time < end:
                followed.append((max(time, start), result))
    return tidy(followed)
