"""Sets of times."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereignty.plane.intervals import (
    as_steps,
    complement,
    intersect,
    overlap,
    union,
    union_arrays,
)

PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8)


def instants(intervals: Any) -> Any:
    return {t for start, end in intervals for t in range(start, end)}


def test_union_joins_what_abuts_and_drops_what_is_empty() -> None:
    assert union([(5, 7), (0, 5), (9, 9), (12, 13)]) == ((0, 7), (12, 13))


@settings(deadline=None)
@given(PAIRS)
def test_union_of_arrays_is_the_union(pairs: Any) -> None:
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    assert union_arrays(array[:, 0], array[:, 1]) == union(pairs)
    assert instants(union(pairs)) == instants(pairs)


@settings(deadline=None)
@given(PAIRS, PAIRS)
def test_complement_intersect_and_overlap_are_those_of_sets(pairs: Any, others: Any) -> None:
    ours, theirs = union(pairs), union(others)
    assert instants(complement(ours, 3, 15)) == set(range(3, 15)) - instants(ours)
    assert instants(intersect(ours, 3, 15)) == instants(ours) & set(range(3, 15))
    assert instants(overlap(ours, theirs)) == instants(ours) & instants(theirs)
    assert overlap(ours, theirs) == union(overlap(theirs, ours))


@settings(deadline=None)
@given(PAIRS)
def test_as_steps_says_whether_each_instant_is_in(pairs: Any) -> None:
    steps = as_steps(union(pairs), 3, 15)
    assert steps[0][0] == 3
    for t in range(3, 15):
        assert [value for start, value in steps if start <= t][-1] is (t in instants(pairs))
