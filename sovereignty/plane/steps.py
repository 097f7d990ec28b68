"""Step functions of time: what holds from each instant to the next.

    ((BEGINNING, "unknown"), (1000, "CN"), (5000, "SG"))      unknown before 1000, CN over [1000, 5000), SG from 5000 on

The first step starts at or before every time that is asked for; starts rise; neighbours differ.
Times in ms UTC.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Steps: TypeAlias = tuple[tuple[int, T], ...]


def tidy(steps: Iterable[tuple[int, T]]) -> Steps[T]:
    """Drop every step that says what the step before it said; of steps at one time the last counts."""
    kept: list[tuple[int, T]] = []
    for start, value in steps:
        if kept and kept[-1][0] == start:
            kept.pop()
        if not kept or kept[-1][1] != value:
            kept.append((start, value))
    return tuple(kept)


def clip(steps: Steps[T], start: int, end: int) -> Steps[T]:
    """The steps over `[start, end)`: the first one starts at `start`. Needs start < end."""
    inside = ((max(at, start), value) for at, value in steps if at < end)
    return tidy(inside)


def combine(functions: Sequence[Steps[T]], judge: Callable[[tuple[T, ...]], R]) -> Steps[R]:
    """Apply `judge` to what all `functions` say together, wherever one of them changes. All must
    start at one time."""
    if all(len(steps) == 1 for steps in functions):
        return ((functions[0][0][0], judge(tuple(steps[0][1] for steps in functions))),)
    places = [0] * len(functions)
    combined: list[tuple[int, R]] = []
    for at in sorted({at for steps in functions for at, _ in steps}):
        for number, steps in enumerate(functions):
            if places[number] + 1 < len(steps) and steps[places[number] + 1][0] <= at:
                places[number] += 1
        values = tuple(steps[place][1] for steps, place in zip(functions, places, strict=True))
        combined.append((at, judge(values)))
    return tidy(combined)


def map_steps(steps: Steps[T], judge: Callable[[T], R]) -> Steps[R]:
    """Apply `judge` to each value."""
    return tidy((at, judge(value)) for at, value in steps)


def follow(steps: Steps[T], then: Callable[[T], Steps[R]]) -> Steps[R]:
    """Compose: while `steps` says v, `then(v)` holds. A card's country is its node's region, then
    that region's country."""
    ends = [at for at, _ in steps[1:]]
    followed: list[tuple[int, R]] = []
    for (start, value), end in zip(steps, [*ends, None], strict=True):
        for at, result in then(value):
            if end is None or at < end:
                followed.append((max(at, start), result))
    return tidy(followed)
