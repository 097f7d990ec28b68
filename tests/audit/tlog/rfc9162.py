"""The functions of RFC 9162, sections 2.1.1, 2.1.3 and 2.1.4, word for word.

They are slow and plain: a second implementation that the tests compare ours with."""

import hashlib
from collections.abc import Sequence

from audit.tlog.merkle import Hash, Proof, node_hash


def rfc_root(leaves: Sequence[Hash]) -> Hash:
    if len(leaves) <= 1:
        return leaves[0] if leaves else Hash(hashlib.sha256(b"").digest())
    k = rfc_split(len(leaves))
    return node_hash(rfc_root(leaves[:k]), rfc_root(leaves[k:]))


def rfc_split(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def rfc_path(m: int, leaves: Sequence[Hash]) -> list[Hash]:
    if len(leaves) == 1:
        return []
    k = rfc_split(len(leaves))
    if m < k:
        return [*rfc_path(m, leaves[:k]), rfc_root(leaves[k:])]
    return [*rfc_path(m - k, leaves[k:]), rfc_root(leaves[:k])]


def rfc_subproof(m: int, leaves: Sequence[Hash], complete: bool) -> list[Hash]:
    if m == len(leaves):
        return [] if complete else [rfc_root(leaves)]
    k = rfc_split(len(leaves))
    if m <= k:
        return [*rfc_subproof(m, leaves[:k], complete), rfc_root(leaves[k:])]
    return [*rfc_subproof(m - k, leaves[k:], False), rfc_root(leaves[:k])]


def rfc_inclusion_root(leaf: Hash, index: int, size: int, proof: Proof) -> Hash | None:
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def rfc_consistency_roots(
    first: int, second: int, old_root: Hash, proof: Proof
) -> tuple[Hash, Hash] | None:
    path = [old_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return None
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr) if sn == 0 else None
