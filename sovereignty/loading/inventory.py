"""Load the inventory and the subjects: the register of slots, who and what is known of, and every
dated statement about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from audit.models import FLEET_NUMBER
from sovereignty.facts.statements import ATTRIBUTES, CARD_ATTRIBUTES
from sovereignty.loading.rows import WorldIndexes, live, select
from sovereignty.loading.statements import HEAD, HEAD_SQL, statement_of
from sovereignty.plane.world import NO_NODE, Statement

HEAD_COLUMNS = len(HEAD)


def load_register(
    position: int, indexes: WorldIndexes
) -> tuple[list[str], NDArray[np.int32], list[str | None]]:
    """Nodes and cards; a card that was first named later is a gap, or *k of its node* would be
    judged by cards nobody knew of."""
    nodes = select("SELECT id, name FROM sovereignty_node ORDER BY id")
    indexes.nodes = {pk: index for index, (pk, _) in enumerate(nodes)}
    indexes.node_names = {name: index for index, (_, name) in enumerate(nodes)}
    cards = select(
        "SELECT t.number, t.node_id, t.slot FROM sovereignty_card t "
        "JOIN sovereignty_batch made ON made.id = t.made_by_id AND made.position <= %s",
        [position],
    )
    size = max((number for number, _, _ in cards), default=-1) + 1
    card_node = np.full(size, NO_NODE, dtype=np.int32)
    card_slot: list[str | None] = [None] * size
    names = [name for _, name in nodes]
    for number, node, slot in cards:
        index = indexes.nodes[node]
        card_node[number] = index
        card_slot[number] = slot
        indexes.slots.setdefault(names[index], {})[slot] = number
    return names, card_node, card_slot


def load_subjects(position: int, indexes: WorldIndexes) -> tuple[list[str], list[str]]:
    """The tenants of whom something was known at the position, and every workload."""
    tenants = select(
        "SELECT t.id, t.key, t.trail_id FROM sovereignty_tenant t WHERE EXISTS ("
        "SELECT 1 FROM sovereignty_fact f "
        "JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s "
        "WHERE f.trail_number = t.trail_id) ORDER BY t.key",
        [position],
    )
    indexes.tenants = {pk: index for index, (pk, _, _) in enumerate(tenants)}
    indexes.trails = {
        FLEET_NUMBER: None,
        **{trail: index for index, (_, _, trail) in enumerate(tenants)},
    }
    workloads = select("SELECT id, key FROM sovereignty_workload ORDER BY id")
    indexes.workloads = {pk: index for index, (pk, _) in enumerate(workloads)}
    return [key for _, key, _ in tenants], [key for _, key in workloads]


def load_statements(position: int, indexes: WorldIndexes) -> list[Statement]:
    """Every statement that is live at the position."""
    return [
        *_stated("region", "region", position),
        *_stated("node", "node_id", position, indexes.nodes),
        *_cards(position),
        *_stated("tenant", "tenant_id", position, indexes.tenants),
        *_stated("workload", "workload_id", position, indexes.workloads),
    ]


def _stated(
    kind: Literal["region", "node", "tenant", "workload"],
    column: str,
    position: int,
    indexes: Mapping[int, int] | None = None,
) -> Iterator[Statement]:
    """What is stated of each subject of the kind, which its rows name in `column`: by a database
    key that has one of the `indexes`, or by its own key."""
    attributes = ATTRIBUTES[kind]
    columns = ", ".join(f"t.{name}" for name in attributes)
    rows = live(f"t.{column}, {HEAD_SQL}, {columns}", f"sovereignty_{kind}statement", position)
    for subject, *row in rows:
        values = dict(zip(attributes, row[HEAD_COLUMNS:], strict=True))
        index = subject if indexes is None else indexes[subject]
        yield statement_of((kind, index), row[:HEAD_COLUMNS], values)


def _cards(position: int) -> Iterator[Statement]:
    """Card statements; consecutive cards of which one fact says the same are one statement."""
    columns = ", ".join(f"t.{name}" for name in CARD_ATTRIBUTES)
    rows = live(
        f"t.card_id, {HEAD_SQL}, t.resets, t.present, {columns}",
        "sovereignty_cardstatement",
        position,
        " ORDER BY t.fact_id, made.position, t.card_id",
    )
    first = last = -1
    open_row: list[Any] = []
    for number, *row in rows:
        if row == open_row and number == last + 1:
            last = number
            continue
        if open_row:
            yield _card(first, last, open_row)
        first = last = number
        open_row = row
    if open_row:
        yield _card(first, last, open_row)


def _card(first: int, last: int, row: Sequence[Any]) -> Statement:
    head, (resets, present, *attributes) = row[:HEAD_COLUMNS], row[HEAD_COLUMNS:]
    values = dict(zip(CARD_ATTRIBUTES, attributes, strict=True))
    values["present"] = "yes" if present else "no"
    return statement_of(("cards", (first, last)), head, values, bool(resets))
