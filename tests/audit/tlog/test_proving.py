"""Proofs from stored hashes are those of RFC 9162, of every tree up to 64 leaves, and cheap."""

from collections.abc import Sequence
from math import floor, log2

import pytest

from audit.tlog.errors import ProofError
from audit.tlog.merkle import Hash, check_consistency, check_inclusion, leaf_hash, root_hash
from audit.tlog.nodes import Node, covering
from audit.tlog.proving import Tree, prove_consistency, prove_inclusion
from tests.audit.tlog.rfc9162 import rfc_path, rfc_subproof

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(100)]
ROOTS = [root_hash(LEAVES[:size]) for size in range(65)]
SIZES = range(1, 65)


class CountingStore:
    """A store that has grown to a hundred leaves, as a live log does, and counts what is read."""

    def __init__(self) -> None:
        self._tree = Tree(LEAVES)
        self.calls: list[list[Node]] = []

    def read(self, nodes: Sequence[Node]) -> list[Hash]:
        self.calls.append(list(nodes))
        return self._tree.read(nodes)

    def count_call(self, size: int) -> int:
        """Return how many hashes were read since, in one call at most, all of the first `size`
        leaves."""
        assert len(self.calls) <= 1
        nodes = [node for call in self.calls for node in call]
        assert all((node.index + 1) * node.size <= size for node in nodes)
        assert len(set(nodes)) == len(nodes)
        self.calls.clear()
        return len(nodes)


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_is_that_of_the_definition_and_checks(size: int) -> None:
    store, tree = CountingStore(), Tree(LEAVES[:size])
    for index in range(size):
        proof = prove_inclusion(index, size, store.read)
        assert list(proof) == list(tree.prove_inclusion(index)) == rfc_path(index, LEAVES[:size])
        check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        assert store.count_call(size) <= 2 * floor(log2(size))


@pytest.mark.parametrize("size", SIZES)
def test_every_consistency_proof_is_that_of_the_definition_and_checks(size: int) -> None:
    store, tree = CountingStore(), Tree(LEAVES[:size])
    for old in range(1, size + 1):
        proof = prove_consistency(old, size, store.read)
        assert list(proof) == list(tree.prove_consistency(old))
        assert list(proof) == rfc_subproof(old, LEAVES[:size], True)
        check_consistency(old, ROOTS[old], size, ROOTS[size], proof)
        assert store.count_call(size) <= 1 + 2 * floor(log2(size))


def test_proves_an_entry_of_a_log_too_large_to_hold() -> None:
    """A log of a billion equal leaves, whose nodes are equal on each level."""
    levels = [LEAVES[0]]
    while len(levels) < 31:
        levels.append(root_hash([levels[-1], levels[-1]]))
    size, old_size = 10**9, 999_999_999
    reads: list[Node] = []

    def read(nodes: Sequence[Node]) -> list[Hash]:
        reads.extend(nodes)
        return [levels[node.level] for node in nodes]

    roots = {}
    for leaves in (old_size, size):
        peaks = [levels[node.level] for node in covering(0, leaves)]
        root = peaks.pop()
        while peaks:
            root = _node(peaks.pop(), root)
        roots[leaves] = root
    check_inclusion(LEAVES[0], 7, size, prove_inclusion(7, size, read), roots[size])
    assert len(reads) <= 60
    proof = prove_consistency(old_size, size, read)
    check_consistency(old_size, roots[old_size], size, roots[size], proof)


def _node(left: Hash, right: Hash) -> Hash:
    return root_hash([left, right])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (4, 3), (0, 0), (0, -1), (-1, 0)])
def test_refuses_an_index_outside_the_tree(index: int, size: int) -> None:
    store = CountingStore()
    with pytest.raises(ProofError, match=f"index {index} is outside the tree of {size} entries"):
        prove_inclusion(index, size, store.read)
    assert store.calls == []
    if size >= 0:
        with pytest.raises(ProofError, match="outside the tree"):
            Tree(LEAVES[:size]).prove_inclusion(index)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5), (-2, -1)])
def test_refuses_sizes_that_prove_nothing(old: int, new: int) -> None:
    store = CountingStore()
    with pytest.raises(ProofError, match="want 0 < old size <= new size"):
        prove_consistency(old, new, store.read)
    assert store.calls == []
    if new >= 0:
        with pytest.raises(ProofError, match="want 0 < old size <= new size"):
            Tree(LEAVES[:new]).prove_consistency(old)


@pytest.mark.parametrize("change", [-1, 1])
def test_refuses_a_reader_that_returns_another_number_of_hashes(change: int) -> None:
    def read(nodes: Sequence[Node]) -> list[Hash]:
        return LEAVES[: len(nodes) + change]

    for prove in (prove_inclusion, prove_consistency):
        with pytest.raises(ProofError, match=r"reader returned \d+ hashes, want \d+"):
            prove(5, 11, read)


def test_refuses_a_reader_that_returns_what_is_no_hash() -> None:
    for prove in (prove_inclusion, prove_consistency):
        with pytest.raises(ProofError, match="a hash has 31 bytes, want 32"):
            prove(5, 11, lambda nodes: [Hash(bytes(31))] * len(nodes))


@pytest.mark.parametrize("size", range(65))
def test_a_tree_reads_its_complete_nodes_and_no_others(size: int) -> None:
    tree = Tree(LEAVES[:size])
    for level in range(8):
        for index in range(66 >> level):
            node = Node(level, index)
            if (index + 1) << level <= size:
                leaves = LEAVES[index << level : (index + 1) << level]
                assert tree.read([node]) == [root_hash(leaves)]
            else:
                with pytest.raises(ProofError, match=f"is not complete in {size} leaves"):
                    tree.read([node])
    for node in (Node(-1, 0), Node(0, -1)):
        with pytest.raises(ProofError, match="is not complete"):
            tree.read([node])
