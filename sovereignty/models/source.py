"""Sources: who reports, what each owes, and when each was heard."""

from __future__ import annotations

from django.db import models

from sovereignty.models.derived import Derived


class SourceDeclaration(Derived):
    """`cards` is a JSON list of hostlists, null for the whole fleet; times and intervals in
    milliseconds."""

    name = models.CharField(max_length=200)
    effective_at = models.BigIntegerField()
    grade = models.SmallIntegerField()
    reports: models.JSONField[list[str]] = models.JSONField()
    cards: models.JSONField[list[str] | None] = models.JSONField(null=True)
    heartbeat_ms = models.BigIntegerField(null=True)
    reach_ms = models.BigIntegerField(null=True)
    sequenced = models.BooleanField()


class Heard(Derived):
    """The source was heard over [from_at, to_at) about `cards` (null: all that it declared)."""

    source = models.CharField(max_length=200)
    from_at = models.BigIntegerField()
    to_at = models.BigIntegerField()
    cards: models.JSONField[list[str] | None] = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_at__lt=models.F("to_at")),
                name="heard_starts_before_it_ends",
            )
        ]


class SequenceReport(Derived):
    """The highest number that the source says it has given in the trail."""

    source = models.CharField(max_length=200)
    trail_number = models.IntegerField()
    highest = models.BigIntegerField()
