"""Load what the facts of sources that lost some speak of, beside what they declared: how far back,
of which kinds, about which cards.

Times and cards are read from the rows that stand at the position, kinds from all that a source
sent, and corrections, which leave no rows of their own, from the ledger. Only sources of which
something is missing are looked at, and of these only what they did not declare without bound: most
fleets pay nothing, and a fleet with a hole one pass over the rows of that source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sovereignty.facts import kinds
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import decode, stated
from sovereignty.facts.scope import REPORTS, corrected_since
from sovereignty.loading.columns import integers
from sovereignty.loading.originals import read_originals
from sovereignty.loading.rows import Names, among, select
from sovereignty.loading.touches import chunk_runs
from sovereignty.models.derived import AS_OF_CONDITION
from sovereignty.plane.coverage.observed_scope import ObservedScope, declared_cards
from sovereignty.plane.world import CardRanges, Int64s, ReportedScope, SourceDeclaration

# Where it stands since when a fact speaks: the table, the column, and whose name the row stands
# under.
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
KNOWN = " FROM sovereignty_fact f JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s"
ENTRY = ' JOIN audit_entry e ON e.trail_number = f.trail_number AND e."index" = f."index"'
OF_SOURCE = "t.touch_id IN (SELECT w.key FROM sovereignty_touch w WHERE w.source = %s)"
# the kinds of which it matters whether a source tells of them
EVERY = frozenset({"touch", "access"})
MOST_RANGES = 16  # of declared cards that are compared by the database

_ScopeInTrail = tuple[str, int, ObservedScope]  # of a source, in the trail of this number


def load_reported_scope(
    position: int, names: Names, declarations: Mapping[str, Sequence[SourceDeclaration]]
) -> list[ReportedScope]:
    """What the facts of these sources speak of, by trail; `declarations` are all that each ever
    made."""
    cards = {name: declared_cards(made) for name, made in declarations.items()}
    bounded = {name: ranges for name, ranges in cards.items() if ranges is not None}
    reaching = [
        name
        for name, made in declarations.items()
        if all(each.reach_ms is not None for each in made)
    ]
    narrow = [
        name
        for name, made in declarations.items()
        if not {what for each in made for what in each.reports} >= EVERY
    ]
    bound = sorted({*bounded, *reaching, *narrow})
    if not bound:
        return []
    numbers = {place: number for number, place in names.trails.items()}
    trail_of = {tenant: numbers[place] for tenant, place in names.tenants.items()}
    found: dict[tuple[str, int], ObservedScope] = defaultdict(ObservedScope)
    counted: dict[tuple[str, int], set[int]] = defaultdict(set)
    for source, trail, telling in (*_sent(position, bound), *_standing(position, reaching)):
        found[source, trail] |= telling
    for source, tenant in _straying(position, bounded):
        found[source, trail_of[tenant]] |= ObservedScope(outside_declared_cards=True)
    for source, tenant, of in _counted(position, list(bounded)):
        nodes = names.node_set(of)
        found[source, trail_of[tenant]] |= ObservedScope(outside_declared_cards=nodes is None)
        counted[source, trail_of[tenant]].update(nodes or ())
    return [
        ReportedScope(
            source,
            names.trails[trail],
            each.max_lookback_ms,
            each.reports,
            each.outside_declared_cards,
            frozenset(counted[source, trail]),
        )
        for (source, trail), each in found.items()
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
    found = select(
        f"SELECT f.trail_number, f.occurred_at, e.content{KNOWN}{ENTRY} WHERE f.source = %s AND f.kind = %s",
        [position, source, kinds.CORRECTION],
    )
    corrections: list[tuple[int, int, kinds.Correction]] = []
    for trail, time, content in found:
        data = decode(kinds.CORRECTION, body_of(bytes(content)).data)
        assert isinstance(data, kinds.Correction)  # noqa: S101 - its kind says so
        corrections.append((trail, time, data))
    originals = read_originals((data.source, data.id) for _, _, data in corrections)
    for trail, time, data in corrections:
        original, replaced = originals[data.source, data.id], stated(data)
        since = corrected_since([original.data] if replaced is None else [original.data, replaced])
        reports = frozenset({REPORTS[original.kind]} if original.kind in REPORTS else ())
        yield (
            source,
            trail,
            ObservedScope(
                0 if since is None else max(time - since, 0), reports, data.source != source
            ),
        )


def _standing(position: int, sources: Sequence[str]) -> Iterator[_ScopeInTrail]:
    """How far back from their own times the standing facts of the sources speak; a correction's
    body counts from its original's."""
    if not sources:
        return
    for table, column, owner in SINCE:
        condition, params = among(owner, sources)
        # By the row's own column where it has one: a text out of the facts' table would be carried
        # through the join.
        found = select(
            f"SELECT {owner}, f.trail_number, MAX(f.occurred_at - w.{column}) FROM {table} w "  # noqa: S608
            f"JOIN sovereignty_fact f ON f.key = w.fact_id WHERE {AS_OF_CONDITION} AND {condition} GROUP BY {owner}, f.trail_number",
            [position, position, *params],
        )
        for source, trail, lookback_ms in found:
            yield source, trail, ObservedScope(max(int(lookback_ms), 0))


def _straying(position: int, bounded: Mapping[str, CardRanges]) -> Iterator[tuple[str, int]]:
    """Sources with the tenants of whom they told touches on cards outside of these; a tenant may
    come twice."""
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
                f"SELECT w.key, w.tenant_id FROM sovereignty_touch w WHERE {AS_OF_CONDITION} AND w.source = %s",  # noqa: S608
                [position, position, source],
                2,
            )
            yield from (
                (source, tenant) for tenant in np.unique(tenants[np.isin(keys, outside)]).tolist()
            )


def _tenants_beyond(position: int, source: str, beyond: str, borders: Sequence[int]) -> list[int]:
    """The tenants with chunk rows `t` without holes of which the condition `beyond` holds."""
    found = select(
        "SELECT DISTINCT w.tenant_id FROM sovereignty_touchchunk t JOIN sovereignty_touch w ON w.key = t.touch_id "  # noqa: S608
        f"WHERE {AS_OF_CONDITION} AND w.source = %s AND t.bits IS NULL{beyond}",
        [position, position, source, *borders],
    )
    return [tenant for (tenant,) in found]


def _outside(cards: CardRanges, touch: Int64s, first: Int64s, last: Int64s) -> Int64s:
    """The touches of those runs that are not wholly inside one of the ranges, which are the fewest
    of their cards."""
    firsts, lasts = np.array(cards, dtype=np.int64).reshape(-1, 2).T
    # of the range after the one that may hold the run
    place = np.searchsorted(firsts, first, side="right")
    outside: Int64s = touch[last > np.concatenate(([-1], lasts))[place]]
    return outside


def _counted(position: int, sources: Sequence[str]) -> list[tuple[Any, ...]]:
    """Sources, tenants, and nodes of which the touches count cards, as JSON."""
    condition, params = among("w.source", sources)
    return select(
        "SELECT DISTINCT w.source, w.tenant_id, p.nodes FROM sovereignty_touchpart p "  # noqa: S608
        f"JOIN sovereignty_touch w ON w.key = p.touch_id WHERE {AS_OF_CONDITION} AND {condition}",
        [position, position, *params],
    )
