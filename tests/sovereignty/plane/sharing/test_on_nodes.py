"""What the sweep finds on the nodes of one portion."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.inventory.known_cards import find_alias_times
from sovereignty.plane.runs import rows_in
from sovereignty.plane.sharing.on_nodes import (
    SHARED,
    UNCERTAIN,
    Marks,
    NodeFindings,
    NodeSweep,
    join_marks,
    join_sharings,
    no_marks,
    no_sharings,
)
from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.sharing.placing import PartNodes, portions
from sovereignty.plane.strips import Stretches
from sovereignty.plane.world import Grade, KPart, Statement
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

START, END = 0, 100


def found(touches: Any, parts: Any = (), stated: Any = (0, 7)) -> NodeFindings:
    """What is found on two nodes of four cards; touches of (tenant, first, last, start, end), and a
    first of -1 has the parts (touch, k, nodes) only. The inventory states the cards `stated`."""
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.repeat(np.arange(2, dtype=np.int32), 4),
        card_slot=[str(card % 4) for card in range(8)],
        tenants=["t0", "t1"],
        workloads=["w"],
        statements=[Statement(("cards", stated), 0, Grade.DECLARED, "site", 1, {"present": "yes"})],
        touches=touches_of(
            [
                (f"j{n}", tenant, 0, start, end, 3)
                for n, (tenant, _, _, start, end) in enumerate(touches)
            ]
        ),
        runs=runs_of(
            [
                (n, first, last, start, end)
                for n, (_, first, last, start, end) in enumerate(touches)
                if first >= 0
            ]
        ),
        parts=[KPart(*part) for part in parts],
    )
    rows, clock = rows_in(world, START, END), Clock(START, END - START)
    alias_times = find_alias_times(world, Grade.DECLARED, START, END)
    stretches = Stretches.of(world.card_node, alias_times.kind)
    (portion,) = portions(world, rows, stretches, PartNodes.of(world), 1_000)
    return NodeSweep(clock, stretches, alias_times, portion, world.touches.tenant).find()


def listed(marks: Marks) -> Any:
    """(row, card, start, end, layer) of each mark; rows are sorted by start."""
    columns = (marks.row, marks.card, marks.start, marks.end, marks.layer)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def sharings(findings: NodeFindings) -> Any:
    """(touch, other, first, last, start, end) of each sharing."""
    shared = findings.sharings
    columns = (shared.touch, shared.other, shared.first, shared.last, shared.start, shared.end)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_two_tenants_share_the_cards_and_the_time_that_both_have() -> None:
    findings = found([(0, 0, 2, 0, 50), (1, 1, 5, 20, 90)])
    assert sharings(findings) == [(0, 1, 1, 2, 20, 50), (1, 0, 1, 2, 20, 50)]
    assert listed(findings.marks) == [
        (row, card, 20, 50, SHARED) for row in (0, 1) for card in (1, 2)
    ]
    assert listed(findings.part_marks) == []


def test_one_tenant_shares_with_nobody() -> None:
    findings = found([(0, 0, 3, 0, 50), (0, 0, 3, 20, 90)])
    assert (sharings(findings), listed(findings.marks)) == ([], [])


def test_other_cards_of_a_node_and_other_times_are_not_shared() -> None:
    findings = found([(0, 0, 1, 0, 50), (1, 2, 3, 0, 50), (1, 0, 1, 50, 90)])
    assert (sharings(findings), listed(findings.marks)) == ([], [])


def test_a_part_and_the_cards_beside_it_are_uncertain_and_share_nothing() -> None:
    findings = found([(0, -1, -1, 0, 50), (1, 2, 2, 20, 90)], [(0, 1, (0,))])
    assert sharings(findings) == []
    assert listed(findings.part_marks) == [(0, 0, 20, 50, UNCERTAIN)]
    assert listed(findings.marks) == [(1, 2, 20, 50, UNCERTAIN)]


def test_a_part_on_another_node_concerns_nobody_here() -> None:
    findings = found([(0, -1, -1, 0, 50), (1, 2, 2, 20, 90)], [(0, 1, (1,))])
    assert (listed(findings.part_marks), listed(findings.marks)) == ([], [])


def test_a_card_that_may_be_an_alias_makes_both_tenants_uncertain() -> None:
    """Nobody stated card 3 of node 0: it may be card 0 under a second name."""
    findings = found([(0, 3, 3, 0, 50), (1, 0, 0, 20, 90)], stated=(0, 2))
    assert sharings(findings) == []
    assert listed(findings.marks) == [(0, 3, 20, 50, UNCERTAIN), (1, 0, 20, 50, UNCERTAIN)]


def test_nothing_joined_with_nothing_is_nothing() -> None:
    assert len(join_marks([no_marks(), no_marks()]).row) == 0
    assert len(join_sharings([no_sharings(), no_sharings()]).touch) == 0
