"""What cannot be placed leaves uncertain.

A k-of-S part that meets another tenant on one of its nodes may or may not have shared a card with
it, and so may a card under a name that the inventory does not know (`known_cards`): both are
*loose*. What is loose is uncertain while any row of another tenant is on the node, and every card
of the node is uncertain while something loose of another tenant is there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.ordering import distinct, ends_of_groups, expand
from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.world import Int32s, Int64s

_NO_TENANT = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Positions of rows, and intervals over which they are uncertain; disjoint for one row."""

    row: Int64s
    start: Int64s
    end: Int64s


def uncertain(
    clock: Clock,
    node: Int64s,
    start: Int64s,
    end: Int64s,
    tenant: Int32s,
    is_loose: NDArray[np.bool_],
) -> Uncertain:
    """What of these rows is uncertain. It costs by rows × the changes on their node while they
    last."""
    packed_start, packed_end = clock.pack(node, start), clock.pack(node, end)
    edges = distinct(np.concatenate((packed_start, packed_end)))
    low, high = np.searchsorted(edges, packed_start), np.searchsorted(edges, packed_end)
    row, offset = expand(high - low)
    moment = low[row] + offset  # the time from edges[moment] to the next edge
    tenants, loose = tenant[row], is_loose[row]
    anyone = _others(len(edges), moment, tenants, np.ones_like(loose))
    anyone_loose = _others(len(edges), moment, tenants, loose)
    at_fault = np.where(loose, anyone, anyone_loose)
    return _joined(clock, edges, row[at_fault], moment[at_fault])


def _others(
    moments: int, moment: Int64s, tenant: Int32s, counted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether, at each element's moment, some counted element is of another tenant."""
    lowest, highest = np.full(moments, _NO_TENANT), np.full(moments, -1)
    np.minimum.at(lowest, moment[counted], tenant[counted])
    np.maximum.at(highest, moment[counted], tenant[counted])
    somebody = highest[moment] >= 0
    others: NDArray[np.bool_] = somebody & (
        (lowest[moment] != tenant) | (highest[moment] != tenant)
    )
    return others


def _joined(clock: Clock, edges: Int64s, row: Int64s, moment: Int64s) -> Uncertain:
    """Consecutive moments of one row as one interval; sorted by (row, moment)."""
    begins = np.ones(len(row), dtype=np.bool_)
    begins[1:] = (row[1:] != row[:-1]) | (moment[1:] != moment[:-1] + 1)
    heads = np.flatnonzero(begins)
    tails = ends_of_groups(heads, len(row)) - 1
    _, start = clock.unpack(edges[moment[heads]])
    _, end = clock.unpack(edges[moment[tails] + 1])
    return Uncertain(row[heads], start, end)
