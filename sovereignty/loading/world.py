"""Load the world: the projection as of one position, for one period, in the form that the evaluator
reads.

`rows` says which rows are live as of a position; `inventory`, `touches`, `sources`, `sequences` and
`observed_scope` read them.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from audit.storage.raw import one_snapshot
from sovereignty.loading.inventory import load_register, load_statements, load_subjects
from sovereignty.loading.observed_scope import load_reported_scope
from sovereignty.loading.rows import WorldIndexes
from sovereignty.loading.sequences import load_sequences
from sovereignty.loading.sources import load_heard, load_sources
from sovereignty.loading.touches import (
    load_accesses,
    load_earlier,
    load_lone_ends,
    load_parts,
    load_runs,
    load_touches,
)
from sovereignty.plane.coverage.sequences import declared_sources
from sovereignty.plane.world import Grade, ReportedScope, SourceDeclaration, World

Step = Callable[[str], None]


def load_world(
    position: int, period: tuple[int, int], least: Grade, step: Step = lambda name: None
) -> World:
    """Return the world as of `position`, with the touches and accesses that meet `period` (from,
    to; milliseconds UTC).

    Touches whose end is below the `least` grade that the policy accepts are there too if they ended
    before (`plane.sharing.unconfirmed_ends`). `step` is called with the name of what is read, for
    progress. Needs one open transaction, so that every part is read from one state.
    """
    indexes = WorldIndexes()
    step("inventory")
    nodes, card_node, card_slot = load_register(position, indexes)
    tenants, workloads = load_subjects(position, indexes)
    statements = load_statements(position, indexes)
    step("touches")
    keys, touches = load_touches(position, period, least, indexes)
    step("cards of touches")
    runs = load_runs(keys, touches, period)
    parts = load_parts(keys, indexes)
    step("sources")
    sources = load_sources(position, indexes)
    declared = declared_sources(sources, least, period[1])
    accepted = [declaration for declaration in sources if declaration.name in declared]
    sequences = load_sequences(position, indexes, accepted)
    declarations: dict[str, list[SourceDeclaration]] = {}
    for declaration in sources:
        declarations.setdefault(declaration.name, []).append(declaration)

    def reported_scope(names: Set[str]) -> list[ReportedScope]:
        # In a snapshot of its own: the evaluator asks later, and what is live as of a position does
        # not depend on when it is read.
        asked = {name: declarations.get(name, []) for name in sorted(names)}
        if not asked:
            return []
        with one_snapshot():
            return load_reported_scope(position, indexes, asked)

    return World(
        nodes=nodes,
        card_node=card_node,
        card_slot=card_slot,
        tenants=tenants,
        workloads=workloads,
        statements=statements,
        touches=touches,
        runs=runs,
        parts=parts,
        accesses=load_accesses(position, period, indexes),
        sources=sources,
        heard=load_heard(position, indexes),
        sequences=sequences,
        lone_ends=load_lone_ends(position, indexes),
        earlier=load_earlier(position, period[0], indexes),
        reported_scope=reported_scope,
    )
