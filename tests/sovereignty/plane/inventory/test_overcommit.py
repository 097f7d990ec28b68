"""Counts that fit their nodes, and counts that do not."""

from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import numpy as np

from sovereignty.plane.inventory.overcommit import overcommitted_touches
from sovereignty.plane.world import Grade, KPart, Statement, World
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

SIZES = (2, 2, 3)  # known cards of three nodes


def world(parts: Any, runs: Any = (), unknown: int = 0, stated: Any = ()) -> World:
    """One touch with these parts (k, nodes) and runs (first, last); the last node has `unknown`
    cards that nobody stated."""
    card_node = np.repeat(np.arange(3, dtype=np.int32), (*SIZES[:2], SIZES[2] + unknown))
    return replace(
        Maker(0).world(),
        nodes=["n0", "n1", "n2"],
        card_node=card_node,
        card_slot=[str(card) for card in range(len(card_node))],
        statements=[
            Statement(
                ("cards", (0, sum(SIZES) - 1)), 0, Grade.DECLARED, "site", 1, {"present": "yes"}
            ),
            *stated,
        ],
        touches=touches_of([("j0", 0, 0, 0, 100, 3)]),
        runs=runs_of(
            [(0, first, last, start, start + 50) for first, last in runs for start in (0, 50)]
        ),
        parts=[KPart(0, k, nodes) for k, nodes in parts],
    )


def fits(
    parts: Any, runs: Any = (), unknown: int = 0, stated: Any = (), period: Any = (0, 100)
) -> bool:
    one_touch = world(parts, runs, unknown, stated)
    return not overcommitted_touches(one_touch, Grade.DECLARED, *period)[0]


def stated_card(card: int, at: int, present: str, grade: Grade = Grade.DECLARED) -> Statement:
    return Statement(
        ("card", card), at, grade, "site", 2 + card, {"present": present}, present == "no"
    )


def test_a_count_fits_what_its_nodes_have() -> None:
    assert (fits([(4, (0, 1))]), fits([(5, (0, 1))])) == (True, False)


def test_explicit_cards_count_once_though_a_month_border_cuts_them() -> None:
    assert (fits([(1, (0,))], [(0, 0)]), fits([(2, (0,))], [(0, 0)])) == (True, False)


def test_cards_that_nobody_stated_give_no_capacity() -> None:
    assert (fits([(3, (2,))], unknown=2), fits([(4, (2,))], unknown=2)) == (True, False)


def test_counts_move_aside_for_each_other() -> None:
    assert fits([(2, (0, 1)), (2, (0,)), (3, (1, 2)), (1, (2, 1))]) is False
    assert fits([(2, (0, 1)), (2, (0,)), (3, (1, 2))]) is True


def test_counts_of_unknown_nodes_fit_anywhere() -> None:
    assert fits([(99, None)])


def test_agrees_with_halls_theorem() -> None:
    random, outcomes = Random(5), set()
    for _ in range(3_000):
        parts = [
            (random.randint(1, 4), tuple(random.sample(range(3), random.randint(1, 3))))
            for _ in range(random.randint(1, 4))
        ]
        violated = any(
            sum(k for k, _ in subset)
            > sum(SIZES[node] for node in {node for _, nodes in subset for node in nodes})
            for size in range(1, len(parts) + 1)
            for subset in combinations(parts, size)
        )
        assert fits(parts) is not violated, parts
        outcomes.add(violated)
    assert outcomes == {True, False}


def test_a_card_gives_capacity_to_what_it_outlasts() -> None:
    retired, later = (
        [stated_card(0, 60, "no")],
        [stated_card(0, 0, "no"), stated_card(0, 40, "yes")],
    )
    assert (
        fits([(2, (0,))]),
        fits([(2, (0,))], stated=retired),
        fits([(1, (0,))], stated=retired),
    ) == (True, False, True)
    assert (fits([(2, (0,))], stated=later), fits([(2, (0,))], stated=later, period=(50, 100))) == (
        False,
        True,
    )
    assert fits([(2, (0,))], stated=retired, period=(0, 60)) is True


def test_two_cards_that_follow_each_other_are_not_one_that_lasts() -> None:
    assert (
        fits(
            [(1, (0,))],
            stated=[stated_card(0, 60, "no"), stated_card(1, 0, "no"), stated_card(1, 60, "yes")],
        )
        is False
    )


def test_what_is_only_planned_gives_no_capacity() -> None:
    planned = [stated_card(7, 0, "yes", Grade.PLANNED)]
    assert (
        fits([(3, (2,))], unknown=1, stated=planned),
        fits([(4, (2,))], unknown=1, stated=planned),
    ) == (True, False)


def test_a_touch_outside_the_period_fits_nothing() -> None:
    assert fits([(1, (0,))], period=(200, 300)) is False
