"""Which cards the inventory knows, and which slots may be another card's second name."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory.known_cards import NEVER, find_alias_times, known_cards
from sovereignty.plane.world import NO_NODE, Grade, Statement, World
from tests.sovereignty.policy.small_worlds import Maker

START, END = 100, 200


def world(*stated: tuple[Any, int, str, Grade]) -> World:
    """Nodes of three and two cards with a gap between; statements of (subject, from, present,
    grade)."""
    statements = [
        Statement(subject, at, grade, "site", order, {"present": present})
        for order, (subject, at, present, grade) in enumerate(stated)
    ]
    card_node = np.array([0, 0, 0, NO_NODE, 1, 1], dtype=np.int32)
    return replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=card_node,
        card_slot=["0", "1", "2", None, "0", "1"],
        statements=statements,
    )


def alias_times(fleet: World, least: Grade = Grade.DECLARED) -> Any:
    """Per card, when it may be an alias, as (from, whether)."""
    times = find_alias_times(fleet, least, START, END)
    by_card = {
        card: times.steps[kind] for card, kind in enumerate(times.kind.tolist()) if kind != NEVER
    }
    assert times.has_aliases is bool(by_card)
    return by_card


def test_known_is_what_any_statement_names() -> None:
    fleet = world(
        (("cards", (0, 1)), 0, "yes", Grade.PLANNED), (("card", 4), 500, "no", Grade.DECLARED)
    )
    assert known_cards(fleet).tolist() == [True, True, False, False, True, False]


def test_a_gap_between_stated_cards_is_no_card() -> None:
    assert known_cards(world((("cards", (0, 5)), 0, "yes", Grade.DECLARED))).tolist() == [
        True,
        True,
        True,
        False,
        True,
        True,
    ]


def test_where_every_card_is_there_none_may_be_an_alias() -> None:
    assert alias_times(world((("cards", (0, 5)), 0, "yes", Grade.DECLARED))) == {}


def test_a_card_that_nobody_stated_may_be_an_alias_of_one_that_is_there() -> None:
    assert alias_times(world((("cards", (0, 1)), 0, "yes", Grade.DECLARED))) == {
        2: ((START, True),)
    }


def test_a_slot_may_be_an_alias_once_its_card_was_retired() -> None:
    fleet = world(
        (("cards", (0, 5)), 0, "yes", Grade.DECLARED), (("card", 4), 150, "no", Grade.DECLARED)
    )
    assert alias_times(fleet) == {4: ((START, False), (150, True))}


def test_a_retirement_of_a_lower_grade_does_not_take_away_what_was_observed() -> None:
    fleet = world(
        (("cards", (0, 5)), 0, "yes", Grade.OBSERVED), (("card", 4), 150, "no", Grade.PLANNED)
    )
    assert alias_times(fleet) == {}


def test_a_node_of_which_nothing_accepted_is_stated_has_no_aliases() -> None:
    planned = world((("cards", (0, 1)), 0, "yes", Grade.PLANNED))
    assert (alias_times(planned), alias_times(planned, Grade.PLANNED)) == (
        {},
        {2: ((START, True),)},
    )
