"""Worlds that contradict themselves are refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sovereignty.plane.errors import WorldError
from sovereignty.plane.validate import LONGEST_PERIOD_MS, check_reported_scope, validate
from sovereignty.plane.world import (
    Grade,
    Heard,
    KPart,
    ReportedScope,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
)
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of


def world() -> Any:
    return replace(
        Maker(0).world(),
        nodes=["n0"],
        card_node=np.array([0, -1, 0], dtype=np.int32),
        card_slot=["0", None, "2"],
        tenants=["t0"],
        workloads=["w0"],
        statements=[],
        touches=touches_of([("j0", 0, 0, 10, 90, 3)]),
        runs=runs_of([(0, 0, 0, 10, 90)]),
        parts=[],
        accesses=[],
        sources=[],
        heard=[],
        sequences=[],
    )


def sequence(numbers: Any, times: Any, trail: Any = None) -> Any:
    return SequenceNumbers(
        "slurm", trail, np.array(numbers, dtype=np.int64), np.array(times, dtype=np.int64)
    )


def declared(cards: Any) -> Any:
    return SourceDeclaration(
        "slurm", 0, 1, frozenset({"touch"}), cards, None, None, True, Grade.DECLARED
    )


def stated(subject: Any) -> Any:
    return Statement(subject, 0, Grade.DECLARED, "site", 1, {"region": "r0"})


def test_accepts_a_good_world() -> None:
    validate(world(), 0, 100)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"card_slot": ["0"]}, "card_slot: want 3 labels, one per card number, got 1"),
        ({"nodes": []}, "card_node: want numbers from -1 below 0, got 0"),
        ({"tenants": []}, "touches.tenant: want numbers from 0 below 0, got 0"),
        ({"workloads": []}, "touches.workload: want numbers from 0 below 0, got 0"),
        ({"touches": replace(world().touches, id=[])}, "touches.tenant: want 0 elements, got 1"),
        ({"runs": runs_of([(1, 0, 0, 10, 90)])}, "runs.touch: want numbers from 0 below 1, got 1"),
        ({"runs": runs_of([(0, 0, 3, 10, 90)])}, "runs.last: want numbers from 0 below 3, got 3"),
        ({"runs": runs_of([(0, 2, 0, 10, 90)])}, "runs: want first <= last"),
        ({"runs": runs_of([(0, 0, 2, 10, 90)])}, "runs: want only cards that were given to a node"),
        ({"runs": runs_of([(0, 0, 0, 9, 90)])}, "runs: want no run before its touch's start"),
        ({"runs": runs_of([(0, 0, 0, 10, 91)])}, "runs: want no run after its touch's end"),
        ({"parts": [KPart(1, 1, None)]}, "parts.touch: want numbers from 0 below 1, got 1"),
        ({"parts": [KPart(0, 0, None)]}, "parts.k: want numbers from 1 below 2147483648, got 0"),
        ({"parts": [KPart(0, 1, (7,))]}, "parts.nodes: want numbers from 0 below 1, got 7"),
        (
            {"statements": [stated(("node", 4))]},
            "statements of a node: want numbers from 0 below 1, got 4",
        ),
        (
            {"statements": [stated(("cards", (1, 3)))]},
            "statements: want a range of card numbers below 3, got 1..3",
        ),
        (
            {"sources": [declared(((2, 0),))]},
            "source 'slurm': want a range of card numbers below 3, got 2..0",
        ),
        (
            {"heard": [Heard("slurm", 0, 9, ((0, 9),))]},
            "heartbeat of 'slurm': want a range of card numbers below 3, got 0..9",
        ),
        (
            {"sequences": [sequence([1], [])]},
            "sequence of 'slurm': want a time for each number, got 0 times",
        ),
        (
            {"sequences": [sequence([0], [5])]},
            "sequence of 'slurm': want numbers from 1 that rise, got others",
        ),
        (
            {"sequences": [sequence([2, 2], [5, 6])]},
            "sequence of 'slurm': want numbers from 1 that rise, got others",
        ),
        (
            {"sequences": [sequence([1], [5], trail=1)]},
            "slurm': want the trail of a tenant of this world, or the fleet's, got 1",
        ),
        (
            {"sequences": [sequence([1], [5])] * 2},
            "sequence of 'slurm': want one sequence per trail, got another of trail None",
        ),
    ],
)
def test_refuses_a_world_that_contradicts_itself(changed: Any, message: Any) -> None:
    with pytest.raises(WorldError) as caught:
        validate(replace(world(), **changed), 0, 100)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (ReportedScope("slurm", 1), "reported_scope.trail: want numbers from 0 below 1, got 1"),
        (
            ReportedScope("slurm", None, nodes=frozenset({2})),
            "reported_scope.nodes: want numbers from 0 below 1, got 2",
        ),
    ],
)
def test_refuses_a_reported_scope_that_contradicts_the_world(
    scope: ReportedScope, message: str
) -> None:
    with pytest.raises(WorldError) as caught:
        check_reported_scope(world(), [scope])
    assert str(caught.value) == message


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (-1, 5), (0, LONGEST_PERIOD_MS)])
def test_refuses_an_impossible_period(start: Any, end: Any) -> None:
    with pytest.raises(WorldError, match="period: want"):
        validate(world(), start, end)


def test_refuses_more_cards_than_the_arithmetic_allows() -> None:
    many = replace(world(), card_node=np.zeros(2**21 + 1, dtype=np.int32))
    with pytest.raises(WorldError, match="card_node: want at most 2097152 cards, got 2097153"):
        validate(many, 0, 100)
