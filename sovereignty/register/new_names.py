"""What a batch adds to the register: the slots and nodes that its facts are the first to name, and
no more than fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sovereignty.facts import kinds
from sovereignty.facts.fact import BareFact
from sovereignty.facts.names import needs_of
from sovereignty.register.allocation import give
from sovereignty.register.register import Register

# slots and nodes that one batch may be the first to name; twice the largest cluster planned
MOST_NEW_NAMES = 200_000


@dataclass(slots=True)
class Growth:
    """New slots by node, new nodes, and the places of the facts for which there was no room."""

    slots: dict[str, dict[str, None]] = field(default_factory=dict)
    nodes: dict[str, None] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)

    def give(self, register: Register, batch: int) -> Register:
        """Give numbers to what is new, for `batch`; returns the register that knows it."""
        return give(self.slots, self.nodes, batch) if self.slots or self.nodes else register


def find_growth(register: Register, found: Sequence[BareFact]) -> Growth:
    """Return what the facts add to the register, in their order, until it is enough for one batch."""
    growth, count = Growth(), 0
    only = {fact.only for fact in found}
    seen = register.known_of(only)
    if len(seen) == len(only):
        return growth  # as nearly always: every fact names cards that have their numbers
    left: set[str] = set()  # texts that there was no room for: looked up once, as all others
    for place, fact in enumerate(found):
        if fact.only in seen:
            continue
        texts, names = needs_of(fact.data)
        if not left.isdisjoint(texts):
            growth.left_out.append(place)
            continue
        fresh = [text for text in texts if text not in seen]
        slots = register.unknown_slots(fresh) if fresh else {}
        nodes = register.unknown_nodes(names) if names else []
        if not slots and not nodes:
            seen.update(fresh)
            continue
        slots, nodes = _without_known(growth, slots, nodes)
        more = sum(map(len, slots.values())) + len(nodes)
        if more and count + more > MOST_NEW_NAMES:
            growth.left_out.append(place)
            left.update(text for text in fresh if register.unknown_slots([text]))
            continue
        count += more
        seen.update(fresh)
        growth.nodes.update(dict.fromkeys(nodes))
        for node, labels in slots.items():
            growth.slots.setdefault(node, {}).update(dict.fromkeys(labels))
    return growth


def adds_to(register: Register, data: kinds.Data) -> bool:
    """Whether the fact names anything that the register does not know."""
    texts, nodes = needs_of(data)
    return bool(register.unknown_slots(texts) or register.unknown_nodes(nodes))


def _without_known(
    growth: Growth, slots: dict[str, list[str]], nodes: list[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """The slots and nodes, which the register does not know, that the growth so far has not either."""
    lacking = {
        node: fresh
        for node, labels in slots.items()
        if (
            fresh := [
                label for label in dict.fromkeys(labels) if label not in growth.slots.get(node, ())
            ]
        )
    }
    return lacking, [name for name in nodes if name not in growth.nodes]
