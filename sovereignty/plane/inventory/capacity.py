"""How many cards there are room for on each node: those that accepted evidence says to be there the
whole time.

What is only planned, was retired before, or is registered from a later time on makes no room for a
count without card numbers.

    hz-1 has 0-7 stated at declared grade, of which 4-7 are retired at 5h    →    room for 8 until then, for 4 over [4h, 6h)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sovereignty.plane.inventory.known_cards import times_there
from sovereignty.plane.ordering import distinct
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import NO_NODE, Grade, Int64s, World


@dataclass(frozen=True, slots=True)
class Room:
    """`always[n]` cards of node n are there over the whole period; `changing[n]` are others of it,
    by when they are, with their number."""

    always: Int64s
    changing: dict[int, list[tuple[Steps[bool], int]]]

    @classmethod
    def of(cls, world: World, least: Grade, start: int, end: int) -> "Room":
        """The room in `[start, end)`, as evidence of the `least` grade or better tells."""
        classes, there = times_there(world, least, start, end)
        given = world.card_node != NO_NODE
        whole = np.array([steps == ((start, True),) for steps in there], dtype=np.bool_)
        part = np.array([len(steps) > 1 for steps in there], dtype=np.bool_)
        always = np.bincount(world.card_node[given & whole[classes]], minlength=len(world.nodes))
        changing: dict[int, list[tuple[Steps[bool], int]]] = {}
        odd = given & part[classes]
        pairs, counts = np.unique(
            np.stack((world.card_node[odd], classes[odd])), axis=1, return_counts=True
        )
        for (node, kind), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
            changing.setdefault(node, []).append((there[kind], count))
        return cls(always, changing)

    def throughout(self, node: int, start: int, end: int) -> int:
        """How many cards of the node are there over all of `[start, end)`, which lies in the
        period."""
        return int(self.always[node]) + sum(
            count for steps, count in self.changing.get(node, ()) if _lasts(steps, start, end)
        )

    def all_the_time(self, nodes: Collection[int]) -> int:
        """How many cards of the nodes are there over the whole period."""
        return int(self.always[list(nodes)].sum())

    def changes(self, nodes: Collection[int]) -> Int64s:
        """The moments at which there may be more or fewer cards on the nodes, rising."""
        return distinct(
            np.array([at for steps, _ in self._changing(nodes) for at, _ in steps], dtype=np.int64)
        )

    def at(self, nodes: Collection[int], times: Int64s) -> Int64s:
        """How many cards are on the nodes at each of `times`."""
        found = np.full(len(times), self.all_the_time(nodes), dtype=np.int64)
        for steps, count in self._changing(nodes):
            starts, there = (
                np.array([at for at, _ in steps], dtype=np.int64),
                np.array([is_there for _, is_there in steps]),
            )
            found += np.where(there[np.searchsorted(starts, times, side="right") - 1], count, 0)
        return found

    def _changing(self, nodes: Collection[int]) -> list[tuple[Steps[bool], int]]:
        return (
            [each for node in nodes for each in self.changing.get(node, ())]
            if self.changing
            else []
        )


def _lasts(steps: Steps[bool], start: int, end: int) -> bool:
    """Whether the steps are true over all of `[start, end)`."""
    ends = [*(at for at, _ in steps[1:]), end]
    return all(
        is_there for (at, is_there), to in zip(steps, ends, strict=True) if at < end and to > start
    )
