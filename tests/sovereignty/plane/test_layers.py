"""Which ranges cover which places."""

from random import Random
from typing import Any

from sovereignty.plane.layers import classify


def test_the_example_of_the_module() -> None:
    classes, members = classify(12, [(0, 9), (5, 6)])
    assert [members[each] for each in classes] == [(0,)] * 5 + [(0, 1)] * 2 + [(0,)] * 3 + [()] * 2
    assert len(members) == 3


def test_no_ranges_and_no_places() -> None:
    assert classify(3, [])[1] == [()]
    classes, members = classify(0, [])
    assert len(classes) == 0
    assert members == []


def test_every_place_has_the_ranges_that_hold_it() -> None:
    random = Random(3)
    for _ in range(200):
        places = random.randint(1, 12)
        ranges: Any = [
            tuple(sorted(random.choices(range(places), k=2))) for _ in range(random.randint(0, 6))
        ]
        classes, members = classify(places, ranges)
        for place, each in enumerate(classes.tolist()):
            assert members[each] == tuple(
                n for n, (first, last) in enumerate(ranges) if first <= place <= last
            )
