"""Card numbers as closed ranges: [0, 1, 2, 5] is ((0, 2), (5, 5))."""

from collections.abc import Iterable

from sovereignty.plane.world import CardRanges


def as_ranges(numbers: Iterable[int]) -> CardRanges:
    """Rising card numbers as the fewest closed ranges."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number <= found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
