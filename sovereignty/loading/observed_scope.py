"""Load what the facts of sources that lost some speak of, beside what they declared: how far back,
of which families, about which cards.

Times and cards are read from the rows that are live as of the position, families from all that a
source sent, and corrections, which leave no rows of their own, from the ledger. Only the sources
that are asked for are looked at, and of these only what they did not declare without bound: most
fleets pay nothing, and a fleet with a sequence gap one pass over the rows of that source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sovereignty.facts import kinds
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import data_in_force, decode
from sovereignty.facts.scope import REPORTS, corrected_since
from sovereignty.loading.columns import integers
from sovereignty.loading.originals import read_originals
from sovereignty.loading.rows import WorldIndexes, among, select
from sovereignty.loading.touches import chunk_runs
from sovereignty.models.derived import AS_OF_CONDITION
from sovereignty.plane.coverage.observed_scope import ObservedScope, declared_cards
from sovereignty.plane.world import CardRanges, Int64s, ReportedScope, SourceDeclaration

# Where it is stored since when a fact speaks: the table, the column, and the column that names the
# source.
SINCE = (
    ("sovereignty_touch", "started_at", "w.source"),
    ("sovereignty_touchend", "ended_at", "w.source"),
    ("sovereignty_access", "started_at", "w.source"),
    ("sovereignty_regionstatement", "effective_at", "w.source"),
    ("sovereignty_nodestatement", "effective_at", "w.source"),
    ("sovereignty_cardstatement", "effective_at", "w.source"),
    ("sovereignty_tenantstatement", "effective_at", "w.source"),
    ("sovereignty_workloadstatement", "effective_at", "w.source"),
    ("sovereignty_sourcedeclaration", "effective_at", "f.source"),
)
KNOWN = (
    " FROM sovereignty_fact f"
    " JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s"
)
ENTRY = ' JOIN audit_entry e ON e.trail_number = f.trail_number AND e."index" = f."index"'
OF_SOURCE = "t.touch_id IN (SELECT w.key FROM sovereignty_touch w WHERE w.source = %s)"
# The families of which it matters whether a source reports them.
EVERY = frozenset({"touch", "access"})
MOST_RANGES = 16  # of declared cards that are compared by the database

_ScopeInTrail = tuple[str, int, ObservedScope]  # of a source, in the trail of this number


def load_reported_scope(
    position: int, indexes: WorldIndexes, declarations: Mapping[str, Sequence[SourceDeclaration]]
) -> list[ReportedScope]:
    """Return what the facts of these sources speak of, by trail; `declarations` are all that each
    ever made."""
    cards = {name: declared_cards(made) for name, made in declarations.items()}
    bounded = {name: ranges for name, ranges in cards.items() if ranges is not None}
    reaching = [
        name
        for name, made in declarations.items()
        if all(declaration.reach_ms is not None for declaration in made)
    ]
    narrow = [
        name
        for name, made in declarations.items()
        if not {family for declaration in made for family in declaration.reports} >= EVERY
    ]
    bound = sorted({*bounded, *reaching, *narrow})
    if not bound:
        return []
    trail_at = {index: number for number, index in indexes.trails.items()}
    trail_of = {tenant: trail_at[index] for tenant, index in indexes.tenants.items()}
    scopes: dict[tuple[str, int], ObservedScope] = defaultdict(ObservedScope)
    counted: dict[tuple[str, int], set[int]] = defaultdict(set)
    for source, trail, scope in (*_sent(position, bound), *_live(position, reaching)):
        scopes[source, trail] |= scope
    for source, tenant in _outside_declared(position, bounded):
        scopes[source, trail_of[tenant]] |= ObservedScope(outside_declared_cards=True)
    for source, tenant, hostlists in _counted(position, list(bounded)):
        nodes = indexes.node_set(hostlists)
        scopes[source, trail_of[tenant]] |= ObservedScope(outside_declared_cards=nodes is None)
        counted[source, trail_of[tenant]].update(nodes or ())
    return [
        ReportedScope(
            source,
            indexes.trails[trail],
            scope.max_lookback_ms,
            scope.reports,
            scope.outside_declared_cards,
            frozenset(counted[source, trail]),
        )
        for (source, trail), scope in scopes.items()
    ]


def _sent(position: int, sources: Sequence[str]) -> Iterator[_ScopeInTrail]:
    """Of which kinds the facts of the sources are, and of which their corrections; and how far back
    these speak."""
    condition, params = among("f.source", sources)
    sent = select(
        f"SELECT DISTINCT f.source, f.trail_number, f.kind{KNOWN} WHERE {condition}",
        [position, *params],
    )
    for source, trail, kind in sent:
        reports = frozenset({REPORTS[kind]} if kind in REPORTS else ())
        yield (
            source,
            trail,
            ObservedScope(reports=reports, outside_declared_cards=kind == kinds.SOURCE_DECLARED),
        )
    for source in sorted({source for source, _, kind in sent if kind == kinds.CORRECTION}):
        yield from _corrections(position, source)


def _corrections(position: int, source: str) -> Iterator[_ScopeInTrail]:
    rows = select(
        f"SELECT f.trail_number, f.occurred_at, e.content{KNOWN}{ENTRY}"
        " WHERE f.source = %s AND f.kind = %s",
        [position, source, kinds.CORRECTION],
    )
    corrections: list[tuple[int, int, kinds.Correction]] = []
    for trail, time, content in rows:
        data = decode(kinds.CORRECTION, body_of(bytes(content)).data)
        assert isinstance(data, kinds.Correction)  # noqa: S101 - its kind says so
        corrections.append((trail, time, data))
    originals = read_originals((data.source, data.id) for _, _, data in corrections)
    for trail, time, data in corrections:
        original, replacement = originals[data.source, data.id], data_in_force(data)
        since = corrected_since(
            [original.data] if replacement is None else [original.data, replacement]
        )
        lookback_ms = 0 if since is None else max(time - since, 0)
        reports = frozenset({REPORTS[original.kind]} if original.kind in REPORTS else ())
        yield source, trail, ObservedScope(lookback_ms, reports, data.source != source)


def _live(position: int, sources: Sequence[str]) -> Iterator[_ScopeInTrail]:
    """How far back from their own times the live facts of the sources speak; a correction's body
    counts from its original's."""
    if not sources:
        return
    for table, column, owner in SINCE:
        condition, params = among(owner, sources)
        # By the row's own column where it has one: a text out of the facts' table would be carried
        # through the join.
        rows = select(
            f"SELECT {owner}, f.trail_number, MAX(f.occurred_at - w.{column}) FROM {table} w "  # noqa: S608
            f"JOIN sovereignty_fact f ON f.key = w.fact_id WHERE {AS_OF_CONDITION} "
            f"AND {condition} GROUP BY {owner}, f.trail_number",
            [position, position, *params],
        )
        for source, trail, lookback_ms in rows:
            yield source, trail, ObservedScope(max(int(lookback_ms), 0))


def _outside_declared(
    position: int, bounded: Mapping[str, CardRanges]
) -> Iterator[tuple[str, int]]:
    """Sources with the tenants of whom they reported touches on cards outside of these; a tenant
    may come twice."""
    for source, cards in bounded.items():
        beyond, borders, whole = "", list[int](), ""
        if len(cards) <= MOST_RANGES:
            # The database finds the rows that reach out of every range, and answers itself for
            # those without holes.
            beyond = " AND NOT (t.first_card >= %s AND t.last_card <= %s)" * len(cards)
            borders = [border for card_range in cards for border in card_range]
            whole = " AND t.bits IS NOT NULL"
            yield from (
                (source, tenant) for tenant in _tenants_beyond(position, source, beyond, borders)
            )
        touch, first, last, _, _ = chunk_runs(OF_SOURCE + whole + beyond, [source, *borders])
        if len(outside := _outside(cards, touch, first, last)):
            keys, tenants = integers(
                "SELECT w.key, w.tenant_id FROM sovereignty_touch w "  # noqa: S608 - our own names
                f"WHERE {AS_OF_CONDITION} AND w.source = %s",
                [position, position, source],
                2,
            )
            yield from (
                (source, tenant) for tenant in np.unique(tenants[np.isin(keys, outside)]).tolist()
            )


def _tenants_beyond(position: int, source: str, beyond: str, borders: Sequence[int]) -> list[int]:
    """The tenants with chunk rows `t` without holes of which the condition `beyond` holds."""
    rows = select(
        "SELECT DISTINCT w.tenant_id FROM sovereignty_touchchunk t "  # noqa: S608 - our own names
        "JOIN sovereignty_touch w ON w.key = t.touch_id "
        f"WHERE {AS_OF_CONDITION} AND w.source = %s AND t.bits IS NULL{beyond}",
        [position, position, source, *borders],
    )
    return [tenant for (tenant,) in rows]


def _outside(cards: CardRanges, touch: Int64s, first: Int64s, last: Int64s) -> Int64s:
    """The touches of those runs that are not wholly inside one of the ranges, which are the fewest
    of their cards."""
    firsts, lasts = np.array(cards, dtype=np.int64).reshape(-1, 2).T
    # Of the range after the one that may hold the run.
    after = np.searchsorted(firsts, first, side="right")
    outside: Int64s = touch[last > np.concatenate(([-1], lasts))[after]]
    return outside


def _counted(position: int, sources: Sequence[str]) -> list[tuple[Any, ...]]:
    """Sources, tenants, and nodes of which the touches count cards, as JSON."""
    condition, params = among("w.source", sources)
    return select(
        "SELECT DISTINCT w.source, w.tenant_id, p.nodes FROM sovereignty_touchpart p "  # noqa: S608
        f"JOIN sovereignty_touch w ON w.key = p.touch_id WHERE {AS_OF_CONDITION} AND {condition}",
        [position, position, *params],
    )
