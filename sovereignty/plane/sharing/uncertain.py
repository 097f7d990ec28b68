"""Which rows are uncertain because a card's location is unknown.

A k-of-S part that meets another tenant on one of its nodes may or may not have shared a card with
it. So may a card that may be an alias (`known_cards`). Both *may be any card* of the node.

- A row that may be any card is uncertain while any row of another tenant is on the node.
- Every row on the node is uncertain while another tenant's row is there that may be any card.
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
    """Indexes of rows, and intervals in ms over which they are uncertain; disjoint for one row."""

    row: Int64s
    start: Int64s
    end: Int64s


def find_uncertain(
    clock: Clock,
    node: Int64s,
    start: Int64s,
    end: Int64s,
    tenant: Int32s,
    may_be_any_card: NDArray[np.bool_],
) -> Uncertain:
    """Find what of these rows is uncertain; all arrays have one element per row.

    The cost is rows × the changes on their node while they last."""
    packed_start, packed_end = clock.pack(node, start), clock.pack(node, end)
    edges = distinct(np.concatenate((packed_start, packed_end)))
    low, high = np.searchsorted(edges, packed_start), np.searchsorted(edges, packed_end)
    row, offset = expand(high - low)
    moment = low[row] + offset  # the time from edges[moment] to the next edge
    tenants, any_card = tenant[row], may_be_any_card[row]
    meets_other = _others(len(edges), moment, tenants, np.ones_like(any_card))
    meets_other_any_card = _others(len(edges), moment, tenants, any_card)
    is_uncertain = np.where(any_card, meets_other, meets_other_any_card)
    return _joined(clock, edges, row[is_uncertain], moment[is_uncertain])


def _others(
    moments: int, moment: Int64s, tenant: Int32s, counted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether, at each element's moment, some counted element is of another tenant."""
    lowest, highest = np.full(moments, _NO_TENANT), np.full(moments, -1)
    np.minimum.at(lowest, moment[counted], tenant[counted])
    np.maximum.at(highest, moment[counted], tenant[counted])
    is_occupied = highest[moment] >= 0
    others: NDArray[np.bool_] = is_occupied & (
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
