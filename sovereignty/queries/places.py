"""Where cards stood: the nodes of touches, and the region of each node over time, from the
statements in force now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sovereignty import hostlist
from sovereignty.loading.statements import histories_of
from sovereignty.models import (
    Card,
    Node,
    NodeStatement,
    Touch,
    TouchChunk,
    TouchPart,
)
from sovereignty.plane.inventory.statements import Value, resolve
from sovereignty.plane.steps import Steps, clip
from sovereignty.plane.world import Grade
from sovereignty.register.card_sets import decode_bits

Names = list[tuple[str, str]]  # (node, slot)


@dataclass(frozen=True, slots=True)
class Places:
    """The cards of each touch by its key, the parts whose cards are not known, and the regions of
    their nodes."""

    cards: dict[int, Names] = field(default_factory=dict)
    parts: dict[int, list[TouchPart]] = field(default_factory=dict)
    regions: dict[str, Steps[Value]] = field(default_factory=dict)

    @classmethod
    def of(cls, touches: Sequence[Touch], least: Grade) -> Places:
        """The places of these touches. A region known only by evidence below `least` counts as not
        known."""
        keys = [touch.key for touch in touches]
        numbers = _numbers(keys)
        names = _names({number for of_touch in numbers.values() for number in of_touch})
        parts: dict[int, list[TouchPart]] = {}
        for part in TouchPart.objects.filter(touch__in=keys).order_by("pk"):
            parts.setdefault(part.touch_id, []).append(part)
        nodes = {node for node, _ in names.values()}
        cards = {
            key: [names[number] for number in sorted(of_touch)] for key, of_touch in numbers.items()
        }
        return cls(cards, parts, _regions(nodes, least))

    def hostlists(self, touch: int) -> list[str]:
        """The touch's cards as hostlists."""
        return hostlist.compress(self.cards.get(touch, []))

    def by_node(self, touch: int) -> dict[str, int]:
        """How many cards of each node the touch used."""
        counted: dict[str, int] = {}
        for node, _ in self.cards.get(touch, []):
            counted[node] = counted.get(node, 0) + 1
        return counted

    def region(self, node: str, start: int, end: int) -> Steps[Value]:
        """The node's region over [start, end)."""
        return clip(self.regions[node], start, end)


def _numbers(keys: Sequence[int]) -> dict[int, set[int]]:
    """The card numbers of each touch."""
    numbers_of: dict[int, set[int]] = {}
    chunks = TouchChunk.objects.filter(touch__in=keys).values_list(
        "touch_id", "chunk", "first_card", "last_card", "bits"
    )
    for key, chunk, first, last, bits in chunks:
        if bits is None:
            numbers: Iterable[int] = range(first, last + 1)
        else:
            numbers = decode_bits(chunk, bits).tolist()
        numbers_of.setdefault(key, set()).update(numbers)
    return numbers_of


def _names(numbers: set[int]) -> dict[int, tuple[str, str]]:
    cards = Card.objects.filter(number__among=numbers).values_list("number", "node_id", "slot")
    known = list(cards)
    nodes = dict(
        Node.objects.filter(id__among={node for _, node, _ in known}).values_list("pk", "name")
    )
    return {number: (nodes[node], slot) for number, node, slot in known}


def _regions(nodes: set[str], least: Grade) -> dict[str, Steps[Value]]:
    """The region of each node over all time."""
    pks = dict(Node.objects.filter(name__among=nodes).values_list("name", "pk"))
    live = NodeStatement.objects.current().filter(node_id__among=set(pks.values()))
    histories = histories_of(live, "node_id", ["region"])
    return {name: resolve(histories.get(pk, []), "region", least) for name, pk in pks.items()}
