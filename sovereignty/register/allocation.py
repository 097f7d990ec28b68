"""Allocation: numbers for slots and nodes that are named for the first time, under the card-number
lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from audit.storage import locks, rows
from sovereignty.models import CHUNK_CARDS, Card, Chunk, Node
from sovereignty.register.register import NodeSlots, Register, adopt, read_register

KEPT_FOR_LATE_SLOTS = 64
BLOCK_STEP = 8


def allocate(slots: Mapping[str, Iterable[str]], nodes: Iterable[str], batch: int) -> Register:
    """Give numbers to `slots` (by node) and register `nodes` without cards for `batch`, the first
    to name them; return the register.

    Takes the card-number lock until the transaction ends. A slot for which its node's chunk has no
    number left stays unknown.
    """
    locks.hold(locks.CARD_NUMBERS)
    grown = read_register()
    _Allocation(grown, batch).run(
        {node: list(dict.fromkeys(labels)) for node, labels in slots.items()}, list(nodes)
    )
    transaction.on_commit(lambda: adopt(grown))
    return grown


class _Allocation:
    """One addition to the register, under the card-number lock."""

    def __init__(self, register: Register, batch: int) -> None:
        self.batch = batch
        self.register = register
        self.chunks = {chunk.number: chunk for chunk in Chunk.objects.all()}
        self.known_chunks = set(self.chunks)
        self.new_cards: list[tuple[int, int, str, int]] = []

    def run(self, slots: dict[str, list[str]], nodes: list[str]) -> None:
        self._add_nodes([*slots, *nodes])
        changed = [self._add_slots(name, labels) for name, labels in slots.items()]
        Node.objects.bulk_update(
            [node for node in changed if node is not None],
            ["block_first", "block_size"],
            batch_size=500,
        )
        rows.insert(Card, ("number", "node_id", "slot", "made_by_id"), self.new_cards)
        Chunk.objects.bulk_create(
            [chunk for number, chunk in self.chunks.items() if number not in self.known_chunks]
        )
        Chunk.objects.bulk_update(
            [self.chunks[number] for number in self.known_chunks], ["used", "given"], batch_size=500
        )

    def _add_nodes(self, names: list[str]) -> None:
        new = self.register.unknown_nodes(names)
        rows.insert(Node, ("name",), [(name,) for name in new])
        for start in range(0, len(new), 500):
            for pk, name in Node.objects.filter(name__in=new[start : start + 500]).values_list(
                "pk", "name"
            ):
                self.register.nodes[name] = NodeSlots(pk, None, None)

    def _add_slots(self, name: str, labels: list[str]) -> Node | None:
        """Give numbers to the labels that have none; return the node's row when it got its
        block."""
        node = self.register.nodes[name]
        lacking = [label for label in labels if label not in node.numbers]
        fresh = node.block_first is None and bool(lacking)
        if fresh:
            self._allocate_block(node, len(lacking))
        for label in lacking:
            number = self._next_number(name, node)
            if number is None:
                break
            node.numbers[label] = number
            self.chunks[number // CHUNK_CARDS].given += 1
            self.new_cards.append((number, node.pk, label, self.batch))
        return (
            Node(pk=node.pk, name=name, block_first=node.block_first, block_size=node.block_size)
            if fresh
            else None
        )

    def _allocate_block(self, node: NodeSlots, count: int) -> None:
        quota = CHUNK_CARDS - KEPT_FOR_LATE_SLOTS
        size = min(-(-count // BLOCK_STEP) * BLOCK_STEP, quota)
        last = max(self.chunks, default=-1)
        if last < 0 or self.chunks[last].used + size > quota:
            last += 1
            self.chunks[last] = Chunk(number=last, used=0, given=0)
        node.block_first, node.block_size = last * CHUNK_CARDS + self.chunks[last].used, size
        self.chunks[last].used += size

    def _next_number(self, name: str, node: NodeSlots) -> int | None:
        """The block's next free number, else the chunk's; None when both are full."""
        if node.block_first is None or node.block_size is None:
            raise RuntimeError(f"node {name} has no block of numbers yet")
        inside = sum(
            1 for number in node.numbers.values() if number < node.block_first + node.block_size
        )
        if inside < node.block_size:
            return node.block_first + inside
        chunk = self.chunks[node.block_first // CHUNK_CARDS]
        if chunk.used >= CHUNK_CARDS:
            return None
        chunk.used += 1
        return chunk.number * CHUNK_CARDS + chunk.used - 1
