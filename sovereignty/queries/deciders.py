"""The inventory's statements that decided a finding about regions or chips, as entries of the
fleet's trail.

They are found as the check found them: of what was live at its position, the statements from which
`plane.statements` takes the value over the finding's time. So what was recorded or took effect
later is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet

from audit.access import Reader, readable_trails
from audit.models import FLEET_NUMBER
from sovereignty import hostlist
from sovereignty.loading.rows import ledger_order
from sovereignty.models import (
    Card,
    CardStatement,
    Fact,
    Finding,
    Node,
    NodeStatement,
    RegionStatement,
)
from sovereignty.plane.inventory.statements import deciding
from sovereignty.plane.world import Grade, Statement

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
    about = _ABOUT.get(found.rule)
    if about is None or found.block.get("summary") or not slots:
        return None
    if not readable_trails(reader).filter(number=FLEET_NUMBER).exists():
        return None
    if len(slots) > MOST_CARDS:
        return Deciders([], None)
    said: dict[int, dict[str, set[str]]] = {}
    for key, attribute, value in about(found, slots):
        said.setdefault(key, {}).setdefault(attribute, set()).add(value)
    facts = Fact.objects.filter(key__in=said, trail_number=FLEET_NUMBER).order_by("index")
    told = [
        Decider(fact, [(name, sorted(values)) for name, values in sorted(said[fact.key].items())])
        for fact in facts[:SHOWN]
    ]
    return Deciders(told, facts.count())


def _of_regions(found: Finding, slots: set[tuple[str, str]]) -> Iterator[Said]:
    """In which region the nodes stood, and in which country that lies."""
    nodes = NodeStatement.objects.filter(node_id__among=_node_keys(node for node, _ in slots))
    yield from _deciding(found, nodes, "node_id", ["region"])
    region = found.block["detail"].get("region")
    if region is not None:
        yield from _deciding(
            found, RegionStatement.objects.filter(region=region), "region", ["country"]
        )


def _of_chips(found: Finding, slots: set[tuple[str, str]]) -> Iterator[Said]:
    """Where the stages that the finding names took place."""
    detail = found.block["detail"]
    stages = [f"{detail['stage']}_country", *(name for name in detail if name.endswith("_country"))]
    of_nodes = Card.objects.filter(node_id__among=_node_keys(node for node, _ in slots))
    numbers = {
        number
        for number, *place in of_nodes.values_list("number", "node__name", "slot")
        if tuple(place) in slots
    }
    yield from _deciding(
        found, CardStatement.objects.filter(card_id__among=numbers), "card_id", stages
    )


_ABOUT = {"PL-01": _of_regions, "PL-02": _of_chips}


def _node_keys(names: Iterable[str]) -> set[int]:
    return set(Node.objects.filter(name__among=set(names)).values_list("pk", flat=True))


def _deciding(
    found: Finding, stated: QuerySet[Any], subject: str, attributes: list[str]
) -> Iterator[Said]:
    """What the facts said that decided one of the attributes of one of the subjects over the
    finding's time."""
    position = found.check_of.position
    live = stated.filter(
        Q(superseded_by__isnull=True) | Q(superseded_by__position__gt=position),
        made_by__position__lte=position,
    )
    resets = ["resets"] if stated.model is CardStatement else []
    columns = [
        subject,
        "effective_at",
        "grade",
        "source",
        "made_by__position",
        "said_by",
        *attributes,
        *resets,
    ]
    histories: dict[Any, list[Statement]] = {}
    fact_of: dict[int, int] = {}
    for row in live.values(*columns):
        order = ledger_order(row["made_by__position"], row["said_by"])
        fact_of[order] = row["said_by"]
        values = {name: row[name] for name in attributes if row[name] is not None}
        about: Any = subject.removesuffix("_id"), row[subject]
        said = Statement(
            about,
            row["effective_at"],
            Grade(row["grade"]),
            row["source"],
            order,
            values,
            row.get("resets", False),
        )
        histories.setdefault(row[subject], []).append(said)
    for history in histories.values():
        history.sort(key=lambda said: (said.effective_at, said.order))
        for attribute in attributes:
            for said in deciding(
                history, attribute, found.from_at, found.to_at or found.from_at + 1
            ):
                yield fact_of[said.order], attribute, said.values[attribute]
