"""Load the sources: what each declared, when it was heard, and the numbers that it gave its facts."""

from __future__ import annotations

from sovereignty.loading.rows import Names, from_json, live
from sovereignty.models import ledger_order
from sovereignty.plane.world import Grade, Heard, SourceDeclaration


def load_sources(position: int, names: Names) -> list[SourceDeclaration]:
    columns = "t.name, t.effective_at, made.position, t.said_by, t.reports, t.cards, t.heartbeat_ms, t.reach_ms, t.sequenced, t.grade"
    return [
        SourceDeclaration(
            name, effective_at, ledger_order(made, fact), frozenset(from_json(reports)), names.card_ranges(cards), heartbeat_ms, reach_ms,
            bool(sequenced), Grade(grade),
        )
        for name, effective_at, made, fact, reports, cards, heartbeat_ms, reach_ms, sequenced, grade in live(
            columns, "sovereignty_sourcedeclaration", position, " ORDER BY made.position, t.fact_id"
        )
    ]  # fmt: skip


def load_heard(position: int, names: Names) -> list[Heard]:
    found = live(
        "t.source, t.from_at, t.to_at, t.cards",
        "sovereignty_heard",
        position,
        " ORDER BY t.from_at, t.fact_id",
    )
    return [
        Heard(source, from_at, to_at, names.card_ranges(cards))
        for source, from_at, to_at, cards in found
    ]
