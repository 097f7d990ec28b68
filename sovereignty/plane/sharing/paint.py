"""Painting intervals over each other: per place, what is uppermost at each time.

place 0: [0, 10) layer 0, [2, 5) layer 2, [4, 7) layer 1   →   [0, 2) 0, [2, 5) 2, [5, 7) 1, [7, 10) 0
"""

from dataclasses import dataclass

import numpy as np

from sovereignty.plane.ordering import distinct, ends_of_groups, expand, starts_of_groups
from sovereignty.plane.sharing.overlaps import Clock
from sovereignty.plane.world import Int8s, Int64s


@dataclass(frozen=True, slots=True)
class Paint:
    """Intervals at places, each with its layer (>= 0)."""

    place: Int64s
    start: Int64s
    end: Int64s
    layer: Int8s


def uppermost(clock: Clock, paint: Paint) -> Paint:
    """The largest layer at each place and time that anything covers: disjoint intervals, sorted by
    (place, start).

    Of one place and layer, intervals that abut are one. Needs places >= 0 and no empty interval.
    """
    most = clock.most_places()
    if paint.place.max(initial=0) < most:
        return _uppermost(clock, paint)
    portions = [
        np.flatnonzero(paint.place // most == number)
        for number in range(int(paint.place.max()) // most + 1)
    ]
    done = [
        (
            number * most,
            _uppermost(
                clock,
                Paint(paint.place[at] % most, paint.start[at], paint.end[at], paint.layer[at]),
            ),
        )
        for number, at in enumerate(portions)
    ]
    return Paint(
        np.concatenate([each.place + low for low, each in done]),
        np.concatenate([each.start for _, each in done]),
        np.concatenate([each.end for _, each in done]),
        np.concatenate([each.layer for _, each in done]),
    )


def _uppermost(clock: Clock, paint: Paint) -> Paint:
    packed_start, packed_end = (
        clock.pack(paint.place, paint.start),
        clock.pack(paint.place, paint.end),
    )
    edges = distinct(np.concatenate((packed_start, packed_end)))
    low, high = np.searchsorted(edges, packed_start), np.searchsorted(edges, packed_end)
    # between one edge and the next; -1: nothing
    layers = np.full(max(len(edges) - 1, 0), -1, dtype=np.int8)
    row, offset = expand(high - low)
    np.maximum.at(layers, low[row] + offset, paint.layer[row])
    # Between the last end at a place and the next place nothing is painted, so equal neighbours are
    # of one place.
    heads = starts_of_groups(layers)
    tails = ends_of_groups(heads, len(layers))
    painted = layers[heads] >= 0
    place, start = clock.unpack(edges[heads[painted]])
    end = edges[tails[painted]] - clock.pack(place, np.full_like(place, clock.base)) + clock.base
    return Paint(place, start, end, layers[heads[painted]])


def join_cards(keys: tuple[Int64s, ...], card: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Join consecutive cards whose `keys` are all equal: an element to take each joined range's
    keys from, first and last card."""
    order = np.lexsort((card, *reversed(keys)))
    card = card[order]
    # Less its rank, a card number stays the same as long as cards are consecutive.
    heads = starts_of_groups(card - np.arange(len(card)), *(key[order] for key in keys))
    tails = ends_of_groups(heads, len(card)) - 1
    return order[heads], card[heads], card[tails]
