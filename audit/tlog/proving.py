"""Inclusion and consistency proofs, made from stored hashes or from all leaves in memory.

    proof = prove_inclusion(5, 7, store.read)            reads (0,4) (0,6) (2,0) in one call
    proof = Tree(leaves).prove_inclusion(5)              the same proof

The functions take storage as a function, `nodes.ReadHashes`, so a log of a billion entries proves
one of them with at most sixty hashes. `Tree` is for who holds all leaves and wants many proofs.
`merkle` checks these proofs.
"""

from collections.abc import Iterable, Sequence

from audit.tlog.errors import ProofError
from audit.tlog.merkle import (
    EMPTY_ROOT,
    Hash,
    Proof,
    check_index,
    check_sizes,
    level_above,
    node_hash,
    trailing_zeros,
)
from audit.tlog.nodes import Node, ReadHashes, covering, read_hashes


def prove_inclusion(index: int, size: int, read: ReadHashes) -> Proof:
    """Return the proof that leaf `index` is in the tree of `size` leaves, nearest sibling first.
    Needs 0 <= index < size, and a store of at least `size` leaves. Calls `read` once, for at most
    2 * log2(size) hashes: log2(size) siblings, and as many nodes to make up the one sibling that is
    not complete. Raises ProofError, and what `read` raises. RFC 9162, section 2.1.3.1.

    No caller yet: it waits for tiles and for the proofs of the API."""
    check_index(index, size)
    return _roots(_siblings(Node(0, index), size), read)


def prove_consistency(old_size: int, size: int, read: ReadHashes) -> Proof:
    """Return the proof that the tree of `size` leaves begins with that of `old_size` leaves.
    Needs 0 < old_size <= size, and a store of at least `size` leaves. Calls `read` once, for at
    most 1 + 2 * log2(size) hashes. Raises ProofError, and what `read` raises.
    RFC 9162, section 2.1.4.1.

    No caller yet: it waits for witnesses and for the proofs of the API."""
    check_sizes(old_size, size)
    if old_size == size:
        return ()
    last = _last_complete(old_size)
    # The checker knows this node already when it is the whole old tree.
    start = [] if last.index == 0 else [(old_size - last.size, old_size)]
    return _roots([*start, *_siblings(last, size)], read)


class Tree:
    """A tree in memory that keeps every level, so that each proof costs only its own length.

    Level 0 holds the leaf hashes. Each level above holds the hashes of pairs; a last one without a
    partner rises unchanged (`merkle.level_above`), so an incomplete sibling is there ready-made."""

    def __init__(self, leaves: Sequence[Hash]) -> None:
        self._levels = [leaves]
        while len(self._levels[-1]) > 1:
            self._levels.append(level_above(self._levels[-1]))

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> Hash:
        """The root hash."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def read(self, nodes: Sequence[Node]) -> list[Hash]:
        """Return the hashes of these nodes: a `ReadHashes`. Raises ProofError for a node that the
        tree has not, or not complete."""
        for node in nodes:
            if node.level < 0 or node.index < 0 or (node.index + 1) << node.level > self.size:
                raise ProofError(
                    f"node ({node.level}, {node.index}) is not complete in {self.size} leaves"
                )
        return [self._levels[node.level][node.index] for node in nodes]

    def prove_inclusion(self, index: int) -> Proof:
        """Return the inclusion proof of leaf `index`, as the function `prove_inclusion`.
        Needs 0 <= index < size. Raises ProofError."""
        check_index(index, self.size)
        return self._siblings(index, 0)

    def prove_consistency(self, old_size: int) -> Proof:
        """Return the proof that this tree begins with the tree of its first `old_size` leaves, as
        the function `prove_consistency`. Needs 0 < old_size <= size. Raises ProofError."""
        check_sizes(old_size, self.size)
        if old_size == self.size:
            return ()
        last = _last_complete(old_size)
        start = () if last.index == 0 else (self._levels[last.level][last.index],)
        return start + self._siblings(last.index, last.level)

    def _siblings(self, index: int, level: int) -> tuple[Hash, ...]:
        """Return the siblings from the node `index` of `level` up to the root."""
        siblings = []
        for nodes in self._levels[level:]:
            if index ^ 1 < len(nodes):
                siblings.append(nodes[index ^ 1])
            index >>= 1
        return tuple(siblings)


def _last_complete(size: int) -> Node:
    """Return the smallest of the complete subtrees that make up a tree of `size` leaves, its
    last."""
    level = trailing_zeros(size)
    return Node(level, (size >> level) - 1)


def _siblings(node: Node, size: int) -> list[tuple[int, int]]:
    """Return the leaves [begin, end) of each sibling from `node` up to the root. In a tree of
    `size` leaves the last right one may be cut short, and where none is left there is no
    sibling."""
    level, index = node.level, node.index
    siblings = []
    while 1 << level < size:
        begin = (index ^ 1) << level
        if begin < size:
            siblings.append((begin, min(begin + (1 << level), size)))
        level, index = level + 1, index >> 1
    return siblings


def _roots(ranges: Iterable[tuple[int, int]], read: ReadHashes) -> Proof:
    """Return the root of the leaves of each range, with one call of `read` for all."""
    parts = [list(covering(begin, end)) for begin, end in ranges]
    hashes = iter(read_hashes([node for nodes in parts for node in nodes], read))
    return tuple(_join([next(hashes) for _ in nodes]) for nodes in parts)


def _join(hashes: list[Hash]) -> Hash:
    """Return the root over these complete subtrees, each smaller than the one before it."""
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root
