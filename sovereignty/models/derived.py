"""Derived rows: which are live as of a position of the ledger, and which of two is the later.

A row is live as of position P if a batch at or before P made it and none at or before P superseded
it. Batches commit in the order of their positions, so what is read does not depend on when it is
read. Of two live rows the later is the one whose batch has the higher position; in one batch, the
one whose fact stands further down. These rules stand here once: `as_of`, `current` and
`in_ledger_order` for queries, `AS_OF_JOINS` and `AS_OF_CONDITION` for SQL of our own.

    NodeStatement.objects.as_of(812).in_ledger_order("effective_at")
    Workload.objects.annotate(touches=Count("touch", filter=is_current("touch__")))
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from sovereignty.models.fact import ORDINAL_BITS, Batch, Fact

ORDINAL_MASK = (1 << ORDINAL_BITS) - 1

# Both name the rows that are live as of a position, and take the position twice. The joins go
# behind `FROM table t`, also tell `made.position`, and end in a WHERE. The condition is about rows
# `w`, in a form from which PostgreSQL sees that most rows are live, so that it reads a large table
# at one go instead of row by row through an index.
AS_OF_JOINS = (
    " JOIN sovereignty_batch made ON made.id = t.made_by_id AND made.position <= %s"
    " LEFT JOIN sovereignty_batch gone ON gone.id = t.superseded_by_id AND gone.position <= %s"
    " WHERE gone.id IS NULL"
)
AS_OF_CONDITION = (
    "w.made_by_id IN (SELECT b.id FROM sovereignty_batch b WHERE b.position <= %s)"
    " AND (w.superseded_by_id IS NULL OR w.superseded_by_id IN"
    " (SELECT b.id FROM sovereignty_batch b WHERE b.position > %s))"
)
# Of rows `t`: live as of now. The partial unique indexes have the same condition.
CURRENT_CONDITION = "t.superseded_by_id IS NULL"

_Row = TypeVar("_Row", bound=models.Model)


def ledger_order(position: int, said_by: int) -> int:
    """Return a row's place in the order of the ledger: the position of the batch that made it, then
    the place in that batch of the fact (its key) that says so."""
    return position << ORDINAL_BITS | said_by & ORDINAL_MASK


def is_current(path: str = "") -> Q:
    """Return the condition of rows that nothing has superseded; `path` leads to the derived model
    from the one that is asked, as in `touch__`."""
    return Q(**{f"{path}superseded_by__isnull": True})


class VersionedQuerySet(models.QuerySet[_Row]):
    """Rows that one batch made and another may have superseded."""

    def as_of(self, position: int) -> Self:
        """Return the rows that are live as of `position`."""
        live = is_current() | Q(superseded_by__position__gt=position)
        return self.filter(live, made_by__position__lte=position)

    def current(self) -> Self:
        """Return the rows that nothing has superseded."""
        return self.filter(is_current())


class DerivedQuerySet(VersionedQuerySet[_Row]):
    """Versioned rows of which each says what one fact of its batch says."""

    def in_ledger_order(self, *first: str) -> Self:
        """Return the rows in the order of the fields `first`, and within it of the ledger."""
        return self.order_by(*first, "made_by__position", "said_by")


class Derived(models.Model):
    """A row made from `fact`, live from the batch that made it until the batch that superseded it.
    `said_by` is the key of the fact that says so: a correction's, where one put the row in its
    original's place."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+")
    said_by = models.BigIntegerField()
    made_by = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_index=False)
    superseded_by = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )

    objects = DerivedQuerySet[Any].as_manager()

    class Meta:
        abstract = True
