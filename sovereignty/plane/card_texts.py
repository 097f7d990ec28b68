"""Card numbers as hostlist texts: internal numbers never leave the plane.

The texts are those of `hostlist.compress`.
"""

from sovereignty.hostlist import compress, split
from sovereignty.plane.world import CardRanges, World

_ANY_NODE = "n"


class CardTexts:
    """Writes card sets of one world. Most sets lie inside one node; these share the work on their
    slots."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._node_of_card: list[int] = world.card_node.tolist()
        self._texts_of_set: dict[CardRanges, list[str]] = {}
        self._texts_of_slots: dict[tuple[str, ...], list[str]] = {}

    def of(self, ranges: CardRanges) -> list[str]:
        """Return the canonical texts of the cards of closed ranges of given card numbers."""
        if ranges not in self._texts_of_set:
            self._texts_of_set[ranges] = self._write(
                [card for first, last in ranges for card in range(first, last + 1)]
            )
        return list(self._texts_of_set[ranges])

    def _write(self, cards: list[int]) -> list[str]:
        nodes = [self._node_of_card[card] for card in cards]
        slots = [self._world.card_slot[card] or "" for card in cards]
        if nodes.count(nodes[0]) == len(nodes):
            return [f"{self._world.nodes[nodes[0]]}/{text}" for text in self._slots(tuple(slots))]
        return compress(zip((self._world.nodes[node] for node in nodes), slots, strict=True))

    def _slots(self, slots: tuple[str, ...]) -> list[str]:
        """The texts of slots of one node, without the node."""
        if slots not in self._texts_of_slots:
            texts = compress((_ANY_NODE, slot) for slot in slots)
            self._texts_of_slots[slots] = [split(text)[1] or "" for text in texts]
        return self._texts_of_slots[slots]
