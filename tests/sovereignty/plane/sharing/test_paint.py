"""Intervals painted over each other."""

from random import Random
from typing import Any

import numpy as np
import pytest

from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.sharing.paint import Paint, join_cards, uppermost


def paint(rows: Any) -> Any:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Paint(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3].astype(np.int8))


def rows_of(painted: Any) -> Any:
    return list(
        zip(
            painted.key.tolist(),
            painted.start.tolist(),
            painted.end.tolist(),
            painted.layer.tolist(),
            strict=True,
        )
    )


def test_the_example_of_the_module() -> None:
    painted = uppermost(Clock(0, 10), paint([(0, 0, 10, 0), (0, 2, 5, 2), (0, 4, 7, 1)]))
    assert rows_of(painted) == [(0, 0, 2, 0), (0, 2, 5, 2), (0, 5, 7, 1), (0, 7, 10, 0)]


def test_keys_that_touch_the_ends_of_the_period_stay_apart() -> None:
    painted = uppermost(Clock(0, 10), paint([(0, 5, 10, 1), (1, 0, 5, 1)]))
    assert rows_of(painted) == [(0, 5, 10, 1), (1, 0, 5, 1)]


def test_nothing_is_painted() -> None:
    assert rows_of(uppermost(Clock(0, 10), paint([]))) == []


# with the longer one, two keys at a time fit into an integer
@pytest.mark.parametrize("span", [10, 2**61])
def test_every_instant_has_its_uppermost_layer(span: Any) -> None:
    random = Random(span)
    for _ in range(200):
        rows = []
        for _ in range(random.randint(1, 8)):
            start = random.randint(0, 9)
            rows.append(
                (random.randint(0, 5), start, random.randint(start + 1, 10), random.randint(0, 2))
            )
        painted = rows_of(uppermost(Clock(0, span), paint(rows)))
        for key in range(6):
            for t in range(10):
                expected = max(
                    (
                        layer
                        for at_key, start, end, layer in rows
                        if at_key == key and start <= t < end
                    ),
                    default=None,
                )
                received = [
                    layer
                    for at_key, start, end, layer in painted
                    if at_key == key and start <= t < end
                ]
                assert received == ([] if expected is None else [expected])
        assert painted == sorted(painted)


def test_consecutive_cards_with_equal_keys_are_joined() -> None:
    key = np.array([7, 7, 8, 7, 7, 7])
    chosen, first, last = join_cards((key,), np.array([3, 4, 5, 9, 2, 11]))
    assert list(zip(key[chosen].tolist(), first.tolist(), last.tolist(), strict=True)) == [
        (7, 2, 4),
        (7, 9, 9),
        (7, 11, 11),
        (8, 5, 5),
    ]
