"""What a site plan says, as facts of the grade *planned* beside the trace's own.

A plan's regions come first; its words on a tenant follow the tenant, and those on cards follow the
change of inventory that brought them, dated as that change: other cards in a slot need other words
on their origin. Nodes that the trace never describes are described from the plan's own date on.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sovereignty import hostlist
from sovereignty.collect.site_plan import WILD, PlannedCards, SitePlan
from sovereignty.collect.trace.events import Event, convert, make_event
from sovereignty.collect.trace.inventory import ATTRIBUTES, Change, card_groups
from sovereignty.facts import kinds

GRADE = "planned"
_TENANT_FIELDS = ("name", "sector", "home_jurisdiction", "controlling_jurisdiction")


def region_events(plan: SitePlan) -> Iterator[Event]:
    """Yield the plan's regions, each once. Raises FactError."""
    for entry in {entry.region: entry for entry in reversed(plan.region)}.values():
        values: dict[str, object] = {
            "region": entry.region,
            "country": entry.country,
            "provider": entry.provider,
        }
        stated = convert(
            kinds.RegionDeclared,
            {**values, "territory": entry.territory, **_graded(plan.effective_ms)},
        )
        yield make_event(plan.source, stated)


def tenant_events(plan: SitePlan, tenant: str) -> Iterator[Event]:
    """Yield what the plan says of a tenant, if anything. Raises FactError."""
    matching = [entry for entry in plan.tenant if tenant in entry.tenants]
    stated = {name: _first(getattr(entry, name) for entry in matching) for name in _TENANT_FIELDS}
    if any(stated.values()):
        yield make_event(
            plan.source,
            convert(
                kinds.TenantDeclared, {"tenant": tenant, **stated, **_graded(plan.effective_ms)}
            ),
        )


def change_events(plan: SitePlan, change: Change) -> Iterator[Event]:
    """Yield what the plan says of the cards that a change of inventory brought, and of their node.
    Raises FactError."""
    yield from _node_events(plan, change.node, change.at, change.models, change.generation)


def node_events(plan: SitePlan, nodes: Iterable[str]) -> Iterator[Event]:
    """Yield what the plan says of nodes for which the trace has no inventory, from the plan's own
    date on. Raises FactError."""
    for node in nodes:
        yield from _node_events(plan, node, plan.effective_ms, {}, {})


def _node_events(
    plan: SitePlan, node: str, at: int, models: dict[str, str | None], generation: dict[str, int]
) -> Iterator[Event]:
    placed = next((entry for entry in plan.region if _is_node(tuple(entry.nodes), node)), None)
    entries = [
        entry for entry in plan.cards if not entry.nodes or _is_node(tuple(entry.nodes), node)
    ]
    stated = {
        slot: dict(attributes)
        for slot, attributes in _by_slot(entries, models or _planned_slots(entries)).items()
    }
    for slot, attributes in stated.items():
        if (pattern := attributes["serial"]) is not None:
            words = {"node": node, "slot": slot, "generation": str(generation.get(slot, 1))}
            attributes["serial"] = _serial(str(pattern), words)
    groups = card_groups(
        {slot: attributes for slot, attributes in stated.items() if any(attributes.values())}
    )
    if placed is None and not groups:
        return
    values: dict[str, object] = {"node": node, "cards": groups, **_graded(at)}
    if placed is not None:
        values |= {"region": placed.region, "owner": placed.owner}
    yield make_event(plan.source, convert(kinds.NodeRegistered, values))


def _planned_slots(entries: list[PlannedCards]) -> dict[str, str | None]:
    """The slots that the plan itself gives a node, of unknown model, for a node of which the trace
    names none."""
    texts = [entry.slots for entry in entries if entry.nodes and entry.slots is not None]
    return dict.fromkeys(slot for text in texts for slot in hostlist.expand_slots(text))


def _by_slot(
    entries: list[PlannedCards], models: dict[str, str | None]
) -> dict[str, dict[str, object]]:
    """What the entries state of each slot; computed once for slots that no entry tells apart."""
    differ = any(entry.slots is not None for entry in entries)
    attributes: dict[tuple[str | None, str], dict[str, object]] = {}
    stated: dict[str, dict[str, object]] = {}
    for slot, model in models.items():
        key = (model, slot if differ else "")
        if key not in attributes:
            attributes[key] = _attributes(entries, slot, model)
        stated[slot] = attributes[key]
    return stated


def _attributes(entries: list[PlannedCards], slot: str, model: str | None) -> dict[str, object]:
    """Each attribute from the first entry that states it; a model that only the plan knows selects
    entries by model too."""
    here = [
        entry
        for entry in entries
        if entry.slots is None or slot in hostlist.expand_slots(entry.slots)
    ]
    known = model or _first(entry.model for entry in here if not entry.models)
    matching = [
        entry
        for entry in here
        if not entry.models or (known is not None and _is_model(tuple(entry.models), known))
    ]
    return {
        name: _first(getattr(entry, name) for entry in matching) for name in (*ATTRIBUTES, "serial")
    }


def _serial(pattern: str, words: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda match: words[match[1]], pattern)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _graded(at: int) -> dict[str, object]:
    return {"effective_at": at, "evidence": GRADE}


@lru_cache(maxsize=200_000)
def _is_node(patterns: tuple[str, ...], node: str) -> bool:
    return any(
        _wild(pattern).fullmatch(node) if WILD.search(pattern) else node in _expanded(pattern)
        for pattern in patterns
    )


@lru_cache(maxsize=200_000)
def _is_model(patterns: tuple[str, ...], model: str) -> bool:
    return any(_wild(pattern).fullmatch(model) for pattern in patterns)


@lru_cache(maxsize=1_000)
def _wild(pattern: str) -> re.Pattern[str]:
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern),
        re.DOTALL,
    )


@lru_cache(maxsize=1_000)
def _expanded(text: str) -> frozenset[str]:
    return frozenset(hostlist.expand_nodes(text))
