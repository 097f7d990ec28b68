"""Load the inventory and the subjects: the register of slots, who and what is known of, and every
dated statement about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from audit.models import FLEET_NUMBER
from sovereignty.facts.statements import ATTRIBUTES, CARD_ATTRIBUTES
from sovereignty.loading.rows import Names, live, select
from sovereignty.loading.statements import HEAD, HEAD_SQL, statement_of
from sovereignty.plane.world import NO_NODE, Statement

HEAD_COLUMNS = len(HEAD)


def load_register(
    position: int, names: Names
) -> tuple[list[str], NDArray[np.int32], list[str | None]]:
    """Nodes and cards; a card that was first named later is a gap, or *k of its node* would be
    judged by cards nobody knew of."""
    nodes = select("SELECT id, name FROM sovereignty_node ORDER BY id")
    names.nodes = {pk: place for place, (pk, _) in enumerate(nodes)}
    names.node_names = {name: place for place, (_, name) in enumerate(nodes)}
    cards = select(
        "SELECT t.number, t.node_id, t.slot FROM sovereignty_card t "
        "JOIN sovereignty_batch made ON made.id = t.made_by_id AND made.position <= %s",
        [position],
    )
    size = max((number for number, _, _ in cards), default=-1) + 1
    card_node = np.full(size, NO_NODE, dtype=np.int32)
    card_slot: list[str | None] = [None] * size
    texts = [name for _, name in nodes]
    for number, node, slot in cards:
        place = names.nodes[node]
        card_node[number] = place
        card_slot[number] = slot
        names.slots.setdefault(texts[place], {})[slot] = number
    return texts, card_node, card_slot


def load_subjects(position: int, names: Names) -> tuple[list[str], list[str]]:
    """The tenants of whom something was known at the position, and every workload."""
    tenants = select(
        "SELECT t.id, t.key, t.trail_id FROM sovereignty_tenant t WHERE EXISTS ("
        "SELECT 1 FROM sovereignty_fact f JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s "
        "WHERE f.trail_number = t.trail_id) ORDER BY t.key",
        [position],
    )
    names.tenants = {pk: place for place, (pk, _, _) in enumerate(tenants)}
    names.trails = {
        FLEET_NUMBER: None,
        **{trail: place for place, (_, _, trail) in enumerate(tenants)},
    }
    workloads = select("SELECT id, key FROM sovereignty_workload ORDER BY id")
    names.workloads = {pk: place for place, (pk, _) in enumerate(workloads)}
    return [key for _, key, _ in tenants], [key for _, key in workloads]


def load_statements(position: int, names: Names) -> list[Statement]:
    """Every statement that is live at the position."""
    return [
        *_stated("region", "region", position),
        *_stated("node", "node_id", position, names.nodes),
        *_cards(position),
        *_stated("tenant", "tenant_id", position, names.tenants),
        *_stated("workload", "workload_id", position, names.workloads),
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
