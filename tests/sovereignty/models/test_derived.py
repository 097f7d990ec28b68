"""Derived rows: which are live as of a position, and which of two is the later. Every spelling of
the rule names the same rows."""

from typing import Any

import pytest
from django.db.models import Count

from audit.storage import raw
from sovereignty.models import (
    Access,
    Batch,
    Node,
    NodeStatement,
    SourceDeclaration,
    Touch,
    TouchEnd,
    Workload,
    is_current,
    ledger_order,
)
from sovereignty.models.derived import AS_OF_CONDITION, AS_OF_JOINS, CURRENT_CONDITION
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")

VERSIONED: tuple[Any, ...] = (Access, NodeStatement, SourceDeclaration, Touch, TouchEnd)


def history() -> int:
    """Rows that are made, superseded and made again over several batches; returns the newest
    position."""
    here, other, reached, source = b.node(), b.node("hz-a-2"), b.access(), b.source_declared()
    b.accept_all(b.tenant(), here, other, reached, source)
    b.accept_all(b.started("1"), b.started("2"), b.ended("3"))
    b.accept_all(b.ended("1"))
    b.accept_all(
        b.correction(here, replacement=b.node(region="sg")),
        b.correction(reached, replacement=b.access(person="enzo")),
        b.correction(source),
    )
    b.accept_all(b.correction(other))
    return Batch.objects.count()


def columns_of(model: Any) -> tuple[str, str]:
    return model._meta.db_table, model._meta.pk.column


@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: str(model.__name__))
def test_query_joins_and_condition_name_the_same_rows_at_every_position(model: Any) -> None:
    seen: set[tuple[int, ...]] = set()
    for position in range(history() + 2):
        table, key = columns_of(model)
        joined = raw.read(f"SELECT t.{key} FROM {table} t{AS_OF_JOINS}", [position] * 2)
        chosen = raw.read(f"SELECT w.{key} FROM {table} w WHERE {AS_OF_CONDITION}", [position] * 2)
        live = sorted(model.objects.as_of(position).values_list("pk", flat=True))
        assert live == sorted(pk for (pk,) in joined) == sorted(pk for (pk,) in chosen)
        seen.add(tuple(live))
    assert len(seen) > 1  # it is not one answer for all positions


@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: str(model.__name__))
def test_what_is_current_is_live_as_of_the_newest_position(model: Any) -> None:
    newest = history()
    table, key = columns_of(model)
    stored = raw.read(f"SELECT t.{key} FROM {table} t WHERE {CURRENT_CONDITION}")
    current = sorted(model.objects.current().values_list("pk", flat=True))
    assert current == sorted(model.objects.as_of(newest).values_list("pk", flat=True))
    assert current == sorted(pk for (pk,) in stored)


def test_the_condition_holds_along_a_path_too() -> None:
    history()
    counted = Workload.objects.aggregate(
        live=Count("touch", filter=is_current("touch__")), all=Count("touch")
    )
    assert counted == {"live": 2, "all": 3}


def test_of_two_rows_the_later_is_the_one_that_was_said_later() -> None:
    first, second = b.node(), b.node(region="sh")
    b.accept_all(first, second)
    b.accept_all(b.correction(second, replacement=second), b.correction(first, replacement=first))
    later = NodeStatement.objects.current().in_ledger_order()
    assert [row.fact.fact_id for row in later] == [second["id"], first["id"]]
    orders = [ledger_order(row.made_by.position or 0, row.said_by) for row in later]
    assert orders == sorted(orders)


def test_fields_that_are_named_come_before_the_order_of_the_ledger() -> None:
    b.accept_all(b.node("z"), b.node("a"), b.node("z", region="sh"))
    in_order = NodeStatement.objects.in_ledger_order("node__name").values_list("node__name")
    assert [*in_order] == [("a",), ("z",), ("z",)]
    assert Node.objects.count() == 2
