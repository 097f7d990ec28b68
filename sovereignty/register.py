"""The register: which internal number stands for which slot (node, label).

A number is given once, never reused, and all of a node's numbers lie in one chunk of 1,024. A node's first slots get a block
of consecutive numbers (rounded up to 8, so that a slot that turns up later usually lies beside its siblings); when the block is full, the
node takes further numbers of its chunk, of which the last 64 are kept for that. The register is no projection: `rebuild` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django.db import connection, transaction

from audit.models import FLEET_NUMBER, Trail
from audit.storage import locks, raw, rows
from sovereignty import hostlist
from sovereignty.models import CHUNK_CARDS, Card, Chunk, Node

KEPT_FOR_LATE_SLOTS = 64
BLOCK_STEP = 8
BITS_BYTES = CHUNK_CARDS // 8
MOST_CACHED_TEXTS = 200_000
MOST_SPANS_KEPT = 8  # of one node: nearly all touches name all its slots, or one

Span = tuple[int, int]  # first and last card number
ChunkCards = tuple[int, int, int, bytes | None]  # (chunk, first card, last card, bits)


@dataclass(frozen=True, slots=True)
class CardSet:
    """Cards as the plane stores them: how many, and a piece for each chunk."""

    count: int
    chunks: list[ChunkCards]


@dataclass(slots=True)
class NodeSlots:
    """One node of the register. `numbers` maps slot labels to card numbers."""

    pk: int
    block_first: int | None
    block_size: int | None
    numbers: dict[str, int] = field(default_factory=dict)
    spans: dict[tuple[str, ...], list[Span]] = field(default_factory=dict)

    def spans_of(self, labels: tuple[str, ...]) -> list[Span]:
        """The numbers of these slots, which go on having them, as spans. Raises KeyError for a slot without a number."""
        if len(labels) == 1:
            number = self.numbers[labels[0]]
            return [(number, number)]
        found = self.spans.get(labels)
        if found is None:
            found = spans([self.numbers[label] for label in labels])
            if len(self.spans) < MOST_SPANS_KEPT:
                self.spans[labels] = found
        return found


class Register:
    """The register as of one transaction. `numbers_of` and `node_of` read; what they do not know, `give` adds."""

    _cached: ClassVar[tuple[tuple[object, ...], Register] | None] = None

    def __init__(self) -> None:
        self.nodes: dict[str, NodeSlots] = {}
        self._texts: dict[str, CardSet] = {}

    @classmethod
    def current(cls) -> Register:
        """Return the committed register; read again only when it has grown. Not to be changed but by `give`."""
        version = _version()
        if cls._cached is None or cls._cached[0] != version:
            cls._cached = (version, _read())
        return cls._cached[1]

    def numbers_of(self, text: str) -> list[int]:
        """Return the card numbers of a hostlist with slots. Raises KeyError for a slot that has no number yet."""
        nodes = self.nodes
        return [nodes[node].numbers[slot] for node, slots in hostlist.expand(text) for slot in slots]

    def cards_of(self, text: str) -> CardSet:
        """Return the cards of a hostlist with slots by chunk. Raises KeyError for a slot that has no number yet."""
        found = self._texts.get(text)
        if found is None:
            nodes = self.nodes
            found = _set_of([span for node, slots in hostlist.expand(text) for span in nodes[node].spans_of(slots)])
            if len(self._texts) < MOST_CACHED_TEXTS:
                self._texts[text] = found
        return found

    def known_of(self, texts: Iterable[str | None]) -> set[str]:
        """Those of these hostlists whose slots all have numbers; looks their cards up on the way, as they will be wanted."""
        known = self._texts
        return {text for text in texts if text is not None and (text in known or self._has_numbers_for(text))}

    def _has_numbers_for(self, text: str) -> bool:
        try:
            self.cards_of(text)
        except KeyError:
            return False
        return True

    def unknown_slots(self, texts: Iterable[str]) -> dict[str, list[str]]:
        """Return the slots, by node, that have no number yet among hostlists with slots."""
        missing: dict[str, list[str]] = {}
        for text in texts:
            if text in self._texts:
                continue
            for node, slots in hostlist.expand(text):
                known = self.nodes[node].numbers if node in self.nodes else {}
                if lacking := [slot for slot in slots if slot not in known]:
                    missing.setdefault(node, []).extend(lacking)
        return missing

    def unknown_nodes(self, names: Iterable[str]) -> list[str]:
        """Return the names that the register does not hold, each once."""
        return list(dict.fromkeys(name for name in names if name not in self.nodes))


def spans(numbers: Iterable[int]) -> list[Span]:
    """Put distinct numbers into the fewest spans, in order, none of them over a chunk's border."""
    found: list[Span] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1 and number % CHUNK_CARDS:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def card_set(numbers: Iterable[int]) -> CardSet:
    """Put distinct card numbers into chunk pieces: (chunk, first, last, bits), bits only where the set has holes."""
    return _set_of(spans(numbers))


def _set_of(disjoint: list[Span]) -> CardSet:
    if len(disjoint) == 1:
        ((first, last),) = disjoint
        return CardSet(last - first + 1, [(first // CHUNK_CARDS, first, last, None)])
    by_chunk: dict[int, list[Span]] = {}
    for span in sorted(disjoint):
        by_chunk.setdefault(span[0] // CHUNK_CARDS, []).append(span)
    return CardSet(_size(disjoint), [_piece(chunk, inside) for chunk, inside in by_chunk.items()])


def _size(disjoint: list[Span]) -> int:
    return sum([last - first + 1 for first, last in disjoint])


def _piece(chunk: int, found: list[Span]) -> ChunkCards:
    first, last = found[0][0], found[-1][1]
    if last - first + 1 == _size(found):
        return chunk, first, last, None
    mask = 0
    for start, end in found:
        mask |= ((1 << (end - start + 1)) - 1) << (start % CHUNK_CARDS)
    return chunk, first, last, mask.to_bytes(BITS_BYTES, "little")


def give(slots: Mapping[str, Iterable[str]], nodes: Iterable[str], batch: int) -> Register:
    """Give numbers to `slots` (by node) and register `nodes` without cards for `batch`, the first to name them; return the register.

    Takes the card-number lock until the transaction ends. A slot for which its node's chunk has no room stays unknown.
    """
    locks.hold(locks.CARD_NUMBERS)
    grown = _read()
    _Allocation(grown, batch).run({node: list(dict.fromkeys(labels)) for node, labels in slots.items()}, list(nodes))
    transaction.on_commit(lambda: _adopt(grown))
    return grown


def _version() -> tuple[object, ...]:
    """Changes whenever the register grows; a fresh database is told from an old one by its fleet trail's id."""
    ((fleet, given, newest),) = raw.read(_VERSION)
    return (bytes(fleet or b""), given, newest)


def _read() -> Register:
    register = Register()
    by_pk: dict[int, NodeSlots] = {}
    for pk, name, block_first, block_size in Node.objects.values_list("pk", "name", "block_first", "block_size"):
        by_pk[pk] = register.nodes[name] = NodeSlots(pk, block_first, block_size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT node_id, slot, number FROM sovereignty_card")
        for node, slot, number in cursor.fetchall():
            by_pk[node].numbers[slot] = number
    return register


def _adopt(grown: Register) -> None:
    """Make the committed register the cached one, unless another process has grown it further meanwhile."""
    Register._cached = (_version_of(grown), grown)


def _version_of(register: Register) -> tuple[object, ...]:
    fleet = Trail.objects.filter(number=FLEET_NUMBER).values_list("trail_id", flat=True).first()
    given = sum(len(node.numbers) for node in register.nodes.values()) or None
    return (bytes(fleet or b""), given, max((node.pk for node in register.nodes.values()), default=None))


_VERSION = (
    "SELECT (SELECT trail_id FROM audit_trail WHERE number = 0), (SELECT CAST(SUM(given) AS bigint) FROM sovereignty_chunk), "
    "(SELECT MAX(id) FROM sovereignty_node)"
)


class _Allocation:
    """One growth of the register, under the card-number lock."""

    def __init__(self, register: Register, batch: int) -> None:
        self.batch = batch
        self.register = register
        self.chunks = {chunk.number: chunk for chunk in Chunk.objects.all()}
        self.known_chunks = set(self.chunks)
        self.new_cards: list[tuple[int, int, str, int]] = []

    def run(self, slots: dict[str, list[str]], nodes: list[str]) -> None:
        self._add_nodes([*slots, *nodes])
        changed = [self._add_slots(name, labels) for name, labels in slots.items()]
        Node.objects.bulk_update([node for node in changed if node is not None], ["block_first", "block_size"], batch_size=500)
        rows.insert(Card, ("number", "node_id", "slot", "made_by_id"), self.new_cards)
        Chunk.objects.bulk_create([chunk for number, chunk in self.chunks.items() if number not in self.known_chunks])
        Chunk.objects.bulk_update([self.chunks[number] for number in self.known_chunks], ["used", "given"], batch_size=500)

    def _add_nodes(self, names: list[str]) -> None:
        new = self.register.unknown_nodes(names)
        rows.insert(Node, ("name",), [(name,) for name in new])
        for start in range(0, len(new), 500):
            for pk, name in Node.objects.filter(name__in=new[start : start + 500]).values_list("pk", "name"):
                self.register.nodes[name] = NodeSlots(pk, None, None)

    def _add_slots(self, name: str, labels: list[str]) -> Node | None:
        """Give numbers to the labels that have none; return the node's row when it got its block."""
        node = self.register.nodes[name]
        lacking = [label for label in labels if label not in node.numbers]
        fresh = node.block_first is None and bool(lacking)
        if fresh:
            self._give_block(node, len(lacking))
        for label in lacking:
            number = self._next_number(name, node)
            if number is None:
                break
            node.numbers[label] = number
            self.chunks[number // CHUNK_CARDS].given += 1
            self.new_cards.append((number, node.pk, label, self.batch))
        return Node(pk=node.pk, name=name, block_first=node.block_first, block_size=node.block_size) if fresh else None

    def _give_block(self, node: NodeSlots, count: int) -> None:
        room = CHUNK_CARDS - KEPT_FOR_LATE_SLOTS
        size = min(-(-count // BLOCK_STEP) * BLOCK_STEP, room)
        last = max(self.chunks, default=-1)
        if last < 0 or self.chunks[last].used + size > room:
            last += 1
            self.chunks[last] = Chunk(number=last, used=0, given=0)
        node.block_first, node.block_size = last * CHUNK_CARDS + self.chunks[last].used, size
        self.chunks[last].used += size

    def _next_number(self, name: str, node: NodeSlots) -> int | None:
        """The block's next free number, else the chunk's; None when both are full."""
        if node.block_first is None or node.block_size is None:
            raise RuntimeError(f"node {name} has no block of numbers yet")
        inside = sum(1 for number in node.numbers.values() if number < node.block_first + node.block_size)
        if inside < node.block_size:
            return node.block_first + inside
        chunk = self.chunks[node.block_first // CHUNK_CARDS]
        if chunk.used >= CHUNK_CARDS:
            return None
        chunk.used += 1
        return chunk.number * CHUNK_CARDS + chunk.used - 1
