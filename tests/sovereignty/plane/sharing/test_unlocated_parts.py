"""When a tenant used cards on nodes that no fact names."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.runs import rows_in
from sovereignty.plane.sharing.unlocated_parts import unlocated_parts_of_others
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import OPEN, KPart
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

START, END = 100, 200


def unlocated(*touches: Any) -> list[Steps[bool]] | None:
    """Of three tenants, when another one's part of unknown nodes lasts; touches of (tenant, start,
    end, nodes of its part)."""
    world = replace(
        Maker(0).world(),
        nodes=["n0"],
        card_node=np.zeros(1, dtype=np.int32),
        card_slot=["0"],
        tenants=["t0", "t1", "t2"],
        workloads=["w"],
        touches=touches_of(
            [
                (f"j{n}", tenant, 0, start, end, 3)
                for n, (tenant, start, end, _) in enumerate(touches)
            ]
        ),
        runs=runs_of([]),
        parts=[KPart(n, 1, nodes) for n, (_, _, _, nodes) in enumerate(touches)],
    )
    return unlocated_parts_of_others(world, rows_in(world, START, END), START, END)


def test_a_part_of_unknown_nodes_concerns_every_other_tenant() -> None:
    others = ((START, False), (120, True), (150, False))
    assert unlocated((0, 120, 150, None)) == [((START, False),), others, others]


def test_two_tenants_concern_each_other_and_both_the_third() -> None:
    assert unlocated((0, 120, 150, None), (1, 140, OPEN, None)) == [
        ((START, False), (140, True)),
        ((START, False), (120, True), (150, False)),
        ((START, False), (120, True)),
    ]


def test_a_part_of_known_nodes_concerns_nobody() -> None:
    assert unlocated((0, 120, 150, (0,))) is None
    assert unlocated() is None


def test_a_part_outside_the_period_concerns_nobody_in_it() -> None:
    assert unlocated((0, 20, START, None), (1, END, 300, None)) == [((START, False),)] * 3
