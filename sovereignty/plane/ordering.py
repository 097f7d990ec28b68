"""Sorting, numbering and grouping of large arrays of integer keys.

`argsort` is a least-significant-digit (LSD) radix sort, a sixteen-bit digit at a time. numpy sorts
16-bit keys by counting. For a million 31-bit keys that takes a third of the time of its comparison
sort. Keys that are in order already, as a scheduler's touches mostly are, cost one pass.
"""

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.world import Int64s

_FEW = 1 << 15  # below this a comparison sort is as fast
_DIGIT = 16


def argsort(keys: NDArray[np.signedinteger]) -> Int64s:
    """Return the indexes that put `keys` in rising order; equal keys stay in their order."""
    if len(keys) < 2 or bool(np.all(keys[1:] >= keys[:-1])):
        return np.arange(len(keys), dtype=np.int64)
    if len(keys) < _FEW:
        return np.argsort(keys, kind="stable")
    low = int(keys.min())
    above_low = keys.astype(np.int64) - low
    order = np.argsort(above_low.astype(np.uint16), kind="stable")
    for shift in range(_DIGIT, (int(keys.max()) - low).bit_length(), _DIGIT):
        # The cast keeps the low sixteen bits, which is the digit.
        digit = (above_low >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digit, kind="stable")]
    return order


def distinct(keys: Int64s) -> Int64s:
    """Return the distinct `keys`, rising."""
    sorted_keys = np.sort(keys)
    return sorted_keys[starts_of_groups(sorted_keys)]


def number(keys: Int64s) -> tuple[Int64s, Int64s]:
    """Return the distinct `keys`, rising, and the rank of each key among them, from 0."""
    order = argsort(keys)
    sorted_keys = keys[order]
    heads = starts_of_groups(sorted_keys)
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.repeat(np.arange(len(heads)), ends_of_groups(heads, len(keys)) - heads)
    return sorted_keys[heads], ranks


def starts_of_groups(*sorted_keys: NDArray[np.signedinteger]) -> Int64s:
    """Return the indexes at which a new combination of `sorted_keys` begins.

    All arrays have one length, and equal combinations stand together."""
    length = len(sorted_keys[0])
    is_head = np.zeros(length, dtype=np.bool_)
    is_head[:1] = True
    for keys in sorted_keys:
        is_head[1:] |= keys[1:] != keys[:-1]
    return np.flatnonzero(is_head)


def ends_of_groups(heads: Int64s, length: int) -> Int64s:
    """Return one past the last index of each group that begins at `heads`; of the last group it is
    `length`."""
    return np.append(heads[1:], length)[: len(heads)]


def expand(counts: NDArray[np.signedinteger]) -> tuple[Int64s, Int64s]:
    """Return each row `counts` times, and the offset of each repetition.

    For `counts` of [2, 0, 3]: rows [0, 0, 2, 2, 2] and offsets [0, 1, 0, 1, 2]."""
    rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts, dtype=np.int64) - counts
    return rows, np.arange(len(rows), dtype=np.int64) - before[rows]
