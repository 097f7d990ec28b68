"""Whether what a touch counts can be on the nodes that it counts on.

A touch's parts are disjoint, so its explicit cards and its k-of-S parts together must find room
among the cards of their nodes that are there as long as it is (`room`). Two parts *2 of n1* do not
fit a node of three cards, nor do *3 of n[1-2]* and *2 of n[2-3]* and *n2/0* nodes of two cards
each.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory.capacity import Room
from sovereignty.plane.world import Grade, World


def overfull(world: World, least: Grade, start: int, end: int) -> NDArray[np.bool_]:
    """Which touches count more cards than evidence of the `least` grade or better says to be on the
    nodes that they name while they last in `[start, end)`; so does one that has no time there, of
    which nothing is judged."""
    found = np.zeros(len(world.touches.id), dtype=np.bool_)
    demands: dict[int, dict[frozenset[int], int]] = {}
    for part in world.parts:
        if part.nodes:
            of_touch, nodes = demands.setdefault(part.touch, {}), frozenset(part.nodes)
            of_touch[nodes] = of_touch.get(nodes, 0) + part.k
    if demands:
        room, taken = Room.of(world, least, start, end), _explicit(world, demands)
        for touch, wanted in demands.items():
            at, to = (
                max(int(world.touches.start[touch]), start),
                min(int(world.touches.end[touch]), end),
            )
            there = (
                {node: room.throughout(node, at, to) for node in frozenset[int]().union(*wanted)}
                if at < to
                else {}
            )
            found[touch] = at >= to or not _fit(wanted, there, taken.get(touch, {}))
    return found


def _explicit(world: World, touches: Iterable[int]) -> dict[int, dict[int, int]]:
    """How many explicit cards each of these touches has on each node; runs that month borders cut
    name their cards twice."""
    runs, found = world.runs, dict[int, dict[int, int]]()
    chosen = np.isin(runs.touch, np.fromiter(touches, dtype=np.int64))
    ranges = {
        tuple(row) for row in np.stack((runs.touch, runs.first, runs.last), axis=1)[chosen].tolist()
    }
    for touch, card in {
        (touch, card) for touch, first, last in ranges for card in range(first, last + 1)
    }:
        on = found.setdefault(touch, {})
        node = int(world.card_node[card])
        on[node] = on.get(node, 0) + 1
    return found


def _fit(
    wanted: Mapping[frozenset[int], int], there: Mapping[int, int], taken: Mapping[int, int]
) -> bool:
    """Whether every set of nodes finds its count of cards, none of them for two sets."""
    # Nodes that the same sets name are alike, so there are few kinds of them.
    room: dict[frozenset[frozenset[int]], int] = {}
    for node in frozenset[int]().union(*wanted):
        kind = frozenset(nodes for nodes in wanted if node in nodes)
        room[kind] = room.get(kind, 0) + max(there[node] - taken.get(node, 0), 0)
    given = {(nodes, kind): 0 for kind in room for nodes in kind}
    for nodes, count in wanted.items():
        while count and (more := _place(nodes, count, room, given, set())):
            count -= more
        if count:
            return False
    return True


def _place(
    nodes: frozenset[int],
    count: int,
    room: dict[frozenset[frozenset[int]], int],
    given: dict[tuple[frozenset[int], frozenset[frozenset[int]]], int],
    seen: set[frozenset[int]],
) -> int:
    """Find room for some of `count` cards of `nodes`, moving others' cards elsewhere if need be;
    returns for how many."""
    seen.add(nodes)
    for kind in (kind for kind in room if nodes in kind):
        found = min(count, room[kind])
        if found:
            room[kind] -= found
        for other in () if found else kind - seen:
            held = given[other, kind]
            if held and (found := _place(other, min(count, held), room, given, seen)):
                given[other, kind] -= found
                break
        if found:
            given[nodes, kind] += found
            return found
    return 0
