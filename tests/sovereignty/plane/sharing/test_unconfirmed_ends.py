"""Touches whose end is not accepted evidence: company for ever, judged over their own time."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.runs import EXPLICIT, rows_in
from sovereignty.plane.sharing.sweep import sweep
from sovereignty.plane.sharing.unconfirmed_ends import in_own_time, lasting
from sovereignty.plane.world import Grade, KPart, World
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

START, END = 100, 200


def world(*touches: Any, parts: Any = ()) -> World:
    """Touches of (tenant, start, end, grade of the end) on the one card of a node; the last with
    `parts` instead."""
    explicit = touches[: len(touches) - bool(parts)]
    return replace(
        Maker(0).world(),
        nodes=["n0"],
        card_node=np.zeros(1, dtype=np.int32),
        card_slot=["0"],
        tenants=["t0", "t1"],
        workloads=["w"],
        statements=[],
        touches=touches_of(
            [
                (f"j{n}", tenant, 0, at, to, 3, grade)
                for n, (tenant, at, to, grade) in enumerate(touches)
            ]
        ),
        runs=runs_of([(n, 0, 0, at, to) for n, (_, at, to, _) in enumerate(explicit)]),
        parts=[KPart(len(explicit), 1, nodes) for nodes in parts],
    )


def company(fleet: World, least: Grade = Grade.DECLARED) -> Any:
    """(touch, whether explicit, start, end) of each row as company, and how many are of touches
    told to be over."""
    found = lasting(fleet, rows_in(fleet, START, END), least, START, END)
    rows = found.rows
    columns = (
        rows.touch.tolist(),
        (rows.part == EXPLICIT).tolist(),
        rows.start.tolist(),
        rows.end.tolist(),
    )
    return list(zip(*columns, strict=True)), found.before


def test_accepted_ends_are_ends() -> None:
    fleet = world((0, 110, 120, Grade.DECLARED), (1, 20, 50, Grade.OBSERVED))
    assert company(fleet) == ([(0, True, 110, 120)], 0)


def test_an_end_below_the_least_grade_is_none() -> None:
    fleet = world((0, 110, 120, Grade.PLANNED))
    assert company(fleet) == ([(0, True, 110, END)], 0)
    assert company(fleet, Grade.PLANNED) == ([(0, True, 110, 120)], 0)


def test_touches_that_are_told_to_have_ended_before_are_company_over_the_whole_period() -> None:
    fleet = world(
        (0, 110, 120, Grade.OBSERVED),
        (1, 20, START, Grade.PLANNED),
        (1, 20, 50, Grade.PLANNED),
        parts=[(0,), None],
    )
    assert company(fleet) == (
        [
            (1, True, START, END),
            (2, False, START, END),
            (2, False, START, END),
            (0, True, 110, 120),
        ],
        3,
    )


def test_what_was_found_is_cut_to_the_touches_own_time() -> None:
    fleet = world(
        (0, 110, 120, Grade.PLANNED), (1, 115, 130, Grade.OBSERVED), (1, 20, 50, Grade.PLANNED)
    )
    rows = rows_in(fleet, START, END)
    made = lasting(fleet, rows, Grade.DECLARED, START, END)
    met = in_own_time(fleet, sweep(fleet, made.rows, Grade.DECLARED, START, END), made.before)
    shared = zip(
        met.shared.touch.tolist(), met.shared.start.tolist(), met.shared.end.tolist(), strict=True
    )
    # The third, told to be over, met the first from the beginning on; its own time is past, so only
    # the first says so.
    assert sorted(shared) == [(0, 110, 120), (1, 115, 130)]
    others = zip(
        met.sharings.touch.tolist(),
        met.sharings.other.tolist(),
        met.sharings.end.tolist(),
        strict=True,
    )
    assert sorted(others) == [(0, 1, 120), (0, 2, 120), (1, 0, 130)]
    assert met.affected.tolist() == [0, 1]
