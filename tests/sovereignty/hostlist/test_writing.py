"""Writing hostlists: one canonical list of texts for a set of cards, which reads back as the same
set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereignty.hostlist import (
    HostlistError,
    compress,
    compress_by_node,
    compress_nodes,
    expand,
    expand_nodes,
    expand_slots,
)
from sovereignty.hostlist.padded_ranges import RANGE
from sovereignty.hostlist.writing import LONGEST_SLOTS


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        ([f"hz-a-{number:04d}" for number in range(1, 1_251)], ["hz-a-[0001-1250]"]),
        (["r7n08", "r1n08", "r3n08", "r2n08"], ["r[1-3,7]n08"]),
        ([f"r{rack}n{node:02d}" for rack in (1, 2) for node in (8, 9, 10)], ["r[1-2]n[08-10]"]),
        (["r1n1", "r1n2", "r2n1"], ["r1n[1-2]", "r2n1"]),
        (["n9", "n10", "n99", "n100"], ["n[9-10,99-100]"]),
        (["n9", "n09", "n10"], ["n[9,09-10]"]),
        (["n9", "n010"], ["n[9,010]"]),
        (["n10", "n2", "login"], ["login", "n[2,10]"]),
        (["a1", "a1"], ["a1"]),
        (["u1a2b3c4d5", "u1a2b3c4d6", "u2a2b3c4d5"], ["u1a2b3c4d[5-6]", "u2a2b3c4d5"]),
        (["x1234567890123456789n1", "x1234567890123456789n2"], ["x1234567890123456789n[1-2]"]),
        ([], []),
    ],
)
def test_writes_node_sets_canonically(names: list[str], patterns: list[str]) -> None:
    assert compress_nodes(names) == patterns
    assert sorted(node for pattern in patterns for node in expand_nodes(pattern)) == sorted(
        set(names)
    )


def test_writes_nodes_with_the_same_slots_together() -> None:
    pairs = [(f"n{node}", str(slot)) for node in (1, 2, 3) for slot in range(8)]
    assert compress([*pairs, ("n4", "0"), ("n4", "pci:0000:3b:00.0")]) == [
        "n4/0,pci:0000:3b:00.0",
        "n[1-3]/0-7",
    ]


def test_a_set_too_large_for_one_text_becomes_several() -> None:
    nodes = [f"n{number}" for number in range(0, 60_000, 2)]
    texts = compress((node, "0") for node in nodes)
    assert len(texts) > 1
    assert max(map(len, texts)) <= 32_000
    assert sorted(node for text in texts for node, _ in expand(text)) == sorted(nodes)


def test_slots_too_many_for_one_text_become_several() -> None:
    slots = [f"pci:{bus:04x}:3b:00.0" for bus in range(500)] + [str(slot) for slot in range(5_000)]
    texts = compress(("n1", slot) for slot in slots)
    assert max(len(text) for text in texts) <= LONGEST_SLOTS + len("n1/")
    assert sorted(slot for text in texts for _, some in expand(text) for slot in some) == sorted(
        slots
    )


def test_writes_the_longest_numbers_as_they_are() -> None:
    pairs = {("n1", "1234567890123456789"), ("n1", "1234567890123456790")}
    assert compress(pairs) == ["n1/1234567890123456789,1234567890123456790"]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (("n 1", "0"), "a name of letters"),
        (("", "0"), "a name of letters"),
        (("n1", ""), "a name of letters"),
        (("n1", "0/1"), "a name of letters"),
        (("n1", "0-7"), "a slot name that does not read as a range"),
        (("n" * 101, "0"), "a name of at most 100 characters"),
    ],
)
def test_refuses_names_that_cannot_stand_in_a_hostlist(
    pair: tuple[str, str], expected: str
) -> None:
    with pytest.raises(HostlistError, match=f"want {expected}"):
        compress([pair])


def test_refuses_to_write_more_nodes_than_one_text_may_hold() -> None:
    with pytest.raises(HostlistError, match="want at most 1000000 nodes, got 1000001"):
        compress_nodes(str(number) for number in range(1_000_001))


numbers = st.one_of(st.integers(0, 12), st.integers(0, 1_100)).map(str)
padded = st.tuples(numbers, st.integers(1, 4)).map(lambda pair: pair[0].zfill(pair[1]))
names = st.one_of(
    st.lists(
        st.one_of(padded, st.sampled_from(["r", "n", "-", "hz-a-"])), min_size=1, max_size=9
    ).map("".join),
    st.text("09aZ._+:-", min_size=1, max_size=40),
)


def is_one_spelling(name: str) -> bool:
    try:
        return expand_slots(name) == [name]
    except HostlistError:
        return False


slot_names = st.one_of(padded, names).filter(
    lambda name: RANGE.fullmatch(name) is None and is_one_spelling(name)
)


@given(st.sets(st.tuples(names, slot_names), max_size=60))
def test_expanding_what_was_compressed_gives_the_set_again(pairs: set[tuple[str, str]]) -> None:
    texts = compress(pairs)
    expanded = [(node, slot) for text in texts for node, slots in expand(text) for slot in slots]
    assert len(expanded) == len(pairs)
    assert set(expanded) == pairs
    assert compress(expanded) == texts


@given(st.sets(st.tuples(st.integers(1, 12), st.integers(1, 120)), min_size=1, max_size=200))
def test_a_grid_of_nodes_survives_the_round_trip(grid: set[tuple[int, int]]) -> None:
    nodes = {f"r{rack}n{node:02d}" for rack, node in grid}
    assert sorted(node for text in compress_nodes(nodes) for node in expand_nodes(text)) == sorted(
        nodes
    )


def test_slots_by_node_are_written_as_their_pairs_are() -> None:
    assert compress_by_node({"n1": ("1", "0"), "n2": ("0", "1"), "n3": ("0",)}) == [
        "n3/0",
        "n[1-2]/0-1",
    ]
    assert compress_by_node({}) == []
