"""Merkle trees: roots, and the checking of inclusion and consistency proofs. RFC 6962, RFC 9162.

    leaf hash  = SHA256(00 || data)
    node hash  = SHA256(01 || left || right)
    empty root = SHA256("")

A root does not commit to the size of its tree: keep, sign and compare the two together.
`proving` makes the proofs that are checked here.
"""

import hashlib
from collections.abc import Sequence
from typing import NewType, TypeAlias, cast

from audit.tlog.errors import ProofError

Hash = NewType("Hash", bytes)
Proof: TypeAlias = Sequence[Hash]

HASH_BYTES = 32
EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())


def leaf_hash(data: bytes) -> Hash:
    """Return the hash of a leaf that holds `data`. RFC 9162, section 2.1.1."""
    return Hash(hashlib.sha256(b"\x00" + data).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return the hash of the node over two subtrees. RFC 9162, section 2.1.1."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


def root_hash(leaves: Sequence[Hash]) -> Hash:
    """Return the root of the tree over these leaf hashes. RFC 9162, section 2.1.1."""
    level = leaves
    while len(level) > 1:
        level = level_above(level)
    return level[0] if level else EMPTY_ROOT


def check_inclusion(leaf: Hash, index: int, size: int, proof: Proof, root: Hash) -> None:
    """Check that `leaf` is the hash of entry `index` of the tree of `size` entries under `root`.
    Needs 0 <= index < size. Raises ProofError. RFC 9162, section 2.1.3.2.

    The RFC walks up from the leaf bit by bit. This is the same walk in two stretches. The paths of
    this leaf and of the last leaf meet after `inner` steps. Below, the bits of the index say on
    which side the sibling lies. Above, both paths go up the right edge of the tree, where siblings
    lie only on the left."""
    check_index(index, size)
    _check_hashes(leaf, root, *proof)
    inner, border = _walk(index, size)
    _check_length("inclusion", proof, inner + border)
    computed = _rise(leaf, index, proof[:inner])
    computed = _rise_on_edge(computed, proof[inner:])
    if computed != root:
        raise ProofError(f"inclusion proof leads to root {computed.hex()}, want {root.hex()}")


def check_consistency(
    old_size: int, old_root: Hash, new_size: int, new_root: Hash, proof: Proof
) -> None:
    """Check that the tree (new_size, new_root) begins with the tree (old_size, old_root).
    Needs 0 < old_size <= new_size: every tree begins with the empty one, so that would prove
    nothing. Raises ProofError. RFC 9162, section 2.1.4.2.

    The proof starts from the last complete subtree of the old tree (step 2: that is the old root
    itself when the old tree is complete) and rises twice. With the left siblings alone it must
    reach the old root; with all siblings it must reach the new root.

    No caller yet: it waits for witnesses and for the proofs of the API."""
    check_sizes(old_size, new_size)
    _check_hashes(old_root, new_root, *proof)
    if old_size == new_size:
        _check_length("consistency", proof, 0)
        if old_root != new_root:
            raise ProofError(
                f"two roots for size {new_size}: {old_root.hex()} and {new_root.hex()}"
            )
        return
    level = trailing_zeros(old_size)
    last = (old_size >> level) - 1
    start = 0 if last == 0 else 1
    inner, border = _walk(old_size - 1, new_size)
    inner -= level
    _check_length("consistency", proof, start + inner + border)
    seed = proof[0] if start else old_root
    inside, edge = proof[start : start + inner], proof[start + inner :]
    old_computed = _rise_on_edge(_rise_on_left(seed, last, inside), edge)
    new_computed = _rise_on_edge(_rise(seed, last, inside), edge)
    if old_computed != old_root:
        raise ProofError(
            f"consistency proof leads to old root {old_computed.hex()}, want {old_root.hex()}"
        )
    if new_computed != new_root:
        raise ProofError(
            f"consistency proof leads to new root {new_computed.hex()}, want {new_root.hex()}"
        )


def check_index(index: int, size: int) -> None:
    """Check that 0 <= index < size. Raises ProofError."""
    if not 0 <= index < size:
        raise ProofError(f"index {index} is outside the tree of {size} entries")


def check_sizes(old_size: int, new_size: int) -> None:
    """Check that 0 < old_size <= new_size. Raises ProofError."""
    if not 0 < old_size <= new_size:
        raise ProofError(f"want 0 < old size <= new size, got {old_size} and {new_size}")


def check_hash(value: bytes) -> Hash:
    """Return `value` as a hash: it must be 32 bytes. Raises ProofError."""
    if len(value) != HASH_BYTES:
        raise ProofError(f"a hash has {len(value)} bytes, want {HASH_BYTES}")
    return Hash(value)


def trailing_zeros(number: int) -> int:
    """Return how often 2 divides `number`, which must not be 0."""
    return (number & -number).bit_length() - 1


def level_above(level: Sequence[Hash]) -> list[Hash]:
    """Return the hashes of the pairs of `level`. A last one without a partner rises unchanged,
    which is where RFC 6962's split at the largest power of two puts it."""
    # As `node_hash`, without a call for each: a recorder and a verifier hash millions.
    sha256 = hashlib.sha256
    rest = iter(level)
    above = [
        sha256(b"\x01" + left + right).digest() for left, right in zip(rest, rest, strict=False)
    ]
    if len(level) % 2:
        above.append(level[-1])
    return cast("list[Hash]", above)


def _walk(index: int, size: int) -> tuple[int, int]:
    """Return how many siblings lie below and above the node where leaf `index` joins the right
    edge."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _rise(node: Hash, index: int, siblings: Proof) -> Hash:
    """Rise through `siblings`: left ones where the index has a 1, right ones where it has a 0."""
    for sibling in siblings:
        node = node_hash(sibling, node) if index & 1 else node_hash(node, sibling)
        index >>= 1
    return node


def _rise_on_left(node: Hash, index: int, siblings: Proof) -> Hash:
    """Rise through the left ones of `siblings` and skip the right ones."""
    for sibling in siblings:
        node = node_hash(sibling, node) if index & 1 else node
        index >>= 1
    return node


def _rise_on_edge(node: Hash, siblings: Proof) -> Hash:
    """Rise through `siblings` that all lie left."""
    for sibling in siblings:
        node = node_hash(sibling, node)
    return node


def _check_length(kind: str, proof: Proof, want: int) -> None:
    if len(proof) != want:
        raise ProofError(f"{kind} proof has {len(proof)} hashes, want {want}")


def _check_hashes(*hashes: Hash) -> None:
    for value in hashes:
        check_hash(value)
