"""How many cards there are room for, and when."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory.capacity import Room
from sovereignty.plane.world import NO_NODE, Grade, Statement
from tests.sovereignty.policy.small_worlds import Maker

START, END = 100, 200
ALL_THERE = (("cards", (0, 5)), 0, "yes", Grade.DECLARED)


def room(*said: Any, least: Grade = Grade.DECLARED) -> Room:
    """Nodes of three and two cards with a gap between; statements of (subject, from, present,
    grade)."""
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.array([0, 0, 0, NO_NODE, 1, 1], dtype=np.int32),
        card_slot=["0", "1", "2", None, "0", "1"],
        statements=[
            Statement(subject, at, grade, "site", order, {"present": present})
            for order, (subject, at, present, grade) in enumerate(said)
        ],
    )
    return Room.of(world, least, START, END)


def at(found: Room, nodes: Any, *times: int) -> Any:
    return found.at(nodes, np.array(times, dtype=np.int64)).tolist()


def test_all_cards_that_are_plainly_there() -> None:
    found = room(ALL_THERE)
    assert [found.throughout(node, START, END) for node in (0, 1)] == [3, 2]
    assert (
        found.all_the_time([0, 1]),
        found.changes([0, 1]).tolist(),
        at(found, [0, 1], 100, 199),
    ) == (5, [], [5, 5])


def test_a_card_that_nobody_stated_makes_no_room() -> None:
    found = room((("cards", (0, 1)), 0, "yes", Grade.DECLARED))
    assert [found.throughout(node, START, END) for node in (0, 1)] == [2, 0]


def test_a_card_makes_room_only_for_what_it_is_there_for() -> None:
    found = room(
        ALL_THERE, (("card", 0), 150, "no", Grade.DECLARED), (("card", 1), 50, "no", Grade.DECLARED)
    )
    assert [found.throughout(0, *when) for when in ((100, 150), (140, 151), (150, 200))] == [
        2,
        1,
        1,
    ]
    assert (found.all_the_time([0]), 150 in found.changes([0]), at(found, [0], 100, 149, 150)) == (
        1,
        True,
        [2, 2, 1],
    )
    assert (found.changes([1]).tolist(), at(found, [0, 1], 149, 150)) == ([], [4, 3])


def test_evidence_below_the_least_grade_makes_no_room() -> None:
    planned = (("cards", (0, 5)), 0, "yes", Grade.PLANNED)
    assert room(planned).all_the_time([0, 1]) == 0
    assert room(planned, least=Grade.PLANNED).all_the_time([0, 1]) == 5
    later = room(planned, (("cards", (4, 5)), 150, "yes", Grade.DECLARED))
    assert at(later, [0, 1], 149, 150) == [0, 2]


def test_a_fleet_without_cards() -> None:
    bare = replace(
        Maker(0).world(),
        nodes=["n0"],
        card_node=np.zeros(0, dtype=np.int32),
        card_slot=[],
        statements=[],
    )
    assert Room.of(bare, Grade.DECLARED, START, END).throughout(0, START, END) == 0
