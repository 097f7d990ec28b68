"""Strips, and cutting rows at them."""

from collections import defaultdict
from random import Random
from typing import Any

import numpy as np

from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.strips import Stretches, Timeline, strips_of


def rows_of(items: Any) -> Any:
    """Rows from (first, last, start, end)."""
    array = np.array(items, dtype=np.int64).reshape(-1, 4)
    narrow = array.astype(np.int32)
    touch = np.arange(len(array), dtype=np.int32)
    return Rows(
        touch,
        np.full(len(array), EXPLICIT, dtype=np.int32),
        narrow[:, 0],
        narrow[:, 1],
        array[:, 2],
        array[:, 3],
    )


def cells(rows: Any, kinds: Any) -> Any:
    seen: Any = defaultdict(set)
    columns = (rows.touch, rows.first, rows.last, rows.start, rows.end, kinds)
    for touch, first, last, start, end, kind in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        for card in range(first, last + 1):
            for t in range(start, end):
                assert (card, t) not in seen[touch]
                seen[touch].add((card, t))
                yield touch, card, t, kind


def random_rows(random: Any, cards: Any) -> Any:
    items = []
    for _ in range(random.randint(0, 5)):
        first, start = random.randrange(cards), random.randint(0, 10)
        items.append(
            (first, random.randint(first, cards - 1), start, random.randint(start + 1, 12))
        )
    return rows_of(items)


def test_cards_that_agree_in_all_columns_are_one_strip() -> None:
    first = np.array([0, 0, 1, 1], dtype=np.int32), [((0, "a"),), ((0, "b"),)]
    second = np.array([0, 1, 1, 2], dtype=np.int32), [((0, 1),), ((0, 1), (5, 2)), ((0, 1), (5, 2))]
    strip_of_card, strips = strips_of([first, second])
    assert [strips[strip] for strip in strip_of_card] == [
        ((0, ("a", 1)),),
        ((0, ("a", 1)), (5, ("a", 2))),
        ((0, ("b", 1)), (5, ("b", 2))),
        ((0, ("b", 1)), (5, ("b", 2))),
    ]
    assert len(strips) == 3


def test_no_cards_have_no_strips() -> None:
    strip_of_card, strips = strips_of([(np.zeros(0, dtype=np.int32), [])])
    assert (len(strip_of_card), strips) == (0, [])


def test_rows_are_cut_where_the_class_of_cards_changes() -> None:
    random = Random(2)
    for _ in range(200):
        kinds = np.array(
            [random.randint(0, 2) for _ in range(random.randint(1, 9))], dtype=np.int32
        )
        rows = random_rows(random, len(kinds))
        received = set(cells(*Stretches.of(kinds).cut(rows)))
        assert received == {
            (touch, card, t, int(kinds[card])) for touch, card, t, _ in cells(rows, rows.touch)
        }


def test_rows_are_cut_where_their_strip_changes_in_time() -> None:
    random = Random(6)
    for _ in range(300):
        strips = [
            (
                (0, "x"),
                *(
                    (start, start)
                    for start in sorted(random.sample(range(1, 12), random.randint(0, 4)))
                ),
            )
            for _ in range(3)
        ]
        timeline = Timeline.of(strips)
        rows = random_rows(random, 3)
        strip = np.array([random.randrange(3) for _ in range(len(rows))], dtype=np.int32)
        all_steps = [step for steps in strips for step in steps]
        received = {
            (touch, card, t, all_steps[step])
            for touch, card, t, step in cells(*timeline.cut(rows, strip))
        }
        expected = set()
        for touch, card, t, _ in cells(rows, rows.touch):
            expected.add(
                (touch, card, t, [step for step in strips[int(strip[touch])] if step[0] <= t][-1])
            )
        assert received == expected
