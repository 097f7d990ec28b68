"""Counts of several touches that do not fit their nodes together."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory.capacity import Capacity
from sovereignty.plane.runs import rows_in
from sovereignty.plane.sharing.crowded_nodes import find_crowded_parts
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Grade, KPart, Statement
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

ALL_THERE = ((0, 7, 0, "yes"),)


def crowded(touches: Any, parts: Any, runs: Any = (), stated: Any = ALL_THERE) -> Any:
    """(touch, from, to) of what is crowded on two nodes of four cards; touches of (start, end),
    runs of (touch, first, last), what is stated of (first card, last card, from, present)."""
    fleet = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.repeat(np.arange(2, dtype=np.int32), 4),
        card_slot=[str(card % 4) for card in range(8)],
        tenants=["t0"],
        workloads=["w"],
        statements=[
            Statement(
                ("cards", (first, last)), at, Grade.DECLARED, "site", order, {"present": present}
            )
            for order, (first, last, at, present) in enumerate(stated)
        ],
        touches=touches_of(
            [(f"j{n}", 0, 0, start, end, 3) for n, (start, end) in enumerate(touches)]
        ),
        runs=runs_of([(touch, first, last, *touches[touch]) for touch, first, last in runs]),
        parts=[KPart(*part) for part in parts],
    )
    rows = rows_in(fleet, 0, 100)
    uncertain = find_crowded_parts(
        fleet, rows, Stretches.of(fleet.card_node), Capacity.of(fleet, Grade.DECLARED, 0, 100)
    )
    return sorted(
        zip(
            rows.touch[uncertain.row].tolist(),
            uncertain.start.tolist(),
            uncertain.end.tolist(),
            strict=True,
        )
    )


def test_counts_that_fit() -> None:
    assert crowded([(0, 50), (20, 90)], [(0, 2, (0,)), (1, 2, (0,))]) == []
    assert crowded([(0, 50), (50, 90)], [(0, 4, (0,)), (1, 4, (0,))]) == []


def test_counts_that_do_not_fit_while_both_last() -> None:
    assert crowded([(0, 50), (20, 90)], [(0, 3, (0,)), (1, 2, (0,))]) == [(0, 20, 50), (1, 20, 50)]


def test_explicit_cards_count_and_one_that_is_held_twice_counts_once() -> None:
    touches, runs = [(0, 50), (0, 90), (10, 40)], [(1, 0, 2), (2, 0, 2)]
    assert crowded(touches, [(0, 1, (0,))], runs) == []
    assert crowded(touches, [(0, 2, (0,))], runs) == [(0, 0, 50)]


def test_a_count_inside_the_nodes_of_another_is_counted_there() -> None:
    assert crowded([(0, 50), (20, 90)], [(0, 5, (0, 1)), (1, 4, (1,))]) == [
        (0, 20, 50),
        (1, 20, 50),
    ]


def test_a_count_that_reaches_beyond_may_be_elsewhere() -> None:
    assert crowded([(0, 50), (20, 90)], [(0, 4, (0, 1)), (1, 4, (1,))]) == []


def test_cards_give_capacity_while_they_are_there() -> None:
    touches, parts = [(0, 50), (20, 90)], [(0, 2, (0,)), (1, 2, (0,))]
    assert crowded(touches, parts, stated=[*ALL_THERE, (3, 3, 30, "no")]) == [
        (0, 30, 50),
        (1, 30, 50),
    ]
    assert crowded(touches, parts, stated=[*ALL_THERE, (3, 3, 60, "no")]) == []
    assert crowded(touches, parts, stated=[(0, 2, 0, "yes"), (3, 3, 40, "yes")]) == [
        (0, 20, 40),
        (1, 20, 40),
    ]
