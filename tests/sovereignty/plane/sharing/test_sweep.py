"""The sweep on shapes too large for the oracle."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.runs import rows_in
from sovereignty.plane.sharing.sweep import sweep
from sovereignty.plane.world import OPEN, Grade, KPart, Runs, Statement, Touches
from tests.sovereignty.policy.small_worlds import Maker

NODES, SLOTS = 1_250, 8
CARDS = NODES * SLOTS


def world(items: Any, parts: Any = ()) -> Any:
    """From (tenant, first, last, start, end); a first of -1 has no cards."""
    array = np.array(items, dtype=np.int64).reshape(-1, 5)
    count = len(array)
    touches = Touches(
        [f"j{n}" for n in range(count)],
        array[:, 0].astype(np.int32),
        np.zeros(count, dtype=np.int32),
        array[:, 3],
        array[:, 4],
        np.full(count, 3, dtype=np.int8),
        np.full(count, 3, dtype=np.int8),
    )
    explicit = np.flatnonzero(array[:, 1] >= 0)
    return replace(
        Maker(0).world(),
        nodes=[f"n{n}" for n in range(NODES)],
        card_node=np.repeat(np.arange(NODES, dtype=np.int32), SLOTS),
        card_slot=[str(card % SLOTS) for card in range(CARDS)],
        tenants=["t0", "t1", "t2"],
        statements=[
            Statement(("cards", (0, CARDS - 1)), 0, Grade.DECLARED, "site", 1, {"present": "yes"})
        ],
        touches=touches,
        runs=Runs(explicit.astype(np.int32), *(array[explicit, column] for column in (1, 2, 3, 4))),
        parts=[*parts],
    )


def swept(fleet: Any, start: Any = 0, end: Any = 1_000) -> Any:
    rows = rows_in(fleet, start, end)
    return rows, sweep(fleet, rows, Grade.DECLARED, start, end)


def area(rows: Any) -> Any:
    return int(rows.area().sum())


def test_an_orderly_fleet_shares_nothing() -> None:
    items = [
        (n % 3, card, card + 7, 100 * n, 100 * n + 100)
        for n in range(10)
        for card in range(0, CARDS, SLOTS)
    ]
    _, exclusivity = swept(world(items))
    assert (
        len(exclusivity.affected),
        len(exclusivity.sharings.touch),
        area(exclusivity.shared),
    ) == (0, 0, 0)


def test_one_job_that_never_ended_under_everything_else() -> None:
    items = [(0, 0, CARDS - 1, 0, OPEN)] + [
        (1, card, card, 10 * n, 10 * n + 5) for n in range(3) for card in range(CARDS)
    ]
    rows, exclusivity = swept(world(items))
    assert len(exclusivity.sharings.touch) == 2 * 3 * CARDS
    assert area(exclusivity.shared) == 2 * 3 * CARDS * 5
    assert area(exclusivity.remains) == CARDS * 1_000 - 3 * CARDS * 5
    assert len(exclusivity.affected) == len(rows)
    # What all cards have in common is returned as ranges, not card by card.
    assert len(exclusivity.remains) == 3


def test_two_large_jobs_are_one_sharing() -> None:
    _, exclusivity = swept(world([(0, 0, 7_999, 0, 600), (1, 2_000, CARDS - 1, 500, 1_000)]))
    sharings = exclusivity.sharings
    assert sorted(zip(sharings.touch.tolist(), sharings.other.tolist(), strict=True)) == [
        (0, 1),
        (1, 0),
    ]
    assert (sharings.first.tolist(), sharings.last.tolist()) == ([2_000] * 2, [7_999] * 2)
    assert (sharings.start.tolist(), sharings.end.tolist()) == ([500] * 2, [600] * 2)
    assert (area(exclusivity.shared), area(exclusivity.remains)) == (
        2 * 6_000 * 100,
        8_000 * 600 + 8_000 * 500 - 2 * 6_000 * 100,
    )


def test_a_part_makes_its_nodes_uncertain_and_shares_nothing() -> None:
    items = [(0, -1, -1, 0, 1_000), (1, 0, 3, 200, 300), (0, 4, 7, 0, 1_000), (2, 16, 16, 0, 1_000)]
    _, exclusivity = swept(world(items, [KPart(0, 2, (0, 1))]))
    assert area(exclusivity.shared) == 0
    # The part's two cards and the other tenant's four, while both are there; its own tenant's cards
    # are not uncertain.
    assert sorted(exclusivity.uncertain.area().tolist()) == [2 * 100, 4 * 100]
    assert area(exclusivity.remains) == 2 * 900


def test_more_rows_than_one_portion_holds() -> None:
    # 2^19 rows a portion: the same card is shared in the first portion and in the last.
    count = 1_100_000
    card = np.arange(count) % CARDS
    start = np.arange(count) // CARDS * 2
    items = np.stack([np.zeros(count, dtype=np.int64), card, card, start, start + 1], axis=1)
    items = np.concatenate(
        (
            items,
            [[1, 0, 0, 0, 1], [1, CARDS - 1, CARDS - 1, 100, 101], [1, 0, CARDS - 1, 999, 1_000]],
        )
    )
    _, exclusivity = swept(world(items))
    pairs = sorted(
        zip(exclusivity.sharings.first.tolist(), exclusivity.sharings.start.tolist(), strict=True)
    )
    assert pairs == [(0, 0), (0, 0), (CARDS - 1, 100), (CARDS - 1, 100)]
