"""Nodes cover any range of leaves, and a reader answers for each node that it is asked for."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.errors import ProofError
from audit.tlog.merkle import EMPTY_ROOT, Hash, leaf_hash
from audit.tlog.nodes import Node, count_covering, covering, read_hashes

HASHES = [leaf_hash(b"%d" % i) for i in range(4)]
NODES = [Node(0, index) for index in range(4)]


def test_covers_a_range_with_the_fewest_nodes() -> None:
    assert list(covering(0, 6)) == [Node(2, 0), Node(1, 2)]
    assert list(covering(3, 6)) == [Node(0, 3), Node(1, 2)]
    assert list(covering(4, 8)) == [Node(2, 1)]
    assert list(covering(5, 5)) == []


@pytest.mark.parametrize("begin", range(65))
def test_covers_every_range_whole_and_without_overlap(begin: int) -> None:
    for end in range(begin, 65):
        nodes = list(covering(begin, end))
        position = begin
        for node in nodes:
            assert node.index * node.size == position
            position += node.size
        assert position == end
        assert count_covering(begin, end) == len(nodes)
        # No two neighbours are the halves of one node, so there is no cover with fewer.
        for left, right in pairwise(nodes):
            assert left.level != right.level or left.index % 2 == 1


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_counts_the_nodes_of_huge_ranges(begin: int, length: int) -> None:
    assert count_covering(begin, begin + length) == len(list(covering(begin, begin + length)))


def test_reads_in_one_call_and_in_order() -> None:
    calls: list[Sequence[Node]] = []

    def read(nodes: Sequence[Node]) -> list[Hash]:
        calls.append(nodes)
        return [HASHES[node.index] for node in nodes]

    assert read_hashes(NODES, read) == HASHES
    assert calls == [NODES]


def test_asks_nothing_for_no_nodes() -> None:
    def read(nodes: Sequence[Node]) -> list[Hash]:
        raise AssertionError("asked for no nodes")

    assert read_hashes([], read) == []


@pytest.mark.parametrize("count", [0, 3, 5])
def test_refuses_a_reader_that_returns_another_number_of_hashes(count: int) -> None:
    with pytest.raises(ProofError, match=f"reader returned {count} hashes, want 4"):
        read_hashes(NODES, lambda _: [EMPTY_ROOT] * count)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_refuses_a_reader_that_returns_what_is_no_hash(size: int) -> None:
    with pytest.raises(ProofError, match=f"a hash has {size} bytes, want 32"):
        read_hashes(NODES, lambda _: [*HASHES[:3], Hash(bytes(size))])


def test_lets_the_error_of_a_reader_through() -> None:
    def read(nodes: Sequence[Node]) -> list[Hash]:
        raise OSError("tile 0/000 is missing")

    with pytest.raises(OSError, match="tile 0/000 is missing"):
        read_hashes(NODES, read)
