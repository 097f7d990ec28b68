"""The inventory's statements that decided a finding of a card rule, as entries of the fleet's
trail.

They are selected as the check selected them: of what was live at its position, the statements from
which `plane.inventory.statements` takes the value over the finding's time. So what was recorded or
took effect later is not among them.
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


# The key of a fact, an attribute, and the value that the fact states of one of the subjects.
Stated: TypeAlias = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Decider:
    """One fact, and the distinct values that it states of each attribute, sorted."""

    fact: Fact
    values: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Deciders:
    """`listed`: the first of them in the fleet's trail. `total`: how many there are, None where
    there are too many cards to look up."""

    listed: list[Decider]
    total: int | None


def deciders_of(finding: Finding, reader: Reader) -> Deciders | None:
    """The statements that decided `finding`; None where no statement does, or `reader` may not read
    the fleet's trail."""
    slots = {
        (node, slot)
        for text in finding.block.get("cards") or []
        for node, slots in hostlist.expand(text)
        for slot in slots
    }
    rule = RULES.get(finding.rule)
    if not isinstance(rule, CardRule) or finding.block.get("summary") or not slots:
        return None
    if not readable_trails(reader).filter(number=FLEET_NUMBER).exists():
        return None
    if len(slots) > MOST_CARDS:
        return Deciders([], None)
    values_of: dict[int, dict[str, set[str]]] = {}
    decided_by = rule.decided_by(finding.block["detail"]) if rule.decided_by else rule.reads
    for key, attribute, value in _about(finding, slots, decided_by):
        values_of.setdefault(key, {}).setdefault(attribute, set()).add(value)
    facts = Fact.objects.filter(key__in=values_of, trail_number=FLEET_NUMBER).order_by("index")
    listed = [
        Decider(
            fact, [(name, sorted(values)) for name, values in sorted(values_of[fact.key].items())]
        )
        for fact in facts[:SHOWN]
    ]
    return Deciders(listed, facts.count())


def _about(
    finding: Finding, slots: set[tuple[str, str]], decided_by: Iterable[str]
) -> Iterator[Stated]:
    """What was stated of these attributes of the cards, of their nodes, and of the region that the
    finding names."""
    attributes: dict[str, list[str]] = {}
    for name in decided_by:
        subject, attribute = name.split(".")
        attributes.setdefault(subject, []).append(attribute)
    if "card" in attributes:
        yield from _deciding(finding, _cards(slots), "card_id", attributes["card"])
    if "node" in attributes:
        nodes = NodeStatement.objects.filter(node_id__among=_node_keys(slots))
        yield from _deciding(finding, nodes, "node_id", attributes["node"])
    region = finding.block["detail"].get("region")
    if "region" in attributes and region is not None:
        regions = RegionStatement.objects.filter(region=region)
        yield from _deciding(finding, regions, "region", attributes["region"])


def _cards(slots: set[tuple[str, str]]) -> DerivedQuerySet[CardStatement]:
    """What was stated of the cards in these slots."""
    of_nodes = Card.objects.filter(node_id__among=_node_keys(slots))
    numbers = [
        number
        for number, *node_and_slot in of_nodes.values_list("number", "node__name", "slot")
        if tuple(node_and_slot) in slots
    ]
    return CardStatement.objects.filter(card_id__among=set(numbers))


def _node_keys(slots: set[tuple[str, str]]) -> set[int]:
    names = {node for node, _ in slots}
    return set(Node.objects.filter(name__among=names).values_list("pk", flat=True))


def _deciding(
    finding: Finding, stated: DerivedQuerySet[Any], subject: str, attributes: list[str]
) -> Iterator[Stated]:
    """What the facts state that decided one of the attributes of one of the subjects over the
    finding's time."""
    histories: dict[Any, list[Statement]] = {}
    fact_of: dict[int, int] = {}
    live = stated.as_of(finding.check_of.position)
    for key, statement in read_statements(live, subject, attributes):
        fact_of[statement.order] = key
        histories.setdefault(statement.subject, []).append(statement)
    for history in histories.values():
        for attribute in attributes:
            for statement in deciding(
                history, attribute, finding.from_at, finding.to_at or finding.from_at + 1
            ):
                yield fact_of[statement.order], attribute, statement.values[attribute]
