"""Load the touches of a period: their rows, the runs of consecutive cards in their chunk rows,
their k-parts; and the accesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereignty.loading.columns import integers, texts
from sovereignty.loading.rows import WorldIndexes, live, select
from sovereignty.models.derived import AS_OF_JOINS
from sovereignty.plane.world import OPEN, Access, Grade, KPart, LoneEnd, Runs, Touches
from sovereignty.register.card_sets import decode_bits

MEETS = " AND t.started_at < %s AND (t.ended_at IS NULL OR t.ended_at > %s OR t.end_grade < %s)"
IN_PERIOD = "t.started_at < %s AND (t.ended_at IS NULL OR t.ended_at > %s)"
# The last chunk rows of touches that are reported to have ended before: month borders cut the
# others.
REPORTED_OVER = (
    "EXISTS (SELECT 1 FROM sovereignty_touch w WHERE w.key = t.touch_id AND w.started_at < %s "
    "AND w.ended_at <= %s AND w.end_grade < %s AND w.ended_at = t.ended_at)"
)


def load_touches(
    position: int, period: tuple[int, int], least: Grade, indexes: WorldIndexes
) -> tuple[NDArray[np.int64], Touches]:
    """The live touches that meet the period, or whose end before it is below the `least` grade, in
    the order of their keys; the keys beside them."""
    params = [position, position, period[1], period[0], int(least)]
    tail = f"{AS_OF_JOINS}{MEETS} ORDER BY t.key"
    key, tenant, workload, grade, end_grade, start, end = integers(
        "SELECT t.key, t.tenant_id, t.workload_id, t.grade, "  # noqa: S608 - our own names
        "COALESCE(t.end_grade, t.grade), t.started_at, "
        f"COALESCE(t.ended_at, {OPEN}) FROM sovereignty_touch t{tail}",
        params,
        7,
    )
    ids = texts(f"SELECT t.touch_id FROM sovereignty_touch t{tail}", params)  # noqa: S608
    return key, Touches(
        id=ids,
        tenant=_mapped(tenant, indexes.tenants),
        workload=_mapped(workload, indexes.workloads),
        start=start,
        end=end,
        grade=grade.astype(np.int8),
        end_grade=end_grade.astype(np.int8),
    )


def _mapped(keys: NDArray[np.int64], index_of: dict[int, int]) -> NDArray[np.int32]:
    """Database keys as the world's indexes."""
    known = np.array(sorted(index_of), dtype=np.int64)
    indexes = np.array([index_of[key] for key in known.tolist()], dtype=np.int32)
    return indexes[np.searchsorted(known, keys)]


def load_runs(keys: NDArray[np.int64], touches: Touches, period: tuple[int, int]) -> Runs:
    """Chunk rows of the loaded touches as runs of consecutive cards."""
    pieces = [chunk_runs(IN_PERIOD, [period[1], period[0]])]
    if bool((touches.end <= period[0]).any()):
        pieces.append(
            chunk_runs(
                REPORTED_OVER,
                [period[1], period[0], 1 + int(touches.end_grade[touches.end <= period[0]].max())],
            )
        )
    touch, first, last, start, end = (
        np.concatenate(columns) for columns in zip(*pieces, strict=True)
    )
    index = np.searchsorted(keys, touch)
    live = (
        (index < len(keys)) & (keys[np.minimum(index, len(keys) - 1)] == touch)
        if len(keys)
        else np.zeros(len(touch), dtype=bool)
    )
    return Runs(
        touch=index[live].astype(np.int32),
        first=first[live],
        last=last[live],
        start=start[live],
        end=end[live],
    )


def chunk_runs(where: str, params: Sequence[Any]) -> list[NDArray[np.int64]]:
    """The runs in chunk rows `t` of which the condition `where` holds, as columns: touch key, first
    and last card, start, end."""
    source = f"COALESCE(t.ended_at, {OPEN}) FROM sovereignty_touchchunk t WHERE {where}"
    whole = integers(
        f"SELECT t.touch_id, t.first_card, t.last_card, t.started_at, {source} AND t.bits IS NULL",
        params,
        5,
    )
    holed = select(
        f"SELECT t.touch_id, t.chunk, t.bits, t.started_at, {source} AND t.bits IS NOT NULL", params
    )
    pieces = np.array([piece for row in holed for piece in _pieces(row)], dtype=np.int64).reshape(
        -1, 5
    )
    return [np.concatenate([column, pieces[:, number]]) for number, column in enumerate(whole)]


def _pieces(row: tuple[Any, ...]) -> list[tuple[int, int, int, int, int]]:
    """The runs of consecutive cards in one chunk row with holes."""
    touch, chunk, bits, start, end = row
    cards = decode_bits(chunk, bits)
    breaks = np.flatnonzero(np.diff(cards) > 1)
    firsts = np.concatenate([cards[:1], cards[breaks + 1]])
    lasts = np.concatenate([cards[breaks], cards[-1:]])
    return [
        (touch, int(first), int(last), start, end)
        for first, last in zip(firsts, lasts, strict=True)
    ]


def load_parts(keys: NDArray[np.int64], indexes: WorldIndexes) -> list[KPart]:
    index_of = {key: index for index, key in enumerate(keys.tolist())}
    rows = select("SELECT touch_id, k, nodes FROM sovereignty_touchpart ORDER BY id")
    return [
        KPart(index_of[touch], k, indexes.node_set(nodes))
        for touch, k, nodes in rows
        if touch in index_of
    ]


def load_lone_ends(position: int, indexes: WorldIndexes) -> list[LoneEnd]:
    """The newest live end of each source and tenant whose touch has no live start. (Rows as sets:
    neither engine can look up, by index, what was live at an earlier position.)"""
    key = "t.tenant_id, t.source, t.touch_id"
    of_ends = " AND t.touch_id IN (SELECT e.touch_id FROM sovereignty_touchend e)"
    ends = f"SELECT {key} FROM sovereignty_touchend t{AS_OF_JOINS}"  # noqa: S608
    starts = f"SELECT {key} FROM sovereignty_touch t{AS_OF_JOINS}{of_ends}"  # noqa: S608
    if not select("SELECT 1 FROM sovereignty_touchend LIMIT 1"):
        return []
    lone = set(select(f"{ends} EXCEPT {starts}", [position, position] * 2))
    if not lone:
        return []
    newest: dict[tuple[str, int], int] = {}
    for tenant, source, touch, ended_at in live(
        f"{key}, t.ended_at", "sovereignty_touchend", position
    ):
        if (tenant, source, touch) in lone:
            newest[source, indexes.tenants[tenant]] = max(
                ended_at, newest.get((source, indexes.tenants[tenant]), 0)
            )
    return [LoneEnd(source, tenant, end) for (source, tenant), end in sorted(newest.items())]


def load_earlier(position: int, start: int, indexes: WorldIndexes) -> frozenset[int]:
    """The tenants with live touches or accesses that were over at `start`: `load_touches` and
    `load_accesses` leave them out."""
    touches = live(
        "DISTINCT t.tenant_id", "sovereignty_touch", position, " AND t.ended_at <= %s", [start]
    )
    accesses = live(
        "DISTINCT t.tenant_id",
        "sovereignty_access",
        position,
        " AND COALESCE(t.ended_at, t.started_at + 1) <= %s",
        [start],
    )
    return frozenset(indexes.tenants[tenant] for (tenant,) in (*touches, *accesses))


def load_accesses(position: int, period: tuple[int, int], indexes: WorldIndexes) -> list[Access]:
    """Return the live accesses that meet the period."""
    columns = (
        "t.access_id, t.tenant_id, t.workload_id, t.person, t.started_at, t.ended_at, "
        "t.office_country, t.physical_country, t.employer_jurisdiction, t.approval, t.grade"
    )
    tail = (
        " AND t.started_at < %s AND COALESCE(t.ended_at, t.started_at + 1) > %s"
        " ORDER BY made.position, t.fact_id"
    )
    rows = live(columns, "sovereignty_access", position, tail, [period[1], period[0]])
    return [
        Access(
            id=access,
            tenant=indexes.tenants[tenant],
            workload=None if workload is None else indexes.workloads[workload],
            person=person,
            start=start,
            end=end,
            office_country=office,
            physical_country=physical,
            employer_jurisdiction=employer,
            approval=approval,
            grade=Grade(grade),
        )
        for (
            access,
            tenant,
            workload,
            person,
            start,
            end,
            office,
            physical,
            employer,
            approval,
            grade,
        ) in rows
    ]
