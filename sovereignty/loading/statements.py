"""A row of a statement table → the `Statement` that rules read, for every reader of such rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sovereignty.models import CardStatement, ledger_order
from sovereignty.models.derived import DerivedQuerySet
from sovereignty.plane.world import Grade, Statement

# What every statement row says beside its subject and values, in the order of `statement_of`.
HEAD = ("effective_at", "grade", "source", "made_by__position", "said_by")
HEAD_SQL = "t.effective_at, t.grade, t.source, made.position, t.said_by"


def statement_of(
    subject: Any, head: Sequence[Any], values: Mapping[str, str | None], resets: bool = False
) -> Statement:
    """Return what a row states of `subject`. `head` are its columns `HEAD`; a value of None is one
    that the fact left open."""
    effective_at, grade, source, position, said_by = head
    known = {name: value for name, value in values.items() if value is not None}
    order = ledger_order(position, said_by)
    return Statement(subject, effective_at, Grade(grade), source, order, known, resets)


def read_statements(
    stated: DerivedQuerySet[Any], subject: str, attributes: Sequence[str]
) -> Iterator[tuple[int, Statement]]:
    """Yield what the rows state, in the order of time and of the ledger, each with the key of the
    fact that says so. `subject` is the column of the node, card or region that they are about."""
    resets = ("resets",) if stated.model is CardStatement else ()
    attributes = list(dict.fromkeys(attributes))
    columns = (subject, *HEAD, *attributes, *resets)
    width = len(HEAD) + 1
    for row in stated.in_ledger_order("effective_at").values_list(*columns):
        values = dict(zip(attributes, row[width:], strict=False))
        about: Any = subject.removesuffix("_id"), row[0]
        yield row[width - 1], statement_of(about, row[1:width], values, bool(resets and row[-1]))


def histories_of(
    stated: DerivedQuerySet[Any], subject: str, attributes: Sequence[str]
) -> dict[Any, list[Statement]]:
    """Return what the rows state of each subject, as `sovereignty.plane.inventory.statements` wants
    it."""
    histories: dict[Any, list[Statement]] = {}
    for _, statement in read_statements(stated, subject, attributes):
        histories.setdefault(statement.subject[1], []).append(statement)
    return histories
