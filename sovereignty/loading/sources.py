"""Load the sources: what each declared, when it was heard, and the numbers that it gave its
facts."""

from __future__ import annotations

from sovereignty.loading.rows import WorldIndexes, from_json, live
from sovereignty.models import ledger_order
from sovereignty.plane.world import Grade, Heard, SourceDeclaration


def load_sources(position: int, indexes: WorldIndexes) -> list[SourceDeclaration]:
    """Return every declaration of a source that is live as of the position."""
    columns = (
        "t.name, t.effective_at, made.position, t.said_by, t.reports, t.cards, t.heartbeat_ms, "
        "t.reach_ms, t.sequenced, t.grade"
    )
    rows = live(
        columns, "sovereignty_sourcedeclaration", position, " ORDER BY made.position, t.fact_id"
    )
    return [
        SourceDeclaration(
            name=name,
            effective_at=effective_at,
            order=ledger_order(made_at, said_by),
            reports=frozenset(from_json(reports)),
            cards=indexes.card_ranges(cards),
            heartbeat_ms=heartbeat_ms,
            reach_ms=reach_ms,
            sequenced=bool(sequenced),
            grade=Grade(grade),
        )
        for (
            name,
            effective_at,
            made_at,
            said_by,
            reports,
            cards,
            heartbeat_ms,
            reach_ms,
            sequenced,
            grade,
        ) in rows
    ]


def load_heard(position: int, indexes: WorldIndexes) -> list[Heard]:
    """Return every heartbeat that is live as of the position."""
    rows = live(
        "t.source, t.from_at, t.to_at, t.cards",
        "sovereignty_heard",
        position,
        " ORDER BY t.from_at, t.fact_id",
    )
    return [
        Heard(source, from_at, to_at, indexes.card_ranges(cards))
        for source, from_at, to_at, cards in rows
    ]
