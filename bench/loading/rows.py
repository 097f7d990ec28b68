"""The month of `bench.planes` as rows of the projection's tables, for `bench.loading`."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.db import transaction

from audit.clock import now_ms
from audit.storage import rows
from audit.trails import open_ledger, open_trail
from bench.planes import SLOTS, Month
from sovereignty.models import (
    CHUNK_CARDS,
    Access,
    Batch,
    Card,
    CardStatement,
    Chunk,
    Fact,
    Heard,
    Node,
    NodeStatement,
    RegionStatement,
    SourceDeclaration,
    Tenant,
    Touch,
    TouchChunk,
    Workload,
)
from sovereignty.plane.world import OPEN, Statement, World
from sovereignty.projection.derived_rows import COLUMNS, DERIVED
from sovereignty.projection.touches import CHUNK_COLUMNS, TOUCH_COLUMNS
from sovereignty.recording.record import FACT_COLUMNS

Row = tuple[Any, ...]


def fill(touches: int) -> None:
    """Write everything under one batch at position 1. Needs an empty, migrated database."""
    open_ledger(actor="bench")
    with transaction.atomic():
        _fill(Month(touches).world(), touches)


def _fill(world: World, touches: int) -> None:
    for key in world.tenants:
        Tenant.objects.create(key=key, trail=open_trail(owner=f"tenant:{key}", name=key))
    Batch.objects.create(pk=1, position=1, received_at=now_ms(), door="bench", actor="bench")
    numbered = _numbered(world)
    rows.insert(Fact, FACT_COLUMNS, _facts(max(touches, len(numbered)), numbered))
    _fill_register(world)
    _fill_statements(world)
    _fill_sources(world)
    _fill_touches(world)


def _numbered(world: World) -> list[tuple[str, int, int, int]]:
    """Every known number: (source, trail, number, time)."""
    return [
        (one.source, one.trail + 2, number, time)
        for one in world.sequences
        if one.trail is not None
        for number, time in zip(one.numbers.tolist(), one.times.tolist(), strict=True)
    ]


def _facts(count: int, numbered: Sequence[tuple[str, int, int, int]]) -> Iterator[Row]:
    """One fact a touch; the first of them carry the sequence numbers."""
    digest = os.urandom(32)
    for key in range(count):
        source, trail, number, time = (
            numbered[key] if key < len(numbered) else ("slurm/0", 2, None, 0)
        )
        yield (
            key,
            1,
            source,
            str(key),
            digest,
            "touch.recorded/v1",
            trail,
            10_000_000 + key,
            number,
            time,
        )


def _fill_register(world: World) -> None:
    rows.insert(
        Node,
        ("id", "name", "block_first", "block_size"),
        [(n + 1, name, n * SLOTS, SLOTS) for n, name in enumerate(world.nodes)],
    )
    cards = [
        (card, int(node) + 1, slot, 1)
        for card, (node, slot) in enumerate(zip(world.card_node, world.card_slot, strict=True))
    ]
    rows.insert(Card, ("number", "node_id", "slot", "made_by_id"), cards)
    chunks = -(-len(cards) // CHUNK_CARDS)
    full = [(n, min(CHUNK_CARDS, len(cards) - n * CHUNK_CARDS)) for n in range(chunks)]
    rows.insert(Chunk, ("number", "used", "given"), [(n, used, used) for n, used in full])


def _insert(model: Any, keyed_rows: list[tuple[int, Row]]) -> None:
    rows.insert(
        model, (*DERIVED, *COLUMNS[model]), [(key, key, 1, None, *row) for key, row in keyed_rows]
    )


def _fill_statements(world: World) -> None:
    """Each statement under a fact of its own, in its order."""
    rows_by_model: dict[Any, list[tuple[int, Row]]] = {
        RegionStatement: [],
        NodeStatement: [],
        CardStatement: [],
    }
    for key, statement in enumerate(sorted(world.statements, key=lambda one: one.order)):
        model, made = _statement_rows(statement)
        rows_by_model[model] += [(key, row) for row in made]
    for model, made_rows in rows_by_model.items():
        _insert(model, made_rows)


def _statement_rows(statement: Statement) -> tuple[Any, list[Row]]:
    head = (statement.effective_at, int(statement.grade), statement.source)
    kind, subject = statement.subject
    value = statement.values.get
    if kind == "region":
        return RegionStatement, [(*head, subject, value("country"), None, None)]
    if kind == "node" and isinstance(subject, int):
        return NodeStatement, [(*head, subject + 1, value("region"), None)]
    first, last = subject if isinstance(subject, tuple) else (subject, subject)
    chip = tuple(
        value(name)
        for name in (
            "vendor",
            "model",
            "pci_id",
            "design_country",
            "fabrication_country",
            "packaging_country",
            "firmware_country",
        )
    )
    return CardStatement, [
        (*head, card, statement.resets, True, None, *chip)
        for card in range(int(first), int(last) + 1)
    ]


def _fill_sources(world: World) -> None:
    declared = [
        (
            n,
            (
                one.name,
                one.effective_at,
                int(one.grade),
                sorted(one.reports),
                _texts(world, one.cards),
                one.heartbeat_ms,
                one.reach_ms,
                True,
            ),
        )
        for n, one in enumerate(world.sources)
    ]
    _insert(SourceDeclaration, declared)
    _insert(
        Heard,
        [(n, (one.source, one.from_at, one.to_at, None)) for n, one in enumerate(world.heard)],
    )
    tenants = _tenants(world)
    _insert(
        Access,
        [
            (
                n,
                (
                    tenants[one.tenant],
                    None,
                    one.id,
                    "slurm/0",
                    int(one.grade),
                    one.person,
                    None,
                    None,
                    one.start,
                    one.end,
                    one.office_country,
                    one.physical_country,
                    one.employer_jurisdiction,
                ),
            )
            for n, one in enumerate(world.accesses)
        ],
    )


def _texts(world: World, ranges: tuple[tuple[int, int], ...] | None) -> list[str] | None:
    if ranges is None:
        return None
    return [
        f"{world.nodes[node]}/0-{SLOTS - 1}"
        for first, last in ranges
        for node in range(first // SLOTS, last // SLOTS + 1)
    ]


def _tenants(world: World) -> list[int]:
    keys = dict(Tenant.objects.values_list("key", "pk"))
    return [keys[name] for name in world.tenants]


def _fill_touches(world: World) -> None:
    tenants = np.array(_tenants(world))
    rows.insert(Workload, ("tenant_id", "key"), [(tenant, "work") for tenant in tenants.tolist()])
    works = dict(Workload.objects.values_list("tenant_id", "pk"))
    owner = tenants[world.touches.tenant].tolist()
    cards = np.zeros(len(owner), dtype=np.int64)
    np.add.at(cards, world.runs.touch, world.runs.last - world.runs.first + 1)
    columns = zip(
        owner,
        world.touches.id,
        world.touches.start.tolist(),
        world.touches.end.tolist(),
        cards.tolist(),
        strict=True,
    )
    made: Iterator[Row] = (
        (
            n,
            n,
            1,
            None,
            tenant,
            works[tenant],
            f"{touch}-{n}",
            "slurm/0",
            3,
            start,
            *((None, None) if end == OPEN else (end, 3)),
            count,
        )
        for n, (tenant, touch, start, end, count) in enumerate(columns)
    )
    rows.insert(Touch, TOUCH_COLUMNS, made)
    rows.insert(TouchChunk, CHUNK_COLUMNS, _chunk_rows(world))


def _chunk_rows(world: World) -> Iterator[Row]:
    """Runs cut at the borders of chunks."""
    runs = world.runs
    for touch, first, last, start, end in zip(
        runs.touch.tolist(),
        runs.first.tolist(),
        runs.last.tolist(),
        runs.start.tolist(),
        runs.end.tolist(),
        strict=True,
    ):
        for chunk in range(first // CHUNK_CARDS, last // CHUNK_CARDS + 1):
            low, high = (
                max(first, chunk * CHUNK_CARDS),
                min(last, chunk * CHUNK_CARDS + CHUNK_CARDS - 1),
            )
            yield touch, chunk, low, high, None, start, None if end == OPEN else end
