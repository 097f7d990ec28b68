"""Painting intervals over each other: at each key and time, the uppermost layer.

This is the painter's algorithm, with the highest layer painted last.

    key 0: [0, 10) layer 0, [2, 5) layer 2, [4, 7) layer 1
    →   [0, 2) layer 0, [2, 5) layer 2, [5, 7) layer 1, [7, 10) layer 0
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.ordering import distinct, ends_of_groups, expand, starts_of_groups
from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.world import Int8s, Int64s


@dataclass(frozen=True, slots=True)
class Paint:
    """Intervals `[start, end)` in ms, each with its layer (>= 0). Each key has a time axis of its
    own."""

    key: Int64s
    start: Int64s
    end: Int64s
    layer: Int8s


def uppermost(clock: Clock, paint: Paint) -> Paint:
    """Return the largest layer at each key and time that anything covers.

    The intervals returned are disjoint and sorted by (key, start); those of one key and layer that
    abut are one. Needs keys >= 0 and no empty interval.
    """
    limit = clock.key_limit()
    if paint.key.max(initial=0) < limit:
        return _uppermost(clock, paint)
    # More keys than fit beside a time: paint them a portion at a time.
    portions = [
        np.flatnonzero(paint.key // limit == number)
        for number in range(int(paint.key.max()) // limit + 1)
    ]
    painted = [
        (
            number * limit,
            _uppermost(
                clock,
                Paint(
                    paint.key[chosen] % limit,
                    paint.start[chosen],
                    paint.end[chosen],
                    paint.layer[chosen],
                ),
            ),
        )
        for number, chosen in enumerate(portions)
    ]
    return Paint(
        np.concatenate([portion.key + lowest_key for lowest_key, portion in painted]),
        np.concatenate([portion.start for _, portion in painted]),
        np.concatenate([portion.end for _, portion in painted]),
        np.concatenate([portion.layer for _, portion in painted]),
    )


def _uppermost(clock: Clock, paint: Paint) -> Paint:
    packed_start = clock.pack(paint.key, paint.start)
    packed_end = clock.pack(paint.key, paint.end)
    edges = distinct(np.concatenate((packed_start, packed_end)))
    low, high = np.searchsorted(edges, packed_start), np.searchsorted(edges, packed_end)
    # The layer between one edge and the next; -1 where nothing is painted.
    layers = np.full(max(len(edges) - 1, 0), -1, dtype=np.int8)
    interval, offset = expand(high - low)
    np.maximum.at(layers, low[interval] + offset, paint.layer[interval])
    # Between the last end at a key and the next key nothing is painted, so equal neighbours are of
    # one key.
    heads = starts_of_groups(layers)
    tails = ends_of_groups(heads, len(layers))
    is_painted = layers[heads] >= 0
    key, start = clock.unpack(edges[heads[is_painted]])
    end = edges[tails[is_painted]] - clock.pack(key, np.full_like(key, clock.base)) + clock.base
    return Paint(key, start, end, layers[heads[is_painted]])


def join_cards(keys: tuple[Int64s, ...], card: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Join consecutive cards whose `keys` are all equal; all arrays have one length.

    Returns, of each joined range, the index of an element to take its keys from, its first card and
    its last card.
    """
    order = np.lexsort((card, *reversed(keys)))
    card = card[order]
    # Less its rank, a card number stays the same as long as cards are consecutive.
    heads = starts_of_groups(card - np.arange(len(card)), *(key[order] for key in keys))
    tails = ends_of_groups(heads, len(card)) - 1
    return order[heads], card[heads], card[tails]
