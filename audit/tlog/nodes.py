"""Nodes of a Merkle tree by their coordinates, and the reading of their hashes.

    level 2   (2,0)
    level 1   (1,0)         (1,1)         (1,2)
    level 0   (0,0) (0,1)   (0,2) (0,3)   (0,4) (0,5)   (0,6)      a tree of 7 leaves

Node (level, index) covers the leaves [index * 2^level, (index + 1) * 2^level). Only complete nodes
have coordinates, so the hash of a node never changes once its last leaf is there, and a store may
keep it for ever. These are the coordinates of C2SP tlog-tiles: a store of tiles of height 8 keeps
levels 0, 8, 16 …, and its reader computes the levels between from one tile.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from audit.tlog.errors import ProofError
from audit.tlog.merkle import Hash, check_hash, trailing_zeros


@dataclass(frozen=True, slots=True)
class Node:
    """The complete subtree over the leaves [index * 2^level, (index + 1) * 2^level)."""

    level: int
    index: int

    @property
    def size(self) -> int:
        """The number of its leaves."""
        return 1 << self.level


# Returns the hashes of these nodes, in their order: how a proof reads a store, whatever keeps it.
# A reader raises its own errors; nobody here catches them. As HashReader of x/mod sumdb/tlog.
ReadHashes: TypeAlias = Callable[[Sequence[Node]], Sequence[Hash]]


def covering(begin: int, end: int) -> Iterator[Node]:
    """Yield the fewest nodes that together cover the leaves [begin, end), left to right.
    Needs 0 <= begin <= end. A range of n leaves has fewer than 2 * log2(n) + 2."""
    while begin < end:
        fitting = (end - begin).bit_length() - 1
        level = min(trailing_zeros(begin), fitting) if begin else fitting
        yield Node(level, begin >> level)
        begin += 1 << level


def count_covering(begin: int, end: int) -> int:
    """Return how many nodes `covering` yields, without making them. Needs 0 <= begin <= end."""
    if begin == end:
        return 0
    # Up to `middle`, the multiple of the highest power of two in the range, sizes grow; then they
    # shrink. Each side has one node for each bit of its length.
    level = (begin ^ end).bit_length() - 1
    middle = end >> level << level
    return (middle - begin).bit_count() + (end - middle).bit_count()


def read_hashes(nodes: Sequence[Node], read: ReadHashes) -> list[Hash]:
    """Return the hashes of `nodes` in one call of `read`, or none if there are no nodes.
    Raises ProofError when `read` returns another number of hashes or one that is not 32 bytes."""
    if not nodes:
        return []
    hashes = read(nodes)
    if len(hashes) != len(nodes):
        raise ProofError(f"reader returned {len(hashes)} hashes, want {len(nodes)}")
    return [check_hash(value) for value in hashes]
