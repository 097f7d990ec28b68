"""Sorting, numbering, expanding."""

from typing import Any

import numpy as np
import pytest

from sovereignty.plane.ordering import (
    argsort,
    distinct,
    ends_of_groups,
    expand,
    number,
    starts_of_groups,
)


@pytest.mark.parametrize("high", [1, 100, 2**16, 2**31, 2**47, 2**62])
@pytest.mark.parametrize("count", [0, 1, 2, 1000, 100_000])
def test_argsort_is_stable_whatever_the_width(count: Any, high: Any) -> None:
    keys = np.random.default_rng(count).integers(-5, high, count)
    assert np.array_equal(argsort(keys), np.argsort(keys, kind="stable"))
    assert np.array_equal(argsort(np.sort(keys)), np.arange(count))


def test_argsort_takes_narrow_keys() -> None:
    keys = np.random.default_rng(1).integers(0, 9, 70_000).astype(np.int32)
    assert np.array_equal(argsort(keys), np.argsort(keys, kind="stable"))


def test_distinct_and_number_are_those_of_numpy() -> None:
    keys = np.random.default_rng(2).integers(0, 50, 1000)
    known, ranks = np.unique(keys, return_inverse=True)
    assert np.array_equal(distinct(keys), known)
    assert all(
        np.array_equal(ours, theirs)
        for ours, theirs in zip(number(keys), (known, ranks), strict=True)
    )
    assert [len(column) for column in number(keys[:0])] == [0, 0]


def test_groups_begin_and_end() -> None:
    first, second = np.array([1, 1, 1, 2, 2]), np.array([5, 5, 6, 6, 6])
    heads = starts_of_groups(first, second)
    assert heads.tolist() == [0, 2, 3]
    assert ends_of_groups(heads, 5).tolist() == [2, 3, 5]
    assert ends_of_groups(heads[:0], 0).tolist() == []


def test_expand_repeats_rows_and_counts_offsets() -> None:
    rows, offsets = expand(np.array([2, 0, 3]))
    assert rows.tolist() == [0, 0, 2, 2, 2]
    assert offsets.tolist() == [0, 1, 0, 1, 2]
