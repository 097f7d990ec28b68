"""What a source's own facts speak of, held against what it declared of them.

A declaration says of which kinds and cards a source speaks and how far back, which bounds what a
lost number can hide. A source whose facts speak of more has disproved it:

- of earlier times than its reach: a loss is looked for from the beginning. Not from as far back as
  was seen: nothing says that the furthest fact is among those that came, and a bound that did not
  hold once bounds nothing.
- of other kinds: what is lost may be of them too.
- of cards outside all sets that it ever declared, or of nobody knows which: what is lost may be
  about any card.

A bundle holds the fleet's trail and one tenant's, so what a tenant is told alone is read from these
two (`Tellings.seen_by`), and what all tenants share of the inventory from the fleet's
(`Tellings.fleet`). Where a rule needs every tenant's facts anyway, as that of shared cards, all
trails count (`Tellings.anywhere`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.intervals import union
from sovereignty.plane.inventory.known_cards import named_cards
from sovereignty.plane.validate import check_reported_scope
from sovereignty.plane.world import (
    NO_NODE,
    CardRanges,
    ReportedScope,
    SourceDeclaration,
    Statement,
    World,
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What facts of one source speak of: how far back from their own time in ms, of which kinds,
    and whether of undeclared cards."""

    back_ms: int = 0
    reports: frozenset[FactFamily] = frozenset()
    strays: bool = False

    def __or__(self, other: "Telling") -> "Telling":
        back_ms, reports = max(self.back_ms, other.back_ms), self.reports | other.reports
        return Telling(back_ms, reports, self.strays or other.strays)

    def holding(self, reach_ms: int | None) -> int | None:
        """The reach of this length, if these facts keep to it; None, without bound, if they do not."""
        return reach_ms if reach_ms is None or self.back_ms <= reach_ms else None


SILENT = Telling()


@dataclass(frozen=True, slots=True)
class Tellings:
    """What one source told in the fleet's trail, in that and each tenant's, by tenant index, and in
    any."""

    fleet: Telling = SILENT
    of_tenants: Mapping[int, Telling] = field(default_factory=dict)
    anywhere: Telling = SILENT

    def seen_by(self, tenant: int) -> Telling:
        """What the tenant's own trail and the fleet's show."""
        return self.of_tenants.get(tenant, self.fleet)


def declared_cards(declarations: Iterable[SourceDeclaration]) -> CardRanges | None:
    """All cards that a source's declarations name, as the fewest ranges; None, the whole fleet, if
    one of them names none."""
    ranges: list[tuple[int, int]] = []
    for declaration in declarations:
        if declaration.cards is None:
            return None
        ranges += ((first, last + 1) for first, last in declaration.cards)
    return tuple((first, end - 1) for first, end in union(ranges))


def tellings_of(
    world: World, declarations: Mapping[str, Sequence[SourceDeclaration]]
) -> dict[str, Tellings]:
    """What each of these sources told, by name; `declarations` are all that each ever made."""
    reported = world.reported_scope(declarations.keys())
    check_reported_scope(world, reported)
    scopes: dict[str, list[ReportedScope]] = defaultdict(list)
    for scope in reported:
        scopes[scope.source].append(scope)
    bounded = {
        name: cards
        for name, made in declarations.items()
        if (cards := declared_cards(made)) is not None
    }
    stated: dict[str, list[Statement]] = {name: [] for name in bounded}
    for statement in world.statements if bounded else ():
        if statement.source in stated:
            stated[statement.source].append(statement)
    counted = any(scope.nodes for name in bounded for scope in scopes[name])
    bounds = _Bounds(world) if counted or any(stated.values()) else None
    return {
        name: _together(
            scopes[name],
            bounds.within(bounded[name]) if bounds and name in bounded else None,
            stated.get(name, ()),
        )
        for name in declarations
    }


def _together(
    reported: Iterable[ReportedScope], declared: "_Declared | None", stated: Iterable[Statement]
) -> Tellings:
    """`declared` is what the source keeps to; None: it has no need to, or nothing was said that has
    to be looked at."""
    inventory = declared is not None and any(declared.is_left_by(statement) for statement in stated)
    fleet = Telling(strays=inventory)
    by_tenant: dict[int, Telling] = {}
    for scope in reported:
        strays = scope.outside_declared_cards or (
            declared is not None and not declared.holds_nodes(scope.nodes)
        )
        telling = Telling(scope.max_lookback_ms, scope.reports, strays)
        if scope.trail is None:
            fleet |= telling
        else:
            by_tenant[scope.trail] = telling | by_tenant.get(scope.trail, SILENT)
    return Tellings(
        fleet,
        {tenant: fleet | telling for tenant, telling in by_tenant.items()},
        reduce(Telling.__or__, by_tenant.values(), fleet),
    )


class _Bounds:
    """The fleet's cards and nodes, as the fleet's own facts name them: a bundle knows no other
    tenant's names for them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.named = named_cards(world)
        self.nodes_in: dict[str, set[int]] = defaultdict(set)
        for statement in world.statements:
            kind, place = statement.subject
            if kind == "node" and isinstance(place, int) and "region" in statement.values:
                self.nodes_in[statement.values["region"]].add(place)

    def within(self, cards: CardRanges) -> "_Declared":
        declared = np.zeros(len(self.world.card_node), dtype=np.bool_)
        for first, last in cards:
            declared[first : last + 1] = True
        return _Declared(self, declared)


class _Declared:
    """The cards that one source ever declared."""

    def __init__(self, bounds: _Bounds, declared: NDArray[np.bool_]) -> None:
        node, nodes = bounds.world.card_node, len(bounds.world.nodes)
        self._nodes_in = bounds.nodes_in
        self._outside = ~declared & (node != NO_NODE)
        inside = np.bincount(node[bounds.named & declared], minlength=nodes)
        self._holds_node = (inside > 0) & (
            inside == np.bincount(node[bounds.named], minlength=nodes)
        )

    def holds_nodes(self, nodes: Iterable[int]) -> bool:
        """Whether it declared every card that the fleet's facts name on each of these nodes. Where
        they name none, any slot of the node is one that it did not declare."""
        return all(bool(self._holds_node[node]) for node in nodes)

    def is_left_by(self, statement: Statement) -> bool:
        """Whether the statement is about another card; one about a region is about every node that
        was ever stated to stand there."""
        kind, subject = statement.subject
        if isinstance(subject, str):
            return not self.holds_nodes(self._nodes_in.get(subject, ()))
        if isinstance(subject, tuple):
            return bool(self._outside[subject[0] : subject[1] + 1].any())
        if kind == "card":
            return bool(self._outside[subject])
        return kind == "node" and not self.holds_nodes((subject,))
