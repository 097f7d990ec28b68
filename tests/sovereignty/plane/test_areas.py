"""One area, one spelling."""

from collections import defaultdict
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np

from sovereignty.plane.areas import blocks, distinct_cards


def spelled(rows: Any) -> Any:
    """The blocks of rows (group, first, last, start, end), as (group, start, end, ranges); and
    themselves."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    area = blocks(*columns)
    return list(
        zip(
            area.group.tolist(),
            area.start.tolist(),
            area.end.tolist(),
            area.ranges(),
            strict=True,
        )
    ), area


def cells_of(rows: Any) -> Any:
    return {
        (group, card, t)
        for group, first, last, start, end in rows
        for card in range(first, last + 1)
        for t in range(start, end)
    }


def test_pieces_of_one_area_become_one_block() -> None:
    spelling, _ = spelled([(0, 0, 3, 0, 5), (0, 0, 1, 5, 9), (0, 2, 3, 5, 9)])
    assert spelling == [(0, 0, 9, ((0, 3),))]


def test_cards_of_one_interval_are_one_block_even_apart() -> None:
    spelling, area = spelled([(0, 7, 8, 0, 5), (0, 0, 3, 0, 5)])
    assert spelling == [(0, 0, 5, ((0, 3), (7, 8)))]
    assert area.cards().tolist() == [6]


def test_groups_stay_apart() -> None:
    assert len(spelled([(0, 0, 3, 0, 5), (1, 0, 3, 0, 5)])[0]) == 2


def test_no_rows() -> None:
    spelling, area = spelled([])
    assert (spelling, area.cards().tolist()) == ([], [])


def test_however_rows_are_cut_the_spelling_is_the_same_and_maximal() -> None:
    random = Random(9)
    for _ in range(300):
        rows = []
        for _ in range(random.randint(1, 6)):
            first, start = random.randint(0, 5), random.randint(0, 8)
            rows.append(
                (
                    random.randint(0, 1),
                    first,
                    random.randint(first, 6),
                    start,
                    random.randint(start + 1, 10),
                )
            )
        spelling, _ = spelled(rows)
        assert spelled([(g, c, c, t, t + 1) for g, c, t in cells_of(rows)])[0] == spelling
        assert cells_of(
            [(g, f, la, s, e) for g, s, e, ranges in spelling for f, la in ranges]
        ) == cells_of(rows)
        per_card = defaultdict(list)
        for group, start, end, ranges in spelling:
            for first, last in ranges:
                for card in range(first, last + 1):
                    per_card[group, card].append((start, end))
        for intervals in per_card.values():
            assert all(before[1] < after[0] for before, after in pairwise(intervals))


def test_taking_blocks_keeps_their_cards() -> None:
    _, area = spelled([(0, 7, 8, 0, 5), (0, 0, 3, 0, 5), (1, 2, 2, 3, 4), (2, 5, 6, 1, 2)])
    taken = area.take(np.array([2, 0]))
    assert taken.ranges() == [((5, 6),), ((0, 3), (7, 8))]
    assert taken.cards().tolist() == [2, 6]


def test_distinct_cards_counts_overlaps_once() -> None:
    assert distinct_cards(np.array([5, 0, 2]), np.array([9, 3, 2])) == 9
    assert distinct_cards(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) == 0
