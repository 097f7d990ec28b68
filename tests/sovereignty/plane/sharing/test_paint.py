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


def rows_of(done: Any) -> Any:
    return list(
        zip(
            done.place.tolist(),
            done.start.tolist(),
            done.end.tolist(),
            done.layer.tolist(),
            strict=True,
        )
    )


def test_the_example_of_the_module() -> None:
    done = uppermost(Clock(0, 10), paint([(0, 0, 10, 0), (0, 2, 5, 2), (0, 4, 7, 1)]))
    assert rows_of(done) == [(0, 0, 2, 0), (0, 2, 5, 2), (0, 5, 7, 1), (0, 7, 10, 0)]


def test_places_that_touch_the_ends_of_the_period_stay_apart() -> None:
    done = uppermost(Clock(0, 10), paint([(0, 5, 10, 1), (1, 0, 5, 1)]))
    assert rows_of(done) == [(0, 5, 10, 1), (1, 0, 5, 1)]


def test_nothing_is_painted() -> None:
    assert rows_of(uppermost(Clock(0, 10), paint([]))) == []


# with the longer one, two places at a time fit into an integer
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
        done = rows_of(uppermost(Clock(0, span), paint(rows)))
        for place in range(6):
            for t in range(10):
                expected = max(
                    (layer for at, start, end, layer in rows if at == place and start <= t < end),
                    default=None,
                )
                received = [
                    layer for at, start, end, layer in done if at == place and start <= t < end
                ]
                assert received == ([] if expected is None else [expected])
        assert done == sorted(done)


def test_consecutive_cards_with_equal_keys_are_joined() -> None:
    key = np.array([7, 7, 8, 7, 7, 7])
    chosen, first, last = join_cards((key,), np.array([3, 4, 5, 9, 2, 11]))
    assert list(zip(key[chosen].tolist(), first.tolist(), last.tolist(), strict=True)) == [
        (7, 2, 4),
        (7, 9, 9),
        (7, 11, 11),
        (8, 5, 5),
    ]
