"""Busy periods, and who overlaps in them."""

from random import Random
from typing import Any

import numpy as np

from sovereignty.plane.sharing.overlaps import (
    MOST_PAIRS,
    Clock,
    contested_busy_periods,
    find_overlaps,
)


def columns(rows: Any) -> Any:
    array = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4)
    return array[:, 0], array[:, 1], array[:, 2], array[:, 3].astype(np.int32)


def test_clock_packs_and_unpacks() -> None:
    clock = Clock(1000, 50)
    key, time = clock.unpack(clock.pack(np.array([0, 3]), np.array([1050, 1000])))
    assert (key.tolist(), time.tolist()) == ([0, 3], [1050, 1000])


def test_rows_that_follow_each_other_are_not_contested() -> None:
    members, _ = contested_busy_periods(
        Clock(0, 100), *columns([(0, 0, 10, 1), (0, 10, 20, 2), (1, 0, 100, 3), (2, 0, 5, 4)])
    )
    assert members.tolist() == []


def test_one_tenant_alone_is_not_contested() -> None:
    members, _ = contested_busy_periods(Clock(0, 100), *columns([(0, 0, 10, 1), (0, 5, 20, 1)]))
    assert members.tolist() == []


def test_a_long_row_holds_a_busy_period_together() -> None:
    rows = [(0, 0, 90, 1), (0, 10, 20, 1), (0, 30, 40, 2), (0, 95, 99, 2)]
    members, period = contested_busy_periods(Clock(0, 100), *columns(rows))
    assert members.tolist() == [0, 1, 2]
    assert len(set(period.tolist())) == 1


def test_nobody_is_there() -> None:
    members, period = contested_busy_periods(Clock(0, 100), *columns([]))
    assert (len(members), len(period)) == (0, 0)


def test_finds_all_overlaps_of_two_tenants() -> None:
    random = Random(5)
    for _ in range(200):
        rows = []
        for _ in range(random.randint(0, 8)):
            start = random.randint(0, 9)
            rows.append(
                (random.randint(0, 1), start, random.randint(start + 1, 12), random.randint(0, 2))
            )
        resource, start, end, tenant = columns(rows)
        overlaps = find_overlaps(Clock(0, 12), resource, start, end, tenant)
        received = set(
            zip(
                overlaps.a.tolist(),
                overlaps.b.tolist(),
                overlaps.start.tolist(),
                overlaps.end.tolist(),
                strict=True,
            )
        )
        expected = set()
        for a in range(len(rows)):
            for b in range(a + 1, len(rows)):
                common = max(start[a], start[b]), min(end[a], end[b])
                if resource[a] == resource[b] and tenant[a] != tenant[b] and common[0] < common[1]:
                    expected.add((a, b, int(common[0]), int(common[1])))
        assert received == expected


def test_more_overlaps_than_fit_at_once_are_all_found() -> None:
    count = 3_000
    rows = [(0, n, 2 * count, n % 2) for n in range(count)]
    assert count * (count - 1) // 2 > MOST_PAIRS
    overlaps = find_overlaps(Clock(0, 2 * count), *columns(rows))
    assert len(overlaps.a) == (count // 2) ** 2
