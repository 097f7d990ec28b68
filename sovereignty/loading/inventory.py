"""Load the inventory and the subjects: the register of slots, who and what is known of, and every
dated statement about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereignty.loading.rows import Names, live, select
from sovereignty.loading.statements import HEAD_SQL, statement_of
from sovereignty.plane.world import CARD_ATTRIBUTES, NO_NODE, Statement


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
    names.trails = {0: None, **{trail: place for place, (_, _, trail) in enumerate(tenants)}}
    workloads = select("SELECT id, key FROM sovereignty_workload ORDER BY id")
    names.workloads = {pk: place for place, (pk, _) in enumerate(workloads)}
    return [key for _, key, _ in tenants], [key for _, key in workloads]


def load_statements(position: int, names: Names) -> list[Statement]:
    """Every statement that is live at the position."""
    statements = [
        *_regions(position),
        *_nodes(position, names),
        *_cards(position),
        *_tenants(position, names),
    ]
    return statements + list(_workloads(position, names))


def _regions(position: int) -> Iterator[Statement]:
    for *head, region, country, territory, provider in live(
        f"{HEAD_SQL}, t.region, t.country, t.territory, t.provider",
        "sovereignty_regionstatement",
        position,
    ):
        yield statement_of(
            ("region", region),
            head,
            {"country": country, "territory": territory, "provider": provider},
        )


def _nodes(position: int, names: Names) -> Iterator[Statement]:
    for *head, node, region, owner in live(
        f"{HEAD_SQL}, t.node_id, t.region, t.owner", "sovereignty_nodestatement", position
    ):
        yield statement_of(("node", names.nodes[node]), head, {"region": region, "owner": owner})


def _cards(position: int) -> Iterator[Statement]:
    """Card statements; consecutive cards of which one fact says the same are one statement."""
    columns = ", ".join(f"t.{name}" for name in CARD_ATTRIBUTES)
    found = live(
        f"t.card_id, {HEAD_SQL}, t.resets, t.present, {columns}",
        "sovereignty_cardstatement",
        position,
        " ORDER BY t.fact_id, made.position, t.card_id",
    )
    first = last = -1
    said: tuple[Any, ...] = ()
    for number, *rest in found:
        if tuple(rest) == said and number == last + 1:
            last = number
            continue
        if said:
            yield _card(first, last, said)
        first = last = number
        said = tuple(rest)
    if said:
        yield _card(first, last, said)


def _card(first: int, last: int, said: tuple[Any, ...]) -> Statement:
    head, (resets, present), attributes = said[:5], said[5:7], said[7:]
    values = dict(zip(CARD_ATTRIBUTES, attributes, strict=True))
    values["present"] = "yes" if present else "no"
    return statement_of(("cards", (first, last)), head, values, bool(resets))


def _tenants(position: int, names: Names) -> Iterator[Statement]:
    attributes = ("sector", "home_jurisdiction", "controlling_jurisdiction")
    columns = ", ".join(f"t.{name}" for name in attributes)
    for *head, tenant, sector, home, controlling in live(
        f"{HEAD_SQL}, t.tenant_id, {columns}", "sovereignty_tenantstatement", position
    ):
        values = dict(zip(attributes, (sector, home, controlling), strict=True))
        yield statement_of(("tenant", names.tenants[tenant]), head, values)


def _workloads(position: int, names: Names) -> Iterator[Statement]:
    for *head, workload, kind, data_class in live(
        f"{HEAD_SQL}, t.workload_id, t.kind, t.data_class",
        "sovereignty_workloadstatement",
        position,
    ):
        yield statement_of(
            ("workload", names.workloads[workload]),
            head,
            {"kind": kind, "data_class": data_class},
        )
