"""What a site plan says, as facts of the grade *planned* beside the trace's own.

A plan's regions come first; its words on a tenant follow the tenant, and those on cards follow the change of inventory that brought
them, dated as that change: other cards in a slot need other words on their origin. Nodes that the trace never describes are
described from the plan's own date on.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sovereignty.collect.site_plan import WILD, PlannedCards, SitePlan
from sovereignty.collect.trace_events import Event, convert, make_event
from sovereignty.collect.trace_inventory import ATTRIBUTES, Change, card_groups
from sovereignty.plane import hostlist
from sovereignty.policy import facts

GRADE = "planned"
_TENANT_FIELDS = ("name", "sector", "home_jurisdiction", "controlling_jurisdiction")


def region_events(plan: SitePlan) -> Iterator[Event]:
    """Yield the plan's regions, each once. Raises FactError."""
    for entry in {entry.region: entry for entry in reversed(plan.region)}.values():
        values: dict[str, object] = {"region": entry.region, "country": entry.country, "provider": entry.provider}
        stated = convert(facts.RegionDeclared, {**values, "territory": entry.territory, **_graded(plan.effective_ms)})
        yield make_event(plan.source, stated)


def tenant_events(plan: SitePlan, tenant: str) -> Iterator[Event]:
    """Yield what the plan says of a tenant, if anything. Raises FactError."""
    matching = [entry for entry in plan.tenant if tenant in entry.tenants]
    stated = {name: _first(getattr(entry, name) for entry in matching) for name in _TENANT_FIELDS}
    if any(stated.values()):
        yield make_event(plan.source, convert(facts.TenantDeclared, {"tenant": tenant, **stated, **_graded(plan.effective_ms)}))


def change_events(plan: SitePlan, change: Change) -> Iterator[Event]:
    """Yield what the plan says of the cards that a change of inventory brought, and of their node. Raises FactError."""
    yield from _node_events(plan, change.node, change.at, change.models, change.generation)


def node_events(plan: SitePlan, nodes: Iterable[str]) -> Iterator[Event]:
    """Yield what the plan says of nodes for which the trace has no inventory, from the plan's own date on. Raises FactError."""
    for node in nodes:
        yield from _node_events(plan, node, plan.effective_ms, {}, {})


def _node_events(
    plan: SitePlan, node: str, at: int, models: dict[str, str | None], generation: dict[str, int]
) -> Iterator[Event]:
    placed = next((entry for entry in plan.region if _is_node(tuple(entry.nodes), node)), None)
    entries = [entry for entry in plan.cards if not entry.nodes or _is_node(tuple(entry.nodes), node)]
    slots = dict.fromkeys(models)
    for entry in entries:
        if entry.nodes and entry.slots is not None and not models:
            slots |= dict.fromkeys(hostlist.expand_slots(entry.slots))
    found = {slot: _attributes(entries, node, slot, models.get(slot), generation.get(slot, 1)) for slot in slots}
    groups = card_groups({slot: attributes for slot, attributes in found.items() if any(attributes.values())})
    if placed is None and not groups:
        return
    values: dict[str, object] = {"node": node, "cards": groups, **_graded(at)}
    if placed is not None:
        values |= {"region": placed.region, "owner": placed.owner}
    yield make_event(plan.source, convert(facts.NodeRegistered, values))


def _attributes(entries: list[PlannedCards], node: str, slot: str, model: str | None, generation: int) -> dict[str, object]:
    matching = [
        entry
        for entry in entries
        if (not entry.models or (model is not None and _is_model(tuple(entry.models), model)))
        and (entry.slots is None or slot in hostlist.expand_slots(entry.slots))
    ]
    stated: dict[str, object] = {name: _first(getattr(entry, name) for entry in matching) for name in ATTRIBUTES}
    serial = _first(entry.serial for entry in matching)
    stated["serial"] = serial and _serial(serial, {"node": node, "slot": slot, "generation": str(generation)})
    return stated


def _serial(pattern: str, words: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: words[found[1]], pattern)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _graded(at: int) -> dict[str, object]:
    return {"effective_at": at, "evidence": GRADE}


@lru_cache(maxsize=200_000)
def _is_node(patterns: tuple[str, ...], node: str) -> bool:
    return any(_wild(pattern).fullmatch(node) if WILD.search(pattern) else node in _expanded(pattern) for pattern in patterns)


@lru_cache(maxsize=200_000)
def _is_model(patterns: tuple[str, ...], model: str) -> bool:
    return any(_wild(pattern).fullmatch(model) for pattern in patterns)


@lru_cache(maxsize=1_000)
def _wild(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)


@lru_cache(maxsize=1_000)
def _expanded(text: str) -> frozenset[str]:
    return frozenset(hostlist.expand_nodes(text))
