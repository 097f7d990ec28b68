"""How many cards each node has at each time, as accepted evidence states them.

A card that is only planned, that was retired, or that is registered from a later time on gives no
capacity at that time for a count without card numbers.

    hz-1 has 0-7 stated at declared grade; 4-7 are retired at 5h
    →   capacity 8 until 5h, and 4 throughout [4h, 6h)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sovereignty.plane.inventory.known_cards import times_there
from sovereignty.plane.ordering import distinct
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import NO_NODE, Grade, Int64s, World


@dataclass(frozen=True, slots=True)
class Capacity:
    """The cards of each node in one period.

    - `always[n]`: how many cards of node n are there over the whole period.
    - `changing[n]`: the other cards of node n, as pairs of when they are there and how many they
      are. A node without such cards has no key.
    """

    always: Int64s
    changing: dict[int, list[tuple[Steps[bool], int]]]

    @classmethod
    def of(cls, world: World, least: Grade, start: int, end: int) -> "Capacity":
        """Return the capacity in `[start, end)`; evidence below the `least` grade gives none."""
        class_of_card, there = times_there(world, least, start, end)
        is_given = world.card_node != NO_NODE
        is_always = np.array([steps == ((start, True),) for steps in there], dtype=np.bool_)
        is_changing = np.array([len(steps) > 1 for steps in there], dtype=np.bool_)
        always = np.bincount(
            world.card_node[is_given & is_always[class_of_card]], minlength=len(world.nodes)
        )
        changing: dict[int, list[tuple[Steps[bool], int]]] = {}
        cards = is_given & is_changing[class_of_card]
        pairs, counts = np.unique(
            np.stack((world.card_node[cards], class_of_card[cards])), axis=1, return_counts=True
        )
        for (node, card_class), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
            changing.setdefault(node, []).append((there[card_class], count))
        return cls(always, changing)

    def throughout(self, node: int, start: int, end: int) -> int:
        """Count the cards of the node that are there over all of `[start, end)`, which lies in the
        period."""
        return int(self.always[node]) + sum(
            count
            for steps, count in self.changing.get(node, ())
            if _holds_throughout(steps, start, end)
        )

    def throughout_period(self, nodes: Collection[int]) -> int:
        """Count the cards of the nodes that are there over the whole period."""
        return int(self.always[list(nodes)].sum())

    def change_times(self, nodes: Collection[int]) -> Int64s:
        """The times at which the capacity of the nodes may change, rising."""
        return distinct(
            np.array(
                [time for steps, _ in self._changing(nodes) for time, _ in steps], dtype=np.int64
            )
        )

    def at_times(self, nodes: Collection[int], times: Int64s) -> Int64s:
        """Count the cards that are on the nodes at each of `times`."""
        totals = np.full(len(times), self.throughout_period(nodes), dtype=np.int64)
        for steps, count in self._changing(nodes):
            starts = np.array([start for start, _ in steps], dtype=np.int64)
            is_there = np.array([value for _, value in steps])
            step = np.searchsorted(starts, times, side="right") - 1
            totals += np.where(is_there[step], count, 0)
        return totals

    def _changing(self, nodes: Collection[int]) -> list[tuple[Steps[bool], int]]:
        if not self.changing:
            return []
        return [group for node in nodes for group in self.changing.get(node, ())]


def _holds_throughout(steps: Steps[bool], start: int, end: int) -> bool:
    """Whether the steps are true over all of `[start, end)`."""
    step_ends = [*(step_start for step_start, _ in steps[1:]), end]
    return all(
        is_there
        for (step_start, is_there), step_end in zip(steps, step_ends, strict=True)
        if step_start < end and step_end > start
    )
