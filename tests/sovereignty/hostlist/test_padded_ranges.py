"""Zero-padded ranges: folding and unfolding are twins, and a fold is never longer than it may
be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereignty.hostlist.padded_ranges import RANGE, RangeError, fold, natural, pack, unfold


def test_unfolds_with_the_padding_of_the_first_number() -> None:
    assert unfold("08", "11", room=9) == ["08", "09", "10", "11"]
    assert unfold("98", "101", room=9) == ["98", "99", "100", "101"]
    assert unfold("7", "7", room=1) == ["7"]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("3", "1", "want a range that rises, got 3-1"),
        ("010", "20", "want a range that rises, got 010-20"),
        ("8", "012", "want a range whose ends have the same padding, got 8-012"),
        ("1", "10", "want at most 9 more numbers, got 10"),
        ("1", "1" * 19, "want at most 18 digits, got 19"),
    ],
)
def test_refuses_what_is_no_range(first: str, last: str, message: str) -> None:
    with pytest.raises(RangeError, match=message):
        unfold(first, last, room=9)


def test_a_fold_holds_at_most_so_many_numbers() -> None:
    assert fold(map(str, range(1, 8)), most=3) == ["1-3", "4-6", "7"]


def test_packs_items_into_texts_of_bounded_length_and_count() -> None:
    assert pack(["1-3", "5", "7-9"], longest=5, most=10) == ["1-3,5", "7-9"]
    assert pack(["1-3", "5", "7-9"], longest=20, most=4) == ["1-3,5", "7-9"]
    assert pack(["1000000"], longest=3, most=1) == ["1000000"]
    assert pack([], longest=3, most=1) == []


def test_sorts_numbers_by_value() -> None:
    assert sorted(["n10", "n2", "n02", "m", "n"], key=natural) == ["m", "n", "n2", "n02", "n10"]


@given(
    st.sets(
        st.tuples(st.integers(0, 1_100), st.integers(1, 5)).map(
            lambda pair: str(pair[0]).zfill(pair[1])
        )
    )
)
def test_unfolding_what_was_folded_gives_the_set_again(numbers: set[str]) -> None:
    unfolded: list[str] = []
    for item in fold(numbers, most=100):
        bounds = RANGE.fullmatch(item)
        unfolded += [item] if bounds is None else unfold(bounds.group(1), bounds.group(2), room=100)
    assert len(unfolded) == len(numbers)
    assert set(unfolded) == numbers
