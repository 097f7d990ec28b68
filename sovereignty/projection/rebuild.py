"""Rebuild the projection: apply every batch again, in the order of positions, through the code that
recorded it.

The facts' entries are the truth. The derived tables are emptied and made again from them in one
transaction; the register of card numbers, the tenants and the workloads are kept, because their
numbers and keys were given out once. `check` does the same, compares, and takes everything back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit.jobs.progress import Progress, silent
from audit.models import Entry, Trail
from audit.storage import locks, raw, rows
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import decode, sole_hostlist_of
from sovereignty.facts.errors import FactError
from sovereignty.facts.fact import SourceFact
from sovereignty.models import (
    ORDINAL_BITS,
    Batch,
    Fact,
    Tenant,
    Touch,
    TouchChunk,
    TouchEnd,
    TouchPart,
)
from sovereignty.projection.derived_rows import COLUMNS
from sovereignty.projection.projection import Projection
from sovereignty.register.register import Register

DERIVED_TABLES: tuple[Any, ...] = (TouchChunk, TouchPart, TouchEnd, Touch, *COLUMNS)
MOST_DIFFERENCES = 20  # shown of each table and side; all are counted


class RebuildError(Exception):
    """Raised when a stored fact cannot be applied again: the code that reads it is not the code
    that accepted it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that only the live projection has (`live`) or only the rebuilt one: `count`
    of them, the first ones in words."""

    table: str
    live: bool
    count: int
    rows: list[str]


def rebuild(progress: Progress = silent) -> int:
    """Make the projection again from the batches; returns how many facts it was made from. Raises
    RebuildError."""
    with transaction.atomic():
        _lock_out_recorders()
        return _rebuild(progress)


def check(progress: Progress = silent) -> list[Difference]:
    """Rebuild, compare with what was there, take it back; returns the differences, none where the
    two agree. Raises RebuildError."""
    with transaction.atomic():
        _lock_out_recorders()
        for model in DERIVED_TABLES:
            _keep(model)
        _rebuild(progress)
        differences = [difference for model in DERIVED_TABLES for difference in _differences(model)]
        transaction.set_rollback(True)
    return differences


def _lock_out_recorders() -> None:
    """Take every lock that a recording takes, in its order, so that none is under way and none
    begins."""
    locks.hold(locks.SEALING)
    list(Trail.objects.select_for_update().order_by("number").values_list("number"))
    locks.hold(locks.CARD_NUMBERS)
    locks.hold(locks.POSITION)


def _rebuild(progress: Progress) -> int:
    with connection.cursor() as cursor:
        for model in DERIVED_TABLES:
            cursor.execute(f"DELETE FROM {_name(model)}")  # noqa: S608 - names from our models
    tenants = {
        key: (pk, trail) for key, pk, trail in Tenant.objects.values_list("key", "pk", "trail_id")
    }
    register = Register.current()
    done, total = 0, Fact.objects.count()
    for batch in Batch.objects.order_by("position").values_list("pk", flat=True):
        facts = list(_facts(batch))
        projection = Projection(batch, register, tenants)
        projection.load([fact for _, fact in facts])
        for key, fact in facts:
            _apply(projection, key, fact)
        projection.flush()
        done += len(facts)
        progress(done, total, "applying facts")
    return done


def _apply(projection: Projection, key: int, fact: SourceFact) -> None:
    try:
        projection.apply(key, fact)
    except FactError as error:
        raise RebuildError(
            f"fact {fact.source}/{fact.id} was accepted once and is refused now: {error}"
        ) from error


def _facts(batch: int) -> Iterator[tuple[int, SourceFact]]:
    """The batch's facts with their keys, in the order of their lines, read from their entries."""
    known = (
        Fact.objects.filter(key__gte=batch << ORDINAL_BITS, key__lt=(batch + 1) << ORDINAL_BITS)
        .order_by("key")
        .values_list("key", "source", "fact_id", "kind", "trail_number", "index")
    )
    stored = list(known)
    contents = {
        (trail, index): bytes(content)
        for trail, index, content in _contents([row[4:6] for row in stored])
    }
    for key, source, fact_id, kind, trail, index in stored:
        body = body_of(contents[trail, index])
        data = decode(kind, body.data)
        yield (
            key,
            SourceFact(source, fact_id, kind, data, sole_hostlist_of(data), tuple(body.resolved)),
        )


def _contents(places: Sequence[tuple[int, int]]) -> list[tuple[Any, ...]]:
    return rows.matching(
        Entry, ("trail_number", "index", "content"), ("trail_number", "index"), places
    )


def _keep(model: Any) -> None:
    """Copy the live rows into a table of this transaction."""
    with connection.cursor() as cursor:
        names = ", ".join(_columns(model))
        rows = f"SELECT {names} FROM {_name(model)}"  # noqa: S608 - our own names
        cursor.execute(f"CREATE TEMPORARY TABLE {_kept(model)} AS {rows}")


def _differences(model: Any) -> Iterator[Difference]:
    """Compare both tables as bags of rows, without the keys that the database counts up."""
    names = _columns(model)
    columns = ", ".join(names)
    order = ", ".join(str(number + 1) for number in range(len(names)))
    sides = {
        live: f"SELECT {columns}, COUNT(*) FROM {table} GROUP BY {columns}"  # noqa: S608 - our own
        for live, table in ((True, _kept(model)), (False, _name(model)))
    }
    for live in (True, False):
        extra = raw.read(f"{sides[live]} EXCEPT {sides[not live]} ORDER BY {order}")
        if extra:
            shown = [_in_words(names, row) for row in extra[:MOST_DIFFERENCES]]
            yield Difference(model._meta.db_table, live, len(extra), shown)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_kept(model)}")


def _in_words(names: list[str], row: tuple[Any, ...]) -> str:
    values = [
        bytes(value).hex() if isinstance(value, bytes | memoryview) else value for value in row
    ]
    return ", ".join(
        f"{name.strip(chr(34))}={value!r}"
        for name, value in zip([*names, "times"], values, strict=True)
    )


def _columns(model: Any) -> list[str]:
    """The quoted columns of a table, without a key that the database counts up."""
    quote = connection.ops.quote_name
    counted = {"AutoField", "BigAutoField"}
    return [
        quote(field.column)
        for field in model._meta.concrete_fields
        if field.get_internal_type() not in counted and field.column
    ]


def _name(model: Any) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))


def _kept(model: Any) -> str:
    return str(connection.ops.quote_name(f"kept_{model._meta.db_table}"))
