"""Card numbers as closed ranges: [0, 1, 2, 5] is ((0, 2), (5, 5))."""

from collections.abc import Iterable

from sovereignty.plane.world import CardRanges


def as_ranges(numbers: Iterable[int]) -> CardRanges:
    """Return rising card numbers as the fewest closed ranges. A number may come twice."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and number <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
