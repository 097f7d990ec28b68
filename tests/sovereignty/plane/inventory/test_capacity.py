"""How many cards each node has, and when."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory.capacity import Capacity
from sovereignty.plane.world import NO_NODE, Grade, Statement
from tests.sovereignty.policy.small_worlds import Maker

START, END = 100, 200
ALL_THERE = (("cards", (0, 5)), 0, "yes", Grade.DECLARED)


def capacity(*stated: Any, least: Grade = Grade.DECLARED) -> Capacity:
    """Nodes of three and two cards with a gap between; statements of (subject, from, present,
    grade)."""
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.array([0, 0, 0, NO_NODE, 1, 1], dtype=np.int32),
        card_slot=["0", "1", "2", None, "0", "1"],
        statements=[
            Statement(subject, at, grade, "site", order, {"present": present})
            for order, (subject, at, present, grade) in enumerate(stated)
        ],
    )
    return Capacity.of(world, least, START, END)


def at_times(capacities: Capacity, nodes: Any, *times: int) -> Any:
    return capacities.at_times(nodes, np.array(times, dtype=np.int64)).tolist()


def test_all_cards_that_are_plainly_there() -> None:
    capacities = capacity(ALL_THERE)
    assert [capacities.throughout(node, START, END) for node in (0, 1)] == [3, 2]
    assert (
        capacities.throughout_period([0, 1]),
        capacities.change_times([0, 1]).tolist(),
        at_times(capacities, [0, 1], 100, 199),
    ) == (5, [], [5, 5])


def test_a_card_that_nobody_stated_gives_no_capacity() -> None:
    capacities = capacity((("cards", (0, 1)), 0, "yes", Grade.DECLARED))
    assert [capacities.throughout(node, START, END) for node in (0, 1)] == [2, 0]


def test_a_card_gives_capacity_only_to_what_it_is_there_for() -> None:
    capacities = capacity(
        ALL_THERE, (("card", 0), 150, "no", Grade.DECLARED), (("card", 1), 50, "no", Grade.DECLARED)
    )
    assert [capacities.throughout(0, *when) for when in ((100, 150), (140, 151), (150, 200))] == [
        2,
        1,
        1,
    ]
    assert (
        capacities.throughout_period([0]),
        150 in capacities.change_times([0]),
        at_times(capacities, [0], 100, 149, 150),
    ) == (
        1,
        True,
        [2, 2, 1],
    )
    assert (capacities.change_times([1]).tolist(), at_times(capacities, [0, 1], 149, 150)) == (
        [],
        [4, 3],
    )


def test_evidence_below_the_least_grade_gives_no_capacity() -> None:
    planned = (("cards", (0, 5)), 0, "yes", Grade.PLANNED)
    assert capacity(planned).throughout_period([0, 1]) == 0
    assert capacity(planned, least=Grade.PLANNED).throughout_period([0, 1]) == 5
    later = capacity(planned, (("cards", (4, 5)), 150, "yes", Grade.DECLARED))
    assert at_times(later, [0, 1], 149, 150) == [0, 2]


def test_a_fleet_without_cards() -> None:
    bare = replace(
        Maker(0).world(),
        nodes=["n0"],
        card_node=np.zeros(0, dtype=np.int32),
        card_slot=[],
        statements=[],
    )
    assert Capacity.of(bare, Grade.DECLARED, START, END).throughout(0, START, END) == 0
