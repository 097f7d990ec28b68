"""Card numbers as closed ranges."""

import pytest

from sovereignty.plane.card_ranges import as_ranges


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([0, 1, 2, 5], ((0, 2), (5, 5))),
        ([7], ((7, 7),)),
        ([3, 5, 7], ((3, 3), (5, 5), (7, 7))),
        ([4, 4, 5, 5], ((4, 5),)),
        ([], ()),
    ],
)
def test_numbers_become_the_fewest_ranges(
    numbers: list[int], ranges: tuple[tuple[int, int], ...]
) -> None:
    assert as_ranges(numbers) == ranges


def test_takes_an_iterator() -> None:
    assert as_ranges(iter(range(10, 13))) == ((10, 12),)
