"""Which ranges cover which numbers."""

from random import Random
from typing import Any

from sovereignty.plane.layers import classify


def test_the_example_of_the_module() -> None:
    classes, members = classify(12, [(0, 9), (5, 6)])
    assert [members[number] for number in classes] == [(0,)] * 5 + [(0, 1)] * 2 + [(0,)] * 3 + [
        ()
    ] * 2
    assert len(members) == 3


def test_no_ranges_and_no_numbers() -> None:
    assert classify(3, [])[1] == [()]
    classes, members = classify(0, [])
    assert len(classes) == 0
    assert members == []


def test_every_number_has_the_ranges_that_cover_it() -> None:
    random = Random(3)
    for _ in range(200):
        size = random.randint(1, 12)
        ranges: Any = [
            tuple(sorted(random.choices(range(size), k=2))) for _ in range(random.randint(0, 6))
        ]
        classes, members = classify(size, ranges)
        for number, class_number in enumerate(classes.tolist()):
            assert members[class_number] == tuple(
                n for n, (first, last) in enumerate(ranges) if first <= number <= last
            )
