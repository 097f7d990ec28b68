"""Inventory from a mapping's `inventory` select: each row is a sighting of cards, and only what
changed becomes a fact.

    node         at             slots  model
    hz-a-0001    1563882000000  0-7    A100 40 GB     the node is registered with eight cards
    hz-a-0001    1563968400000  0-7    A100 40 GB     nothing new
    hz-a-0001    1595418000000  0-7    A100 80 GB     eight cards are replaced, at this time

Another model in a slot is another card, so `card.replaced` ends whatever was known of the old one;
any other changed attribute is stated again by `node.registered`, and so is a slot not seen before.
A slot that is no longer seen is left as it is: a run may have used fewer cards than the node has.
Spellings of one model are to be merged before (`canonical`), or they would replace cards.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from sovereignty import hostlist
from sovereignty.collect.trace.events import Event, convert, make_event
from sovereignty.collect.trace.mapping import Mapping
from sovereignty.collect.trace.rows import select
from sovereignty.collect.trace.sql import fault_of
from sovereignty.collect.trace.touches import Unmade
from sovereignty.facts import kinds
from sovereignty.facts.errors import FactError
from sovereignty.hostlist import HostlistError

ATTRIBUTES = (
    "vendor",
    "model",
    "pci_id",
    "design_country",
    "fabrication_country",
    "packaging_country",
    "firmware_country",
)
NODE_ATTRIBUTES = ("region", "owner")
NEEDED = frozenset({"node", "at", "evidence"})
COLUMNS = NEEDED | {"row_id", "slots", *ATTRIBUTES, *NODE_ATTRIBUTES}

Row = dict[str, object]
Attributes = tuple[object, ...]  # as ATTRIBUTES; None where nothing was said


@dataclass(frozen=True, slots=True)
class Change:
    """Cards of `node` that are of these models from `at` on, for what a site plan adds to them.

    `generation` counts the cards that a slot has held: 1 for the first.
    """

    node: str
    at: int
    models: dict[str, str | None]
    generation: dict[str, int]


@dataclass(slots=True)
class KnownNode:
    """What was said of a node so far; `settled` are the rows that, said again, change nothing."""

    name: str
    registered: bool = False
    attributes: Attributes = (None,) * len(NODE_ATTRIBUTES)
    slots: dict[str, Attributes] = field(default_factory=dict)
    generation: dict[str, int] = field(default_factory=dict)
    settled: set[Attributes] = field(default_factory=set)


def inventory(
    connection: sqlite3.Connection, mapping: Mapping
) -> Iterator[Event | Unmade | Change]:
    """Yield the inventory that the sightings amount to, node by node in the order of time. Raises
    MappingError.

    After the events of a node and time comes the Change that they made, if any.
    """
    if mapping.inventory is None:
        return
    table = mapping.inventory.rows or mapping.first_table()
    ordered = f'SELECT * FROM ({mapping.inventory.select}) ORDER BY node, "at"'  # noqa: S608  # the operator's own SQL
    sightings = select(connection, "inventory", ordered, COLUMNS, NEEDED)
    for name, of_node in groupby(sightings, key=lambda row: row["node"]):
        node = KnownNode(str(name))
        for _, rows in groupby(of_node, key=lambda row: row["at"]):
            yield from _sighted(mapping.source, table, node, list(rows))


def _sighted(
    source: str, table: str, node: KnownNode, rows: list[Row]
) -> Iterator[Event | Unmade | Change]:
    """One node at one time: the facts of what is new, once all of them can be made."""
    rows_seen = {
        tuple(value for name, value in row.items() if name not in ("row_id", "at")) for row in rows
    }
    if rows_seen <= node.settled:
        return
    seen, good, bad = _slots_seen(rows)
    yield from (
        Unmade(table, _rows([row]), f"inventory of {node.name}: {reason}") for row, reason in bad
    )
    if not good:
        return
    after, replaced, stated = _after(node, good[0], seen)
    try:
        made = _replacements(after, replaced, good[0])
        if stated or not node.registered or after.attributes != node.attributes:
            made.append(_registration(after, stated, good[0]))
    except FactError as fault:
        yield Unmade(table, _rows(good), f"inventory of {node.name}: {fault}")
        return
    node.registered, node.attributes, node.slots, node.generation = (
        True,
        after.attributes,
        after.slots,
        after.generation,
    )
    node.settled = set() if bad else rows_seen if made else node.settled | rows_seen
    yield from (make_event(source, data, table, _rows(good)) for data in made)
    at = good[0]["at"]
    if made and isinstance(at, int):
        changed = (*replaced, *stated)
        yield Change(
            node.name,
            at,
            {slot: _model(node.slots[slot]) for slot in changed},
            {slot: node.generation[slot] for slot in changed},
        )


def _after(
    node: KnownNode, row: Row, seen: dict[str, Attributes]
) -> tuple[KnownNode, list[str], list[str]]:
    """What is known of the node once these slots were seen; which slots hold another card, and
    which are to be stated."""
    slots = {slot: _card(node.slots.get(slot), said) for slot, said in seen.items()}
    replaced = [
        slot
        for slot, attributes in slots.items()
        if _is_other_card(node.slots.get(slot), attributes)
    ]
    stated = [
        slot
        for slot, attributes in slots.items()
        if slot not in replaced and node.slots.get(slot) != attributes
    ]
    held = {
        slot: node.generation.get(slot, 0) + (slot in replaced or slot not in node.generation)
        for slot in slots
    }
    attributes = _filled(node.attributes, _said(NODE_ATTRIBUTES, row))
    return (
        KnownNode(node.name, True, attributes, node.slots | slots, node.generation | held),
        replaced,
        stated,
    )


def _replacements(after: KnownNode, slots: list[str], row: Row) -> list[kinds.Data]:
    common = {"node": after.name, "effective_at": row["at"], "evidence": row["evidence"]}
    return [
        convert(
            kinds.CardReplaced, {**common, "slot": slot, **_named(ATTRIBUTES, after.slots[slot])}
        )
        for slot in slots
    ]


def _registration(after: KnownNode, slots: list[str], row: Row) -> kinds.Data:
    groups = card_groups({slot: _named(ATTRIBUTES, after.slots[slot]) for slot in slots})
    values = {
        "node": after.name,
        "effective_at": row["at"],
        "evidence": row["evidence"],
        "cards": groups,
    }
    return convert(kinds.NodeRegistered, values | _named(NODE_ATTRIBUTES, after.attributes))


def card_groups(slots: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """Slots with their attributes as `facts.CardGroup`s, slots of the same attributes together.

    An attribute `serial` becomes one of its group's serials, in the order of the slots.
    """
    alike: dict[tuple[tuple[str, object], ...], dict[str, object]] = {}
    for slot, attributes in slots.items():
        shared = tuple(
            (name, value)
            for name, value in attributes.items()
            if name != "serial" and value is not None
        )
        with_serial = attributes.get("serial") is not None
        alike.setdefault((*shared, ("", with_serial)), {})[slot] = attributes.get("serial")
    groups: list[dict[str, object]] = []
    for shared, serials in alike.items():
        for _, text in (
            card.split("/") for card in hostlist.compress(("n", slot) for slot in serials)
        ):
            group: dict[str, object] = {**dict(shared[:-1]), "slots": text}
            if shared[-1][1]:
                group["serials"] = [serials[slot] for slot in hostlist.expand_slots(text)]
            groups.append(group)
    return groups


def _slots_seen(rows: list[Row]) -> tuple[dict[str, Attributes], list[Row], list[tuple[Row, str]]]:
    """What the rows of one node and time say of each slot; the rows that say it, and those that
    cannot be read, with the reason."""
    seen: dict[str, Attributes] = {}
    good: list[Row] = []
    bad: list[tuple[Row, str]] = []
    for row in rows:
        if fault := next(filter(None, map(fault_of, row.values())), None):
            bad.append((row, fault))
            continue
        attributes = _said(ATTRIBUTES, row)
        try:
            slots = hostlist.expand_slots(str(row["slots"])) if row.get("slots") else []
        except HostlistError as error:
            bad.append((row, str(error)))
            continue
        if other := next(
            (slot for slot in slots if seen.get(slot, attributes) != attributes), None
        ):
            bad.append((row, f"want one description of slot {other} at one time, got another"))
            continue
        seen |= dict.fromkeys(slots, attributes)
        good.append(row)
    return seen, good, bad


def _said(names: tuple[str, ...], row: Row) -> Attributes:
    return tuple(row.get(name) or None for name in names)


def _card(before: Attributes | None, now: Attributes) -> Attributes:
    return now if before is None or _is_other_card(before, now) else _filled(before, now)


def _filled(before: Attributes, now: Attributes) -> Attributes:
    """What is known once `now` was said: what it leaves out stays as it was."""
    return tuple(old if new is None else new for old, new in zip(before, now, strict=True))


def _named(names: tuple[str, ...], attributes: Attributes) -> Row:
    return dict(zip(names, attributes, strict=True))


def _is_other_card(before: Attributes | None, now: Attributes) -> bool:
    """Whether the model says that another card sits in the slot."""
    models = (_model(before), _model(now)) if before is not None else (None, None)
    return None not in models and models[0] != models[1]


def _model(attributes: Attributes) -> str | None:
    value = attributes[ATTRIBUTES.index("model")]
    return None if value is None else str(value)


def _rows(rows: Iterable[Row]) -> tuple[int, ...]:
    return tuple(row_id for row in rows if isinstance(row_id := row.get("row_id"), int))
