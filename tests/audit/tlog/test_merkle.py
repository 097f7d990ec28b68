"""Roots and checked proofs: public vectors, the text of RFC 9162, every hash corrupted in turn."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.checkpoint import Checkpoint
from audit.tlog.errors import ProofError
from audit.tlog.merkle import (
    EMPTY_ROOT,
    Hash,
    Proof,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    root_hash,
)
from audit.tlog.note import parse_note
from audit.tlog.proving import Tree
from tests.audit.tlog.rfc9162 import (
    rfc_consistency_roots,
    rfc_inclusion_root,
    rfc_root,
    rfc_split,
)

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(64)]
ROOTS = [root_hash(LEAVES[:size]) for size in range(65)]
SIZES = range(1, 65)
BAD_LENGTHS = [Hash(b""), Hash(b"\0" * 31), Hash(b"\0" * 33)]


# Public vectors.


def test_gives_the_roots_of_the_reference_tree(shared: Path) -> None:
    vector = json.loads(
        (shared / "vectors/rfc6962-reference/rfc6962_reference_tree.json").read_text()
    )
    leaves = [leaf_hash(bytes.fromhex(data)) for data in vector["leaf_inputs_hex"]]
    levels = vector["node_hashes_hex_by_level"]
    assert [leaf.hex() for leaf in leaves] == levels[0]
    for below, above in pairwise(levels):
        pairs = zip(below[::2], below[1::2], strict=True)
        assert [node_hash(*map(_unhex, pair)).hex() for pair in pairs] == above
    roots = [root_hash(leaves[:size]).hex() for size in range(9)]
    assert roots == vector["root_hashes_hex_by_size_0_to_8"]


def _unhex(text: str) -> Hash:
    return Hash(bytes.fromhex(text))


def _aligned_subtrees() -> Iterator[tuple[int, int]]:
    """All [start, end) in a tree of 130 entries whose start is a multiple of the next power of
    two."""
    for end in range(131):
        for start in range(end + 1):
            if start % (1 << max(0, end - start - 1).bit_length()) == 0:
                yield start, end


def test_gives_every_subtree_root_of_the_accumulated_vector(shared: Path) -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(130)]
    lines = (f"[{a}, {b}) {root_hash(leaves[a:b]).hex()}\n" for a, b in _aligned_subtrees())
    assert _digest(lines) == _accumulated(shared, "TestSubtreeHashVectors")


def test_gives_every_inclusion_proof_of_the_accumulated_vector(shared: Path) -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(130)]

    def lines() -> Iterator[str]:
        for start, end in _aligned_subtrees():
            tree = Tree(leaves[start:end])
            for index in range(start, end):
                proof = tree.prove_inclusion(index - start)
                check_inclusion(leaves[index], index - start, end - start, proof, tree.root)
                yield (
                    f"{index} [{start}, {end})"
                    + "".join(f" {value.hex()}" for value in proof)
                    + "\n"
                )

    assert _digest(lines()) == _accumulated(shared, "TestSubtreeInclusionProofVectors")


def test_gives_every_consistency_proof_of_the_accumulated_vector(shared: Path) -> None:
    """The vector folds in the proofs of subtrees that start later; those the draft's own words
    give."""
    leaves = [leaf_hash(bytes([i])) for i in range(130)]
    roots = cache(lambda start, end: root_hash(leaves[start:end]))

    def draft(start: int, end: int, first: int, last: int, complete: bool) -> list[Hash]:
        """SUBTREE_SUBPROOF of draft-ietf-plants-merkle-tree-certs for [start, end) in
        leaves[first:last]."""
        if (start, end) == (first, last):
            return [] if complete else [roots(start, end)]
        middle = first + rfc_split(last - first)
        if end <= middle:
            return [*draft(start, end, first, middle, complete), roots(middle, last)]
        return [
            *draft(max(start, middle), end, middle, last, complete and start >= middle),
            roots(first, middle),
        ]

    def lines() -> Iterator[str]:
        for size in range(131):
            tree = Tree(leaves[:size])
            for start, end in ((start, end) for start, end in _aligned_subtrees() if end <= size):
                proof: Proof = []
                if start == 0 and end:
                    proof = tree.prove_consistency(end)
                    check_consistency(end, roots(0, end), size, tree.root, proof)
                elif start < end:
                    proof = draft(start, end, 0, size, True)
                yield (
                    f"[{start}, {end}) {size}"
                    + "".join(f" {value.hex()}" for value in proof)
                    + "\n"
                )

    assert _digest(lines()) == _accumulated(shared, "TestSubtreeConsistencyProofVectors")


def _digest(lines: Iterator[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _accumulated(shared: Path, name: str) -> str:
    vector = json.loads(
        (shared / "vectors/rfc6962-reference/plants_subtree_accumulated.json").read_text()
    )
    return str(vector["want"][name])


def test_gives_the_root_and_nodes_of_a_published_log(shared: Path) -> None:
    testdata = shared / "vectors/sunlight-skylight/cmd/skylight/testdata"
    folder = next((testdata / "witness/mirror").glob("000de1*"))
    leaves = [leaf_hash(b"record %d" % i) for i in range(300)]
    tiles = folder / "tile"
    assert b"".join(leaves) == (tiles / "0/000").read_bytes() + (tiles / "0/001.p/44").read_bytes()
    assert root_hash(leaves[:256]) == (tiles / "1/000.p/1").read_bytes()
    checkpoint = Checkpoint.decode(parse_note((folder / "checkpoint").read_bytes()).text)
    assert (checkpoint.size, checkpoint.root) == (300, root_hash(leaves))


# Every tree up to 64 leaves.


@pytest.mark.parametrize("size", SIZES)
def test_every_root_is_that_of_the_definition(size: int) -> None:
    assert ROOTS[size] == Tree(LEAVES[:size]).root == rfc_root(LEAVES[:size])


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_hash([]) == Tree([]).root == EMPTY_ROOT == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", SIZES)
def test_refuses_every_corrupted_inclusion_proof(size: int) -> None:
    tree = Tree(LEAVES[:size])
    for index in range(size):
        proof = tree.prove_inclusion(index)
        for bad in _corruptions(proof):
            with pytest.raises(ProofError):
                check_inclusion(LEAVES[index], index, size, bad, ROOTS[size])
        for flipped in _flips(LEAVES[index]):
            with pytest.raises(ProofError):
                check_inclusion(flipped, index, size, proof, ROOTS[size])
        for flipped in _flips(ROOTS[size]):
            with pytest.raises(ProofError):
                check_inclusion(LEAVES[index], index, size, proof, flipped)


@pytest.mark.parametrize("size", SIZES)
def test_refuses_every_inclusion_proof_at_another_index(size: int) -> None:
    tree = Tree(LEAVES[:size])
    for index in range(size):
        proof = tree.prove_inclusion(index)
        for other in (i for i in range(size) if i != index):
            with pytest.raises(ProofError):
                check_inclusion(LEAVES[index], other, size, proof, ROOTS[size])


@pytest.mark.parametrize("size", SIZES)
def test_refuses_every_corrupted_consistency_proof(size: int) -> None:
    tree = Tree(LEAVES[:size])
    for old in range(1, size + 1):
        proof = tree.prove_consistency(old)
        for bad in _corruptions(proof):
            with pytest.raises(ProofError):
                check_consistency(old, ROOTS[old], size, ROOTS[size], bad)
        for flipped in _flips(ROOTS[old]):
            with pytest.raises(ProofError):
                check_consistency(old, flipped, size, ROOTS[size], proof)
        for flipped in _flips(ROOTS[size]):
            with pytest.raises(ProofError):
                check_consistency(old, ROOTS[old], size, flipped, proof)


@pytest.mark.parametrize("size", SIZES)
def test_refuses_every_consistency_proof_from_another_old_tree(size: int) -> None:
    tree = Tree(LEAVES[:size])
    for old in range(1, size + 1):
        proof = tree.prove_consistency(old)
        for other in (i for i in SIZES if i != old):
            with pytest.raises(ProofError):
                check_consistency(other, ROOTS[other], size, ROOTS[size], proof)


def _corruptions(proof: Proof) -> Iterator[list[Hash]]:
    """The proof with each hash altered, cut, lengthened, dropped or doubled in turn, and with two
    swapped."""
    hashes = list(proof)
    for index, value in enumerate(hashes):
        for bad in (*_flips(value), *BAD_LENGTHS):
            yield [*hashes[:index], bad, *hashes[index + 1 :]]
        yield hashes[:index] + hashes[index + 1 :]
        yield [*hashes[: index + 1], *hashes[index:]]
        if index:
            yield [*hashes[: index - 1], value, hashes[index - 1], *hashes[index + 1 :]]
    yield [EMPTY_ROOT, *hashes]
    yield [*hashes, EMPTY_ROOT]


def _flips(value: Hash) -> Iterator[Hash]:
    yield Hash(bytes([value[0] ^ 0x80]) + value[1:])
    yield Hash(value[:-1] + bytes([value[-1] ^ 1]))


# Sizes that no test can build.

sizes = st.integers(1, 2**63 - 1) | st.integers(1, 1000)
hashes = st.binary(min_size=32, max_size=32).map(Hash)


@given(sizes, st.data())
def test_checks_inclusion_in_huge_trees_as_the_rfc_does(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf = data.draw(hashes)
    proof = _proof(data, lambda proof: rfc_inclusion_root(leaf, index, size, proof))
    root = rfc_inclusion_root(leaf, index, size, proof)
    if root is None:
        with pytest.raises(ProofError, match=f"inclusion proof has {len(proof)} hashes, want"):
            check_inclusion(leaf, index, size, proof, EMPTY_ROOT)
    else:
        check_inclusion(leaf, index, size, proof, root)
        with pytest.raises(ProofError, match="leads to root"):
            check_inclusion(leaf, index, size, proof, EMPTY_ROOT)


@given(sizes, st.data())
def test_checks_consistency_of_huge_trees_as_the_rfc_does(
    new_size: int, data: st.DataObject
) -> None:
    old_size = data.draw(
        st.integers(1, new_size) | st.integers(0, 62).map(lambda n: min(2**n, new_size))
    )
    if old_size == new_size:
        return
    old_root = data.draw(hashes)
    proof = _proof(data, lambda proof: rfc_consistency_roots(old_size, new_size, old_root, proof))
    roots = rfc_consistency_roots(old_size, new_size, old_root, proof)
    if roots is None:
        with pytest.raises(ProofError, match=f"consistency proof has {len(proof)} hashes, want"):
            check_consistency(old_size, old_root, new_size, EMPTY_ROOT, proof)
        return
    check_consistency(old_size, roots[0], new_size, roots[1], proof)
    with pytest.raises(ProofError, match="leads to new root"):
        check_consistency(old_size, roots[0], new_size, EMPTY_ROOT, proof)
    if roots[0] != old_root:
        with pytest.raises(ProofError, match="leads to old root"):
            check_consistency(old_size, old_root, new_size, roots[1], proof)


def _proof(data: st.DataObject, rfc: Callable[[Proof], object]) -> Proof:
    """A proof of arbitrary hashes, mostly of the length at which the RFC's walk ends."""
    hashes = [leaf_hash(b"%d" % i) for i in range(130)]
    length = next(n for n in range(129) if rfc(hashes[:n]))
    return hashes[: max(0, length + data.draw(st.sampled_from([0, 0, 0, 0, -1, 1])))]


# What cannot be asked.


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (4, 3), (0, 0), (0, -1), (-1, 0)])
def test_refuses_an_index_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError, match=f"index {index} is outside the tree of {size} entries"):
        check_inclusion(LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5), (-2, -1)])
def test_refuses_sizes_that_prove_nothing(old: int, new: int) -> None:
    with pytest.raises(ProofError, match=f"want 0 < old size <= new size, got {old} and {new}"):
        check_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, [])
