"""Touches whose end is not accepted evidence: others meet them until the period ends; they are
judged over their own time."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.runs import EXPLICIT, rows_in
from sovereignty.plane.sharing.sweep import sweep
from sovereignty.plane.sharing.unconfirmed_ends import cut_to_own_time, extend_unconfirmed
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


def extended(fleet: World, least: Grade = Grade.DECLARED) -> Any:
    """(touch, whether explicit, start, end) of each row as others meet it, and how many are of
    touches that ended before the period."""
    extended_rows = extend_unconfirmed(fleet, rows_in(fleet, START, END), least, START, END)
    rows = extended_rows.rows
    columns = (
        rows.touch.tolist(),
        (rows.part == EXPLICIT).tolist(),
        rows.start.tolist(),
        rows.end.tolist(),
    )
    return list(zip(*columns, strict=True)), extended_rows.before


def test_accepted_ends_are_ends() -> None:
    fleet = world((0, 110, 120, Grade.DECLARED), (1, 20, 50, Grade.OBSERVED))
    assert extended(fleet) == ([(0, True, 110, 120)], 0)


def test_an_end_below_the_least_grade_is_no_end() -> None:
    fleet = world((0, 110, 120, Grade.PLANNED))
    assert extended(fleet) == ([(0, True, 110, END)], 0)
    assert extended(fleet, Grade.PLANNED) == ([(0, True, 110, 120)], 0)


def test_touches_whose_unconfirmed_end_is_before_the_period_last_over_all_of_it() -> None:
    fleet = world(
        (0, 110, 120, Grade.OBSERVED),
        (1, 20, START, Grade.PLANNED),
        (1, 20, 50, Grade.PLANNED),
        parts=[(0,), None],
    )
    assert extended(fleet) == (
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
    extension = extend_unconfirmed(fleet, rows, Grade.DECLARED, START, END)
    exclusivity = sweep(fleet, extension.rows, Grade.DECLARED, START, END)
    own = cut_to_own_time(fleet, exclusivity, extension.before)
    shared = zip(
        own.shared.touch.tolist(), own.shared.start.tolist(), own.shared.end.tolist(), strict=True
    )
    # The third has an unconfirmed end before the period, so it met the first from the beginning on.
    # Its own time is past, so only the first says so.
    assert sorted(shared) == [(0, 110, 120), (1, 115, 130)]
    others = zip(
        own.sharings.touch.tolist(),
        own.sharings.other.tolist(),
        own.sharings.end.tolist(),
        strict=True,
    )
    assert sorted(others) == [(0, 1, 120), (0, 2, 120), (1, 0, 130)]
    assert own.affected.tolist() == [0, 1]
