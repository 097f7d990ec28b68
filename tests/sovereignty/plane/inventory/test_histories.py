"""Subjects with one history are found once."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory import histories
from sovereignty.plane.inventory.statements import Value, resolve
from sovereignty.plane.world import Grade, Statement
from tests.sovereignty.policy.small_worlds import Maker

START = 1_000


def stated(
    subject: Any, at: Any, values: Any, source: Any = "site", order: Any = 1, resets: Any = False
) -> Any:
    return Statement(subject, at, Grade.DECLARED, source, order, values, resets)


def world(*statements: Any) -> Any:
    nodes = ["n0", "n1", "n2", "n3"]
    card_node = np.repeat(np.arange(4, dtype=np.int32), 2)
    return replace(
        Maker(0).world(),
        nodes=nodes,
        card_node=card_node,
        card_slot=["0", "1"] * 4,
        statements=list(statements),
    )


def test_nodes_registered_at_different_times_before_the_period_are_alike() -> None:
    fleet = world(
        *(stated(("node", node), 10 * node, {"region": "r0"}, order=node) for node in range(3))
    )
    classes, known = histories.of_nodes(fleet, ["region"], START)
    assert classes[0] == classes[1] == classes[2] != classes[3]
    assert len(known) == 2


def test_nodes_registered_at_different_times_in_the_period_are_not() -> None:
    fleet = world(
        *(stated(("node", node), START + 10 * node, {"region": "r0"}) for node in range(1, 3))
    )
    classes, _ = histories.of_nodes(fleet, ["region"], START)
    assert len(set(classes.tolist())) == 3


def test_the_order_before_the_period_counts() -> None:
    first = [stated(("node", 0), 5, {"region": "r0"}), stated(("node", 0), 6, {"region": "r1"})]
    second = [stated(("node", 1), 5, {"region": "r1"}), stated(("node", 1), 9, {"region": "r0"})]
    same_as_first = [
        stated(("node", 2), 700, {"region": "r0"}),
        stated(("node", 2), 900, {"region": "r1"}),
    ]
    classes, known = histories.of_nodes(world(*first, *second, *same_as_first), ["region"], START)
    assert classes[0] == classes[2] != classes[1]
    assert resolve(known[classes[0]], "region", Grade.DECLARED)[-1] == (START, Value("r1"))


def test_attributes_that_nobody_reads_make_no_difference() -> None:
    statements = [
        stated(("cards", (0, 3)), 5, {"model": "910B", "serial": "x"}),
        stated(("cards", (4, 7)), 5, {"model": "910B", "serial": "y"}),
    ]
    classes, _ = histories.of_cards(world(*statements), ["model"], START)
    assert len(set(classes.tolist())) == 1


def test_a_reset_counts_even_if_it_says_nothing_that_is_read() -> None:
    statements = [
        stated(("cards", (0, 7)), 5, {"model": "910B"}),
        stated(("card", 3), 9, {}, resets=True),
    ]
    classes, known = histories.of_cards(world(*statements), ["model"], START)
    assert [card for card in range(8) if classes[card] != classes[0]] == [3]
    assert resolve(known[classes[3]], "model", Grade.DECLARED)[-1][1].text is None


def test_of_one_source_and_time_the_later_position_comes_last() -> None:
    statements = [
        stated(("card", 0), 5, {"model": "B"}, order=9),
        stated(("card", 0), 5, {"model": "A"}, order=2),
    ]
    classes, known = histories.of_cards(world(*statements), ["model"], START)
    assert resolve(known[classes[0]], "model", Grade.DECLARED)[-1][1] == Value("B")


def test_regions_and_tenants_have_histories_too() -> None:
    fleet = world(
        stated(("region", "r0"), 7, {"country": "SG"}, order=2),
        stated(("region", "r0"), 5, {"country": "CN"}),
    )
    assert [statement.values["country"] for statement in histories.of_regions(fleet)["r0"]] == [
        "CN",
        "SG",
    ]
    fleet = replace(world(stated(("tenant", 1), 5, {"sector": "ministry"})), tenants=["t0", "t1"])
    classes, known = histories.of_tenants(fleet, ["sector"], START)
    assert [len(known[number]) for number in classes] == [0, 1]
