"""The register: which internal number stands for which slot (node, label).

A number is given once, never reused, and all of a node's numbers lie in one chunk of 1,024. A
node's first slots get a block of consecutive numbers (rounded up to 8, so that a slot that turns up
later usually lies beside its siblings); when the block is full, the node takes further numbers of
its chunk, of which the last 64 are kept for that. The register is no projection: `rebuild` keeps
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from django.db import connection

from audit.models import FLEET_NUMBER, Trail
from audit.storage import raw
from sovereignty import hostlist
from sovereignty.models import Node
from sovereignty.register.card_sets import CardSet, Span, set_of, spans

MOST_CACHED_TEXTS = 200_000
MOST_SPANS_KEPT = 8  # of one node: nearly all touches name all its slots, or one

Expand: TypeAlias = Callable[[str], list[tuple[str, tuple[str, ...]]]]


@dataclass(slots=True)
class NodeSlots:
    """One node of the register. `numbers` maps slot labels to card numbers."""

    pk: int
    block_first: int | None
    block_size: int | None
    numbers: dict[str, int] = field(default_factory=dict)
    spans: dict[tuple[str, ...], list[Span]] = field(default_factory=dict)

    def spans_of(self, labels: tuple[str, ...]) -> list[Span]:
        """The numbers of these slots, which go on having them, as spans. Raises KeyError for a slot
        without a number."""
        if len(labels) == 1:
            number = self.numbers[labels[0]]
            return [(number, number)]
        known = self.spans.get(labels)
        if known is None:
            known = spans([self.numbers[label] for label in labels])
            if len(self.spans) < MOST_SPANS_KEPT:
                self.spans[labels] = known
        return known


class Register:
    """The register as of one transaction. What it does not know, `allocation.allocate` adds. It
    reads hostlists by `expand`."""

    _cached: ClassVar[tuple[tuple[object, ...], Register] | None] = None

    def __init__(self, expand: Expand = hostlist.expand) -> None:
        self.nodes: dict[str, NodeSlots] = {}
        self._expand = expand
        self._texts: dict[str, CardSet] = {}

    @classmethod
    def current(cls) -> Register:
        """Return the committed register; read again only when it has grown. Only `allocation`
        changes it."""
        version = _version()
        if cls._cached is None or cls._cached[0] != version:
            cls._cached = (version, read_register())
        return cls._cached[1]

    def numbers_of(self, text: str) -> list[int]:
        """Return the card numbers of a hostlist with slots. Raises KeyError for a slot that has no
        number yet."""
        nodes = self.nodes
        return [nodes[node].numbers[slot] for node, slots in self._expand(text) for slot in slots]

    def cards_of(self, text: str) -> CardSet:
        """Return the cards of a hostlist with slots by chunk. Raises KeyError for a slot that has
        no number yet."""
        cards = self._texts.get(text)
        if cards is None:
            nodes = self.nodes
            cards = set_of(
                [span for node, slots in self._expand(text) for span in nodes[node].spans_of(slots)]
            )
            if len(self._texts) < MOST_CACHED_TEXTS:
                self._texts[text] = cards
        return cards

    def known_of(self, texts: Iterable[str | None]) -> set[str]:
        """Those of these hostlists whose slots all have numbers; looks their cards up on the way,
        as they will be wanted."""
        known = self._texts
        return {
            text
            for text in texts
            if text is not None and (text in known or self._has_numbers_for(text))
        }

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
            for node, slots in self._expand(text):
                known = self.nodes[node].numbers if node in self.nodes else {}
                if lacking := [slot for slot in slots if slot not in known]:
                    missing.setdefault(node, []).extend(lacking)
        return missing

    def unknown_nodes(self, names: Iterable[str]) -> list[str]:
        """Return the names that the register does not hold, each once."""
        return list(dict.fromkeys(name for name in names if name not in self.nodes))


def _version() -> tuple[object, ...]:
    """Changes whenever the register grows; a fresh database is told from an old one by its fleet
    trail's id."""
    ((fleet, given, newest),) = raw.read(_VERSION)
    return (bytes(fleet or b""), given, newest)


def read_register() -> Register:
    register = Register()
    by_pk: dict[int, NodeSlots] = {}
    for pk, name, block_first, block_size in Node.objects.values_list(
        "pk", "name", "block_first", "block_size"
    ):
        by_pk[pk] = register.nodes[name] = NodeSlots(pk, block_first, block_size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT node_id, slot, number FROM sovereignty_card")
        for node, slot, number in cursor.fetchall():
            by_pk[node].numbers[slot] = number
    return register


def adopt(register: Register) -> None:
    """Make the committed register the cached one, unless another process has added to it
    meanwhile."""
    Register._cached = (_version_of(register), register)


def _version_of(register: Register) -> tuple[object, ...]:
    fleet = Trail.objects.filter(number=FLEET_NUMBER).values_list("trail_id", flat=True).first()
    given = sum(len(node.numbers) for node in register.nodes.values()) or None
    return (
        bytes(fleet or b""),
        given,
        max((node.pk for node in register.nodes.values()), default=None),
    )


_VERSION = (
    f"SELECT (SELECT trail_id FROM audit_trail WHERE number = {FLEET_NUMBER}),"  # noqa: S608 - our own
    " (SELECT CAST(SUM(given) AS bigint) FROM sovereignty_chunk),"
    " (SELECT MAX(id) FROM sovereignty_node)"
)
