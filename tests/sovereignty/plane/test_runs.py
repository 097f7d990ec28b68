"""Rows of a period: cut, merged, counted."""

from dataclasses import replace
from typing import Any

import pytest

from sovereignty.plane.errors import WorldError
from sovereignty.plane.runs import EXPLICIT, card_touches, rows_in
from sovereignty.plane.world import OPEN, KPart
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of


def world(touches: Any, runs: Any, parts: Any = ()) -> Any:
    base = Maker(0).world()
    return replace(
        base,
        touches=touches_of([(f"j{n}", 0, 0, *interval, 3) for n, interval in enumerate(touches)]),
        runs=runs_of(runs),
        parts=[*parts],
    )


def columns_of(rows: Any) -> Any:
    columns = (rows.touch, rows.part, rows.first, rows.last, rows.start, rows.end)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_rows_are_cut_to_the_period_and_sorted_by_start() -> None:
    rows = rows_in(
        world(
            [(0, 90), (20, OPEN), (95, 99)],
            [(0, 4, 5, 0, 90), (1, 0, 3, 20, OPEN), (2, 1, 1, 95, 99)],
        ),
        30,
        60,
    )
    assert columns_of(rows) == [(0, EXPLICIT, 4, 5, 30, 60), (1, EXPLICIT, 0, 3, 30, 60)]
    assert rows.area().tolist() == [60, 120]


def test_a_touch_without_time_has_no_row() -> None:
    assert columns_of(rows_in(world([(40, 40)], [(0, 0, 0, 40, 40)]), 30, 60)) == []


def test_pieces_cut_at_a_month_are_one_row_again() -> None:
    rows = rows_in(world([(0, 90)], [(0, 2, 3, 40, 90), (0, 2, 3, 0, 40), (0, 5, 5, 0, 90)]), 0, 60)
    assert sorted(columns_of(rows)) == [(0, EXPLICIT, 2, 3, 0, 60), (0, EXPLICIT, 5, 5, 0, 60)]


def test_pieces_of_other_cards_or_with_a_gap_between_stay_apart() -> None:
    rows = rows_in(
        world(
            [(0, 90)], [(0, 2, 3, 0, 30), (0, 2, 3, 40, 90), (0, 4, 4, 0, 40), (0, 5, 5, 40, 90)]
        ),
        0,
        90,
    )
    assert len(rows) == 4


def test_a_part_is_a_row_as_wide_as_its_count() -> None:
    fleet = world([(10, 50)], [(0, 0, 1, 10, 50)], [KPart(0, 3, (0,))])
    rows = rows_in(fleet, 0, 60)
    assert columns_of(rows) == [(0, EXPLICIT, 0, 1, 10, 50), (0, 0, 0, 2, 10, 50)]
    assert card_touches(rows, fleet, 0, 60).tolist() == [2, 3]


def test_card_touches_count_a_card_of_a_touch_once() -> None:
    fleet = world([(0, 90), (0, 90)], [(0, 2, 5, 0, 30), (0, 4, 7, 40, 90), (1, 0, 9, 0, 90)])
    rows = rows_in(fleet, 0, 90)
    counted = card_touches(rows, fleet, 0, 90)
    assert sum(counted[rows.touch == 0].tolist()) == 6
    assert sum(counted[rows.touch == 1].tolist()) == 10


def test_refuses_a_touch_without_cards() -> None:
    with pytest.raises(
        WorldError, match="touch 'j0': want a run or a part inside the period, got none"
    ):
        rows_in(world([(10, 50)], []), 0, 60)
