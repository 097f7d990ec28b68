"""Compact ranges: what to keep of leaves [begin, end) to append to them, join them, or prove them.

A compact range is the hashes of the fewest complete subtrees that cover its leaves, left to right
(`nodes.covering`). [0, 6) keeps the hashes of [0, 4) and [4, 6); [3, 6) keeps those of [3, 4) and
[4, 6). A range of n leaves keeps fewer than 2 * log2(n) + 2 hashes. The two ranges around [begin,
end) are the *range proof* that certain leaves are all the leaves there. FORMATS.md sections 1.1 and
1.3; transparency-dev/merkle, docs/compact_ranges.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from audit.tlog.errors import ProofError
from audit.tlog.merkle import EMPTY_ROOT, HASH_BYTES, Hash, check_hash, node_hash, root_hash
from audit.tlog.nodes import ReadHashes, count_covering, covering, read_hashes

# `extend` folds at most this many leaves at a time into one subtree; a power of two.
_BLOCK = 256


class CompactRange:
    """The compact range of the leaves [begin, end). It grows at its end; its begin stays."""

    __slots__ = ("_hashes", "begin", "end")

    def __init__(self, begin: int, end: int, hashes: Iterable[Hash]) -> None:
        """Needs one 32-byte hash for each subtree that covers [begin, end). Raises ProofError."""
        _check_range(begin, end)
        self.begin = begin
        self.end = end
        self._hashes = [check_hash(value) for value in hashes]
        want = count_covering(begin, end)
        if len(self._hashes) != want:
            raise ProofError(f"range [{begin}, {end}) has {len(self._hashes)} hashes, want {want}")

    @classmethod
    def empty(cls, begin: int = 0) -> Self:
        """Return the range [begin, begin). Raises ProofError."""
        return cls(begin, begin, ())

    @classmethod
    def decode(cls, begin: int, end: int, data: bytes) -> Self:
        """Return the range [begin, end) from the bytes that `encode` gave. Raises ProofError."""
        return cls(
            begin, end, (Hash(data[i : i + HASH_BYTES]) for i in range(0, len(data), HASH_BYTES))
        )

    def encode(self) -> bytes:
        """Return the hashes, left to right, 32 bytes each. Keep the two ends beside them."""
        return b"".join(self._hashes)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.end - self.begin

    @property
    def hashes(self) -> tuple[Hash, ...]:
        """The hashes of the covering subtrees, left to right."""
        return tuple(self._hashes)

    def append(self, leaf: Hash) -> None:
        """Add the leaf hash at index `end`."""
        self._push(check_hash(leaf), 1)

    def extend(self, leaves: Iterable[Hash]) -> None:
        """Add the leaf hashes at index `end` and onwards. At a hash of a wrong length it raises
        ProofError; the leaves before it are added by then."""
        rest = iter(leaves)
        # Folding a complete subtree level by level is far quicker than leaf by leaf.
        while block := list(islice(rest, self._room())):
            if not all(len(leaf) == HASH_BYTES for leaf in block):
                for leaf in block:
                    self.append(leaf)  # up to the one that raises
            start = 0
            while left := len(block) - start:
                size = 1 << (left.bit_length() - 1)
                self._push(root_hash(block[start : start + size]), size)
                start += size

    def _room(self) -> int:
        """Return the size of the largest complete subtree that may begin at the end, at most
        _BLOCK."""
        return self.end & -self.end & (_BLOCK - 1) or _BLOCK

    def root(self) -> Hash:
        """Return the root of the tree of these leaves. Raises ProofError for a range that begins
        later than 0."""
        if self.begin != 0:
            raise ProofError(
                f"range [{self.begin}, {self.end}) has no root: it does not begin at 0"
            )
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for value in reversed(self._hashes[:-1]):
            root = node_hash(value, root)
        return root

    def _push(self, value: Hash, size: int) -> None:
        """Add a complete subtree of `size` leaves at the end, then join equal neighbours, like a
        carry."""
        start = self.end
        self.end += size
        while start & size and start - size >= self.begin:
            value = node_hash(self._hashes.pop(), value)
            start -= size
            size *= 2
        self._hashes.append(value)


def merge(left: CompactRange, right: CompactRange) -> CompactRange:
    """Return the range of the leaves of both. `right` must begin where `left` ends.
    Raises ProofError."""
    if right.begin != left.end:
        raise ProofError(
            f"want a range that begins at {left.end}, got [{right.begin}, {right.end})"
        )
    both = CompactRange(left.begin, left.end, left.hashes)
    for node, value in zip(covering(right.begin, right.end), right.hashes, strict=True):
        both._push(value, node.size)
    return both


@dataclass(frozen=True, slots=True)
class RangeProof:
    """The hashes around the leaves [begin, end) of a tree of n: those of [0, begin) and of [end,
    n)."""

    left: tuple[Hash, ...]
    right: tuple[Hash, ...]


def prove_range(begin: int, end: int, size: int, read: ReadHashes) -> RangeProof:
    """Return the proof that the leaves [begin, end) of the tree of `size` are all leaves there.
    Needs 0 <= begin < end <= size, and a store of at least `size` leaves. Calls `read` once, for at
    most 3 * log2(size) hashes. Raises ProofError, and what `read` raises.

    No caller yet: it waits for witnesses and for the proofs of the API."""
    _check_part(begin, end, size)
    left, right = list(covering(0, begin)), list(covering(end, size))
    hashes = read_hashes(left + right, read)
    return RangeProof(tuple(hashes[: len(left)]), tuple(hashes[len(left) :]))


def check_range(
    range_leaves: Sequence[Hash], begin: int, size: int, proof: RangeProof, root: Hash
) -> None:
    """Check that `range_leaves` are all leaves [begin, begin + len(range_leaves)) of the tree of
    `size` leaves under `root`. Needs at least one leaf, and all within the tree. Raises ProofError.

    No caller yet: it waits for witnesses and for the proofs of the API."""
    end = begin + len(range_leaves)
    _check_part(begin, end, size)
    known = CompactRange(0, begin, proof.left)
    known.extend(range_leaves)
    computed = merge(known, CompactRange(end, size, proof.right)).root()
    if computed != root:
        raise ProofError(f"range proof leads to root {computed.hex()}, want {root.hex()}")


def _check_range(begin: int, end: int) -> None:
    if not 0 <= begin <= end:
        raise ProofError(f"want 0 <= begin <= end, got [{begin}, {end})")


def _check_part(begin: int, end: int, size: int) -> None:
    if not 0 <= begin < end <= size:
        raise ProofError(f"want 0 <= begin < end <= {size}, got [{begin}, {end})")
