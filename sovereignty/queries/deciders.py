"""The inventory's statements that decided a finding by a card rule, as entries of the fleet's trail.

They are found as the check found them: of what was live at its position, the statements from which
`plane.statements` takes the value over the finding's time. So what was recorded or took effect
later is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from audit.access import Reader, readable_trails
from audit.models import FLEET_NUMBER
from sovereignty import hostlist
from sovereignty.loading.statements import read_statements
from sovereignty.models import (
    Card,
    CardStatement,
    Fact,
    Finding,
    Node,
    NodeStatement,
    RegionStatement,
)
from sovereignty.models.derived import DerivedQuerySet
from sovereignty.plane.inventory.statements import deciding
from sovereignty.plane.world import Statement
from sovereignty.policy.registry import RULES
from sovereignty.policy.rule import CardRule

MOST_CARDS = 4_096  # that one page looks up
SHOWN = 50


# the key of a fact, an attribute, and what it says of one of the subjects
Said: TypeAlias = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Decider:
    """One statement: the fact, and what it says by attribute, of each the distinct values, sorted."""

    fact: Fact
    said: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Deciders:
    """`told`: the first of them in the fleet's trail; `total`: how many there are, None where there
    are too many cards to look."""

    told: list[Decider]
    total: int | None


def deciders_of(found: Finding, reader: Reader) -> Deciders | None:
    """The statements that decided `found`; None where no statement does, or `reader` may not read
    the fleet's trail."""
    slots = {
        (node, slot)
        for text in found.block.get("cards") or []
        for node, slots in hostlist.expand(text)
        for slot in slots
    }
    rule = RULES.get(found.rule)
    if not isinstance(rule, CardRule) or found.block.get("summary") or not slots:
        return None
    if not readable_trails(reader).filter(number=FLEET_NUMBER).exists():
        return None
    if len(slots) > MOST_CARDS:
        return Deciders([], None)
    said: dict[int, dict[str, set[str]]] = {}
    decided_by = rule.decided_by(found.block["detail"]) if rule.decided_by else rule.reads
    for key, attribute, value in _about(found, slots, decided_by):
        said.setdefault(key, {}).setdefault(attribute, set()).add(value)
    facts = Fact.objects.filter(key__in=said, trail_number=FLEET_NUMBER).order_by("index")
    told = [
        Decider(fact, [(name, sorted(values)) for name, values in sorted(said[fact.key].items())])
        for fact in facts[:SHOWN]
    ]
    return Deciders(told, facts.count())


def _about(
    found: Finding, slots: set[tuple[str, str]], decided_by: Iterable[str]
) -> Iterator[Said]:
    """What was stated of these attributes of the cards, of their nodes, and of the region that the
    finding names."""
    attributes: dict[str, list[str]] = {}
    for name in decided_by:
        subject, attribute = name.split(".")
        attributes.setdefault(subject, []).append(attribute)
    if "card" in attributes:
        yield from _deciding(found, _cards(slots), "card_id", attributes["card"])
    if "node" in attributes:
        nodes = NodeStatement.objects.filter(node_id__among=_node_keys(slots))
        yield from _deciding(found, nodes, "node_id", attributes["node"])
    region = found.block["detail"].get("region")
    if "region" in attributes and region is not None:
        regions = RegionStatement.objects.filter(region=region)
        yield from _deciding(found, regions, "region", attributes["region"])


def _cards(slots: set[tuple[str, str]]) -> DerivedQuerySet[CardStatement]:
    """What was stated of the cards in these slots."""
    of_nodes = Card.objects.filter(node_id__among=_node_keys(slots))
    numbers = [
        number
        for number, *place in of_nodes.values_list("number", "node__name", "slot")
        if tuple(place) in slots
    ]
    return CardStatement.objects.filter(card_id__among=set(numbers))


def _node_keys(slots: set[tuple[str, str]]) -> set[int]:
    names = {node for node, _ in slots}
    return set(Node.objects.filter(name__among=names).values_list("pk", flat=True))


def _deciding(
    found: Finding, stated: DerivedQuerySet[Any], subject: str, attributes: list[str]
) -> Iterator[Said]:
    """What the facts said that decided one of the attributes of one of the subjects over the
    finding's time."""
    histories: dict[Any, list[Statement]] = {}
    fact_of: dict[int, int] = {}
    live = stated.as_of(found.check_of.position)
    for key, statement in read_statements(live, subject, attributes):
        fact_of[statement.order] = key
        histories.setdefault(statement.subject, []).append(statement)
    for history in histories.values():
        for attribute in attributes:
            for said in deciding(
                history, attribute, found.from_at, found.to_at or found.from_at + 1
            ):
                yield fact_of[said.order], attribute, said.values[attribute]
