"""What a batch adds to the register: the slots and nodes that its facts are the first to name, and
no more than fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sovereignty.facts import kinds
from sovereignty.facts.fact import SourceFact
from sovereignty.facts.names import named_slots_and_nodes
from sovereignty.register.allocation import allocate
from sovereignty.register.register import Register

# Slots and nodes that one batch may be the first to name: twice the largest cluster planned.
MOST_NEW_NAMES = 200_000


@dataclass(slots=True)
class NewNames:
    """New slots by node, new nodes, and the indexes of the facts that are over the batch's
    quota."""

    slots: dict[str, dict[str, None]] = field(default_factory=dict)
    nodes: dict[str, None] = field(default_factory=dict)
    over_quota: list[int] = field(default_factory=list)

    def allocate(self, register: Register, batch: int) -> Register:
        """Give numbers to what is new, for `batch`; returns the register that knows it."""
        return allocate(self.slots, self.nodes, batch) if self.slots or self.nodes else register


def find_new_names(register: Register, facts: Sequence[SourceFact]) -> NewNames:
    """Return what the facts are the first to name, in their order, until the batch's quota is
    full."""
    names, count = NewNames(), 0
    sole_hostlists = {fact.sole_hostlist for fact in facts}
    known = register.known_of(sole_hostlists)
    if len(known) == len(sole_hostlists):
        return names  # as nearly always: every fact names cards that have their numbers
    refused: set[str] = set()  # texts over the quota: looked up once, as all others
    for index, fact in enumerate(facts):
        if fact.sole_hostlist in known:
            continue
        texts, named_nodes = named_slots_and_nodes(fact.data)
        if not refused.isdisjoint(texts):
            names.over_quota.append(index)
            continue
        fresh = [text for text in texts if text not in known]
        slots = register.unknown_slots(fresh) if fresh else {}
        nodes = register.unknown_nodes(named_nodes) if named_nodes else []
        if not slots and not nodes:
            known.update(fresh)
            continue
        slots, nodes = _without_found(names, slots, nodes)
        more = sum(map(len, slots.values())) + len(nodes)
        if more and count + more > MOST_NEW_NAMES:
            names.over_quota.append(index)
            refused.update(text for text in fresh if register.unknown_slots([text]))
            continue
        count += more
        known.update(fresh)
        names.nodes.update(dict.fromkeys(nodes))
        for node, labels in slots.items():
            names.slots.setdefault(node, {}).update(dict.fromkeys(labels))
    return names


def adds_to(register: Register, data: kinds.Data) -> bool:
    """Whether the fact names anything that the register does not know."""
    texts, nodes = named_slots_and_nodes(data)
    return bool(register.unknown_slots(texts) or register.unknown_nodes(nodes))


def _without_found(
    names: NewNames, slots: dict[str, list[str]], nodes: list[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Those of these slots and nodes, which the register does not know, that are not found yet."""
    lacking = {
        node: fresh
        for node, labels in slots.items()
        if (
            fresh := [
                label for label in dict.fromkeys(labels) if label not in names.slots.get(node, ())
            ]
        )
    }
    return lacking, [node for node in nodes if node not in names.nodes]
