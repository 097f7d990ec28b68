"""Whether what a touch counts fits the nodes that it counts on.

A touch's parts are disjoint. So its explicit cards and its k-of-S parts together must fit the cards
that their nodes have for as long as the touch lasts (`capacity`). Two parts *2 of n1* overcommit a
node of three cards. So do *3 of n[1-2]*, *2 of n[2-3]* and *n2/0* together, on nodes of two cards
each.

Whether the parts fit is a maximum-flow question on a bipartite graph: sets of nodes on one side,
kinds of nodes on the other, and k units to send from each set. `_fits` answers it by augmenting
paths (Ford and Fulkerson).
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory.capacity import Capacity
from sovereignty.plane.world import Grade, World

NodeSet: TypeAlias = frozenset[int]
# Nodes of one kind are named by the same sets.
NodeKind: TypeAlias = frozenset[NodeSet]


def overcommitted_touches(world: World, least: Grade, start: int, end: int) -> NDArray[np.bool_]:
    """Say of each touch whether it counts more cards than its nodes have while it lasts.

    Nodes have the cards that evidence of the `least` grade or better states in `[start, end)`. A
    touch with a part on named nodes and without time in the period counts as overcommitted; nothing
    of it is judged.
    """
    is_overcommitted = np.zeros(len(world.touches.id), dtype=np.bool_)
    demands: dict[int, dict[NodeSet, int]] = {}
    for part in world.parts:
        if part.nodes:
            demand, nodes = demands.setdefault(part.touch, {}), frozenset(part.nodes)
            demand[nodes] = demand.get(nodes, 0) + part.k
    if demands:
        capacity = Capacity.of(world, least, start, end)
        explicit = _explicit_cards(world, demands)
        for touch, demand in demands.items():
            touch_start = max(int(world.touches.start[touch]), start)
            touch_end = min(int(world.touches.end[touch]), end)
            is_overcommitted[touch] = touch_start >= touch_end or not _fits(
                demand,
                {
                    node: capacity.throughout(node, touch_start, touch_end)
                    for node in NodeSet().union(*demand)
                },
                explicit.get(touch, {}),
            )
    return is_overcommitted


def _explicit_cards(world: World, touches: Iterable[int]) -> dict[int, dict[int, int]]:
    """How many explicit cards each of these touches has on each node.

    Each card counts once: runs that were cut at month borders name their cards twice."""
    runs = world.runs
    is_chosen = np.isin(runs.touch, np.fromiter(touches, dtype=np.int64))
    ranges = {
        tuple(row)
        for row in np.stack((runs.touch, runs.first, runs.last), axis=1)[is_chosen].tolist()
    }
    cards = {(touch, card) for touch, first, last in ranges for card in range(first, last + 1)}
    counts: dict[int, dict[int, int]] = {}
    for touch, card in cards:
        of_touch = counts.setdefault(touch, {})
        node = int(world.card_node[card])
        of_touch[node] = of_touch.get(node, 0) + 1
    return counts


def _fits(
    demand: Mapping[NodeSet, int], capacity: Mapping[int, int], explicit: Mapping[int, int]
) -> bool:
    """Whether every set of nodes gets its count of cards, none of them for two sets.

    `capacity` and `explicit` are numbers of cards by node: those that it has, and those of them
    that the touch names.
    """
    # Nodes that the same sets name are alike, so there are few kinds of them.
    free: dict[NodeKind, int] = {}
    for node in NodeSet().union(*demand):
        kind = frozenset(nodes for nodes in demand if node in nodes)
        free[kind] = free.get(kind, 0) + max(capacity[node] - explicit.get(node, 0), 0)
    flow = {(nodes, kind): 0 for kind in free for nodes in kind}
    for nodes, count in demand.items():
        missing = count
        while missing and (sent := _augment(nodes, missing, free, flow, set())):
            missing -= sent
        if missing:
            return False
    return True


def _augment(
    nodes: NodeSet,
    count: int,
    free: dict[NodeKind, int],
    flow: dict[tuple[NodeSet, NodeKind], int],
    visited: set[NodeSet],
) -> int:
    """Send up to `count` cards' worth of flow from `nodes` along one augmenting path.

    The path may move another set's cards to other nodes. Returns how many cards were placed: 0
    where no path is left."""
    visited.add(nodes)
    for kind in (kind for kind in free if nodes in kind):
        sent = min(count, free[kind])
        if sent:
            free[kind] -= sent
        for other in () if sent else kind - visited:
            movable = flow[other, kind]
            if movable and (sent := _augment(other, min(count, movable), free, flow, visited)):
                flow[other, kind] -= sent
                break
        if sent:
            flow[nodes, kind] += sent
            return sent
    return 0
