"""Compact ranges give the roots of whole trees; range proofs admit no leaf more or less."""

import json
from collections.abc import Iterator, Sequence
from math import floor, log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.compact import CompactRange, RangeProof, check_range, merge, prove_range
from audit.tlog.errors import ProofError
from audit.tlog.merkle import EMPTY_ROOT, Hash, leaf_hash, root_hash
from audit.tlog.nodes import Node
from audit.tlog.proving import Tree

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(1100)]
STORE = Tree(LEAVES)
ROOTS = [root_hash(LEAVES[:size]) for size in range(34)]
# (begin, end) of the ranges that cross the borders of the blocks that `extend` folds.
AROUND_BLOCKS = [
    (0, 255),
    (0, 256),
    (0, 257),
    (0, 1024),
    (1, 256),
    (255, 258),
    (3, 1100),
    (256, 513),
    (300, 301),
]


def _range(begin: int, end: int) -> CompactRange:
    """Made leaf by leaf, the definition."""
    made = CompactRange.empty(begin)
    for leaf in LEAVES[begin:end]:
        made.append(leaf)
    return made


def _covering(begin: int, end: int) -> list[tuple[int, int]]:
    """The fewest complete aligned subtrees that cover [begin, end), by trying every size."""
    subtrees = []
    while begin < end:
        size = max(2**k for k in range(12) if begin % 2**k == 0 and begin + 2**k <= end)
        subtrees.append((begin, begin + size))
        begin += size
    return subtrees


def test_gives_the_roots_of_the_reference_tree(shared: Path) -> None:
    vector = json.loads(
        (shared / "vectors/rfc6962-reference/rfc6962_reference_tree.json").read_text()
    )
    grown = CompactRange.empty()
    roots = [grown.root().hex()]
    for data in vector["leaf_inputs_hex"]:
        grown.append(leaf_hash(bytes.fromhex(data)))
        roots.append(grown.root().hex())
    assert roots == vector["root_hashes_hex_by_size_0_to_8"]


def test_gives_the_root_of_every_tree_as_it_grows() -> None:
    grown = CompactRange.empty()
    for size in range(130):
        assert (grown.begin, grown.end, grown.size) == (0, size, size)
        assert grown.root() == root_hash(LEAVES[:size])
        grown.append(LEAVES[size])


@pytest.mark.parametrize("begin", range(40))
def test_keeps_the_roots_of_the_fewest_complete_subtrees(begin: int) -> None:
    for end in range(begin, 41):
        want = [root_hash(LEAVES[first:last]) for first, last in _covering(begin, end)]
        assert list(_range(begin, end).hashes) == want
        assert _range(begin, end).size == end - begin


@pytest.mark.parametrize(
    ("begin", "end"), [(0, 0), (0, 1), (0, 33), (7, 7), (7, 29), *AROUND_BLOCKS]
)
def test_extends_as_it_appends(begin: int, end: int) -> None:
    whole = CompactRange.empty(begin)
    whole.extend(iter(LEAVES[begin:end]))
    assert (whole.end, whole.hashes) == (end, _range(begin, end).hashes)
    for middle in (begin + 1, begin + 255, begin + 300):
        if middle <= end:
            parts = _range(begin, middle)
            parts.extend(LEAVES[middle:end])
            assert (parts.end, parts.hashes) == (end, whole.hashes)


@pytest.mark.parametrize("begin", range(34))
def test_reads_back_what_it_wrote(begin: int) -> None:
    for end in range(begin, 34):
        made = _range(begin, end)
        again = CompactRange.decode(begin, end, made.encode())
        assert (again.begin, again.end, again.hashes) == (begin, end, made.hashes)
        again.append(LEAVES[end])
        assert again.hashes == _range(begin, end + 1).hashes


@pytest.mark.parametrize("begin", range(34))
def test_refuses_more_or_fewer_bytes_than_the_range_has(begin: int) -> None:
    for end in range(begin, 34):
        data = _range(begin, end).encode()
        with pytest.raises(ProofError, match="hashes, want"):
            CompactRange.decode(begin, end, data + EMPTY_ROOT)
        with pytest.raises(ProofError, match="a hash has 1 bytes, want 32"):
            CompactRange.decode(begin, end, data + b"\0")
        if data:
            with pytest.raises(ProofError, match="hashes, want"):
                CompactRange.decode(begin, end, data[:-32])


def test_merges_every_two_neighbours() -> None:
    for begin in range(20):
        for end in range(begin, 20):
            for middle in range(begin, end + 1):
                left, right = _range(begin, middle), _range(middle, end)
                both = merge(left, right)
                assert (both.begin, both.end, both.hashes) == (
                    begin,
                    end,
                    _range(begin, end).hashes,
                )
                assert (left.end, right.begin) == (middle, middle)


@pytest.mark.parametrize(("left", "right"), [((0, 3), (4, 6)), ((0, 3), (2, 6)), ((3, 6), (0, 3))])
def test_refuses_to_merge_ranges_that_do_not_meet(
    left: tuple[int, int], right: tuple[int, int]
) -> None:
    with pytest.raises(ProofError, match=f"want a range that begins at {left[1]}, got"):
        merge(_range(*left), _range(*right))


def test_a_range_that_begins_later_has_no_root() -> None:
    with pytest.raises(ProofError, match=r"range \[3, 6\) has no root"):
        _range(3, 6).root()


@pytest.mark.parametrize(("begin", "end"), [(-1, 0), (2, 1), (-2, -1)])
def test_refuses_a_range_that_is_none(begin: int, end: int) -> None:
    with pytest.raises(ProofError, match="want 0 <= begin <= end"):
        CompactRange(begin, end, ())


@pytest.mark.parametrize("index", [0, 5, 256, 300])
def test_refuses_a_leaf_of_another_length(index: int) -> None:
    bad = [*LEAVES[:index], Hash(LEAVES[index] + b"\0"), *LEAVES[index + 1 : 600]]
    grown = CompactRange.empty()
    with pytest.raises(ProofError, match="a hash has 33 bytes, want 32"):
        grown.extend(bad)
    assert grown.hashes == _range(0, index).hashes


@pytest.mark.parametrize("size", range(1, 34))
def test_proves_every_range_of_every_tree(size: int) -> None:
    for begin, end in _parts(size):
        check_range(
            LEAVES[begin:end], begin, size, prove_range(begin, end, size, STORE.read), ROOTS[size]
        )


@pytest.mark.parametrize("size", range(1, 65))
def test_every_range_proof_is_the_compact_ranges_around_it_and_cheap(size: int) -> None:
    counts: list[int] = []

    def read(nodes: Sequence[Node]) -> list[Hash]:
        counts.append(len(nodes))
        return STORE.read(nodes)

    right = {end: _range(end, size).hashes for end in range(size + 1)}
    for begin in range(size):
        left = _range(0, begin).hashes
        for end in range(begin + 1, size + 1):
            counts.clear()
            assert prove_range(begin, end, size, read) == RangeProof(left, right[end])
            assert len(counts) <= 1
            assert sum(counts) <= 3 * floor(log2(size))


@pytest.mark.parametrize("change", [-1, 1])
def test_refuses_a_reader_that_returns_another_number_of_hashes(change: int) -> None:
    def read(nodes: Sequence[Node]) -> list[Hash]:
        return LEAVES[: len(nodes) + change]

    with pytest.raises(ProofError, match=rf"reader returned {3 + change} hashes, want 3"):
        prove_range(3, 6, 8, read)


@pytest.mark.parametrize("size", range(1, 34))
def test_refuses_every_corrupted_range_proof(size: int) -> None:
    for begin, end in _parts(size):
        proof = prove_range(begin, end, size, STORE.read)
        for bad in _corruptions(proof):
            with pytest.raises(ProofError):
                check_range(LEAVES[begin:end], begin, size, bad, ROOTS[size])


@pytest.mark.parametrize("size", range(1, 18))
def test_refuses_leaves_left_out_put_in_altered_or_reordered(size: int) -> None:
    for begin, end in _parts(size):
        proof = prove_range(begin, end, size, STORE.read)
        leaves = LEAVES[begin:end]
        for index in range(len(leaves)):
            for bad in (
                leaves[:index] + leaves[index + 1 :],
                [*leaves[:index], EMPTY_ROOT, *leaves[index:]],
                [*leaves[:index], EMPTY_ROOT, *leaves[index + 1 :]],
                [*leaves[:index], Hash(b"\0" * 31), *leaves[index + 1 :]],
                *(
                    [[*leaves[: index - 1], leaves[index], leaves[index - 1], *leaves[index + 1 :]]]
                    if index
                    else []
                ),
            ):
                with pytest.raises(ProofError):
                    check_range(bad, begin, size, proof, ROOTS[size])
        for other in (i for i in range(-1, size + 1) if i != begin):
            with pytest.raises(ProofError):
                check_range(leaves, other, size, proof, ROOTS[size])


def _parts(size: int) -> Iterator[tuple[int, int]]:
    return ((begin, end) for begin in range(size) for end in range(begin + 1, size + 1))


def _corruptions(proof: RangeProof) -> Iterator[RangeProof]:
    for left in _altered(proof.left):
        yield RangeProof(left, proof.right)
    for right in _altered(proof.right):
        yield RangeProof(proof.left, right)
    if proof.left != proof.right:
        yield RangeProof(proof.right, proof.left)


def _altered(hashes: tuple[Hash, ...]) -> Iterator[tuple[Hash, ...]]:
    """The hashes with each one altered, cut, dropped or doubled in turn, with two swapped, and with
    one more."""
    for index, value in enumerate(hashes):
        before, after = hashes[:index], hashes[index + 1 :]
        yield (*before, Hash(bytes([value[0] ^ 1]) + value[1:]), *after)
        yield (*before, Hash(value[:-1]), *after)
        yield (*before, *after)
        yield (*before, value, value, *after)
        if index:
            yield (*before[:-1], value, before[-1], *after)
    yield (EMPTY_ROOT, *hashes)
    yield (*hashes, EMPTY_ROOT)


@given(st.integers(1, 1100), st.data())
def test_proves_ranges_of_larger_trees(size: int, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(begin + 1, size))
    root = root_hash(LEAVES[:size])
    proof = prove_range(begin, end, size, STORE.read)
    check_range(LEAVES[begin:end], begin, size, proof, root)
    with pytest.raises(ProofError, match="range proof leads to root"):
        check_range([*LEAVES[begin : end - 1], EMPTY_ROOT], begin, size, proof, root)


@pytest.mark.parametrize(("begin", "end"), [(3, 3), (4, 3), (-1, 3), (0, 9), (8, 9)])
def test_refuses_to_prove_nothing_or_what_is_outside(begin: int, end: int) -> None:
    with pytest.raises(ProofError, match="want 0 <= begin < end <= 8"):
        prove_range(begin, end, 8, STORE.read)


def test_refuses_to_check_no_leaves() -> None:
    left, right = _range(0, 3).hashes, _range(3, 8).hashes
    with pytest.raises(ProofError, match=r"want 0 <= begin < end <= 8, got \[3, 3\)"):
        check_range([], 3, 8, RangeProof(left, right), ROOTS[8])
