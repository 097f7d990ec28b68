"""What a source's own facts are about, held against what it declared of them.

A declaration says which kinds of facts a source reports, about which cards, and how far back. That
limits what a lost number can hide. A source whose facts are about more has disproved it:

- about earlier times than its reach: a loss is looked for from the beginning. Not from as far back
  as was seen: nothing says that the furthest fact is among those that came, and a bound that did
  not hold once bounds nothing.
- of other kinds: what is lost may be of them too.
- about cards outside all sets that it ever declared, or about unknown cards: what is lost may be
  about any card.

A bundle holds the fleet's trail and one tenant's. So what concerns one tenant alone is read from
these two (`SourceScopes.seen_by`), and what all tenants share of the inventory from the fleet's
(`SourceScopes.fleet`). Where a rule needs every tenant's facts anyway, as that of shared cards, all
trails count (`SourceScopes.anywhere`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

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
class ObservedScope:
    """What facts of one source are about.

    - `max_lookback_ms`: the furthest that one of them reaches back from its own time.
    - `reports`: the families of facts that they are of.
    - `outside_declared_cards`: whether one of them is about cards that the source never declared.
    """

    max_lookback_ms: int = 0
    reports: frozenset[FactFamily] = frozenset()
    outside_declared_cards: bool = False

    def __or__(self, other: "ObservedScope") -> "ObservedScope":
        """Return the scope of both sets of facts."""
        return ObservedScope(
            max(self.max_lookback_ms, other.max_lookback_ms),
            self.reports | other.reports,
            self.outside_declared_cards or other.outside_declared_cards,
        )

    def reach_if_kept(self, reach_ms: int | None) -> int | None:
        """Return `reach_ms` if these facts keep to it; None, without bound, if they do not."""
        return reach_ms if reach_ms is None or self.max_lookback_ms <= reach_ms else None


NOTHING_OBSERVED = ObservedScope()


@dataclass(frozen=True, slots=True)
class SourceScopes:
    """The scope of one source's facts in the fleet's trail, in that and each tenant's, by tenant
    index, and in any trail."""

    fleet: ObservedScope = NOTHING_OBSERVED
    of_tenants: Mapping[int, ObservedScope] = field(default_factory=dict)
    anywhere: ObservedScope = NOTHING_OBSERVED

    def seen_by(self, tenant: int) -> ObservedScope:
        """Return what the tenant's own trail and the fleet's show."""
        return self.of_tenants.get(tenant, self.fleet)


def declared_cards(declarations: Iterable[SourceDeclaration]) -> CardRanges | None:
    """Return all cards that a source's declarations name, as the fewest ranges; None, the whole
    fleet, if one of them names none."""
    ranges: list[tuple[int, int]] = []
    for declaration in declarations:
        if declaration.cards is None:
            return None
        ranges += ((first, last + 1) for first, last in declaration.cards)
    return tuple((first, end - 1) for first, end in union(ranges))


def scopes_of(
    world: World, declarations: Mapping[str, Sequence[SourceDeclaration]]
) -> dict[str, SourceScopes]:
    """Return the scopes of each of these sources, by name.

    `declarations` are all that each source ever made. Raises WorldError if the world reports a
    scope of unknown trails or nodes."""
    reported = world.reported_scope(declarations.keys())
    check_reported_scope(world, reported)
    reported_by: dict[str, list[ReportedScope]] = defaultdict(list)
    for scope in reported:
        reported_by[scope.source].append(scope)
    cards_of = {
        name: cards
        for name, of_source in declarations.items()
        if (cards := declared_cards(of_source)) is not None
    }
    stated_by: dict[str, list[Statement]] = {name: [] for name in cards_of}
    for statement in world.statements if cards_of else ():
        if statement.source in stated_by:
            stated_by[statement.source].append(statement)
    has_counts = any(scope.nodes for name in cards_of for scope in reported_by[name])
    fleet = _FleetNames(world) if has_counts or any(stated_by.values()) else None
    return {
        name: _scopes_of_source(
            reported_by[name],
            _DeclaredCards(fleet, cards_of[name]) if fleet and name in cards_of else None,
            stated_by.get(name, ()),
        )
        for name in declarations
    }


def _scopes_of_source(
    reported: Iterable[ReportedScope],
    declared: "_DeclaredCards | None",
    statements: Iterable[Statement],
) -> SourceScopes:
    """`declared` is None where the source declared the whole fleet, or reported nothing that has to
    be compared with its cards."""
    fleet = ObservedScope(
        outside_declared_cards=declared is not None
        and any(declared.is_left_by(statement) for statement in statements)
    )
    by_tenant: dict[int, ObservedScope] = {}
    for scope in reported:
        is_outside = scope.outside_declared_cards or (
            declared is not None and not declared.holds_nodes(scope.nodes)
        )
        observed = ObservedScope(scope.max_lookback_ms, scope.reports, is_outside)
        if scope.trail is None:
            fleet |= observed
        else:
            by_tenant[scope.trail] = observed | by_tenant.get(scope.trail, NOTHING_OBSERVED)
    return SourceScopes(
        fleet,
        {tenant: fleet | observed for tenant, observed in by_tenant.items()},
        reduce(ObservedScope.__or__, by_tenant.values(), fleet),
    )


class _FleetNames:
    """The fleet's cards and nodes, as the fleet's own facts name them: a bundle knows no other
    tenant's names for them."""

    def __init__(self, world: World) -> None:
        self.card_node, self.nodes = world.card_node, len(world.nodes)
        self.is_named = named_cards(world)
        self.nodes_in: dict[str, set[int]] = defaultdict(set)  # by region
        for statement in world.statements:
            kind, node = statement.subject
            if kind == "node" and isinstance(node, int) and "region" in statement.values:
                self.nodes_in[statement.values["region"]].add(node)


class _DeclaredCards:
    """The cards that one source ever declared."""

    def __init__(self, fleet: _FleetNames, cards: CardRanges) -> None:
        is_declared = np.zeros(len(fleet.card_node), dtype=np.bool_)
        for first, last in cards:
            is_declared[first : last + 1] = True
        self._nodes_in = fleet.nodes_in
        self._is_outside = ~is_declared & (fleet.card_node != NO_NODE)
        named = np.bincount(fleet.card_node[fleet.is_named], minlength=fleet.nodes)
        inside = np.bincount(fleet.card_node[fleet.is_named & is_declared], minlength=fleet.nodes)
        self._holds_node = (inside > 0) & (inside == named)

    def holds_nodes(self, nodes: Iterable[int]) -> bool:
        """Whether the source declared every card that the fleet's facts name on each of these
        nodes. Where they name none, any slot of the node is one that it did not declare."""
        return all(bool(self._holds_node[node]) for node in nodes)

    def is_left_by(self, statement: Statement) -> bool:
        """Whether the statement is about a card that the source did not declare. A statement about
        a region is about every node that was ever stated to stand there."""
        kind, subject = statement.subject
        if isinstance(subject, str):
            return not self.holds_nodes(self._nodes_in.get(subject, ()))
        if isinstance(subject, tuple):
            return bool(self._is_outside[subject[0] : subject[1] + 1].any())
        if kind == "card":
            return bool(self._is_outside[subject])
        return kind == "node" and not self.holds_nodes((subject,))
