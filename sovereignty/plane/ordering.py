"""Stable sorting of large integer keys, a sixteen-bit digit at a time.

numpy sorts 16-bit keys by counting, which for a million 31-bit keys takes a third of the time of
its comparison sort; keys that are in order already, as a scheduler's touches mostly are, cost one
pass.
"""

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.world import Int64s

_FEW = 1 << 15  # below this a comparison sort is as fast
_DIGIT = 16


def argsort(keys: NDArray[np.signedinteger]) -> Int64s:
    """The indexes that put `keys` in rising order; equal keys stay in their order."""
    if len(keys) < 2 or bool(np.all(keys[1:] >= keys[:-1])):
        return np.arange(len(keys), dtype=np.int64)
    if len(keys) < _FEW:
        return np.argsort(keys, kind="stable")
    low = int(keys.min())
    rest = keys.astype(np.int64) - low
    order = np.argsort(rest.astype(np.uint16), kind="stable")
    for shift in range(_DIGIT, (int(keys.max()) - low).bit_length(), _DIGIT):
        # The cast keeps the low sixteen bits, which is the digit.
        digit = (rest >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digit, kind="stable")]
    return order


def distinct(keys: Int64s) -> Int64s:
    """The distinct `keys`, rising."""
    in_order = np.sort(keys)
    return in_order[starts_of_groups(in_order)]


def number(keys: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct `keys`, rising, and the place of each key among them."""
    order = argsort(keys)
    in_order = keys[order]
    heads = starts_of_groups(in_order)
    places = np.empty(len(keys), dtype=np.int64)
    places[order] = np.repeat(np.arange(len(heads)), ends_of_groups(heads, len(keys)) - heads)
    return in_order[heads], places


def starts_of_groups(*sorted_keys: NDArray[np.signedinteger]) -> Int64s:
    """The indexes where a new combination of `sorted_keys` begins; keys of one length, equal
    combinations together."""
    length = len(sorted_keys[0])
    new = np.zeros(length, dtype=np.bool_)
    new[:1] = True
    for keys in sorted_keys:
        new[1:] |= keys[1:] != keys[:-1]
    return np.flatnonzero(new)


def ends_of_groups(heads: Int64s, length: int) -> Int64s:
    """Where each group that begins at `heads` ends, one past its last; the last one at `length`."""
    return np.append(heads[1:], length)[: len(heads)]


def expand(counts: NDArray[np.signedinteger]) -> tuple[Int64s, Int64s]:
    """For `counts` of [2, 0, 3]: rows [0, 0, 2, 2, 2] and their places [0, 1, 0, 1, 2]."""
    rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts, dtype=np.int64) - counts
    return rows, np.arange(len(rows), dtype=np.int64) - before[rows]
