"""Which rows are uncertain because a card's location is unknown."""

from random import Random

import numpy as np

from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.sharing.uncertain import find_uncertain

Row = tuple[int, int, int, int, bool]  # node, start, end, tenant, whether it may be any card


def uncertain(*rows: Row) -> list[tuple[int, int, int]]:
    """(row, start, end) of what is uncertain of these rows."""
    array = np.array(rows, dtype=np.int64).reshape(-1, 5)
    columns = array[:, 0], array[:, 1], array[:, 2], array[:, 3].astype(np.int32)
    intervals = find_uncertain(Clock(0, 100), *columns, array[:, 4].astype(np.bool_))
    return sorted(
        zip(
            intervals.row.tolist(),
            intervals.start.tolist(),
            intervals.end.tolist(),
            strict=True,
        )
    )


def test_both_are_uncertain_while_they_meet_on_the_node() -> None:
    assert uncertain((0, 0, 50, 1, True), (0, 20, 90, 2, False)) == [(0, 20, 50), (1, 20, 50)]


def test_known_cards_of_two_tenants_are_certain() -> None:
    assert uncertain((0, 0, 50, 1, False), (0, 20, 90, 2, False)) == []


def test_a_tenant_does_not_make_itself_uncertain() -> None:
    assert uncertain((0, 0, 50, 1, True), (0, 20, 90, 1, True), (0, 20, 90, 1, False)) == []


def test_nodes_are_apart() -> None:
    assert uncertain((0, 0, 50, 1, True), (1, 0, 50, 2, False)) == []


def test_rows_that_follow_each_other_do_not_meet() -> None:
    assert uncertain((0, 0, 50, 1, True), (0, 50, 90, 2, False)) == []


def test_one_row_is_one_interval_while_another_tenant_is_there() -> None:
    """Its tenant's own rows cut the time at 30 and 40, and the interval is not cut."""
    rows = [(0, 0, 90, 1, True), (0, 10, 80, 2, False), (0, 30, 40, 1, False)]
    assert uncertain(*rows) == [(0, 10, 80), (1, 10, 80)]


def test_two_meetings_are_two_intervals() -> None:
    rows = [(0, 0, 90, 1, True), (0, 10, 20, 2, False), (0, 30, 40, 3, False)]
    assert uncertain(*rows) == [(0, 10, 20), (0, 30, 40), (1, 10, 20), (2, 30, 40)]


def test_no_rows() -> None:
    assert uncertain() == []


def test_agrees_with_the_definition_at_every_moment() -> None:
    random = Random(11)
    for _ in range(200):
        rows = []
        for _ in range(random.randint(1, 6)):
            start = random.randint(0, 9)
            end = random.randint(start + 1, 10)
            rows.append(
                (random.randint(0, 1), start, end, random.randint(0, 2), random.random() < 0.4)
            )
        received = {
            (row, time) for row, start, end in uncertain(*rows) for time in range(start, end)
        }
        expected = {
            (number, time)
            for number, (node, start, end, tenant, any_card) in enumerate(rows)
            for time in range(start, end)
            if any(
                other_node == node
                and other_tenant != tenant
                and other_start <= time < other_end
                and (any_card or other_any_card)
                for other_node, other_start, other_end, other_tenant, other_any_card in rows
            )
        }
        assert received == expected
