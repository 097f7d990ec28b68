"""Touches: blocks in the plane cards × time, stored by chunk.

A touch's row is one version of what is known of it; its key is the fact that brought the version
about (the start, the end, or a correction). A chunk row holds the touch's cards among 1,024
consecutive numbers, cut at month borders; `bits` (128 bytes, bit i of byte i // 8 = card chunk ×
1,024 + i, least significant first) only where the set has holes between first and last.
"""

from __future__ import annotations

from django.db import models

from sovereignty.models.derived import VersionedQuerySet
from sovereignty.models.fact import Batch, Fact
from sovereignty.models.tenant import Tenant
from sovereignty.models.workload import Workload


class Touch(models.Model):
    """`fact` is the start (or closed) fact, `grade` its evidence; `ended_at` null is open, else
    `end_grade` is the evidence of the end."""

    key = models.BigIntegerField(primary_key=True)
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_by = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_index=False)
    superseded_by = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT)
    touch_id = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    grade = models.SmallIntegerField()
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)
    end_grade = models.SmallIntegerField(null=True)
    cards = models.BigIntegerField()

    objects = VersionedQuerySet["Touch"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(started_at__lt=models.F("ended_at")),
                name="touch_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end_grade__isnull=True)
                | models.Q(ended_at__isnull=False, end_grade__isnull=False),
                name="touch_end_has_its_grade",
            ),
            models.CheckConstraint(condition=models.Q(cards__gte=1), name="touch_has_cards"),
            models.UniqueConstraint(
                fields=["tenant", "touch_id", "source"],
                condition=models.Q(superseded_by__isnull=True),
                name="touch_live_once",
            ),
        ]

    def __str__(self) -> str:
        return self.touch_id


class TouchChunk(models.Model):
    pk = models.CompositePrimaryKey("touch_id", "chunk", "started_at")
    touch = models.ForeignKey(Touch, on_delete=models.PROTECT, db_index=False)
    chunk = models.IntegerField()
    first_card = models.BigIntegerField()
    last_card = models.BigIntegerField()
    bits = models.BinaryField(max_length=128, null=True)
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["chunk", "started_at"], name="touch_chunk_by_card")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(started_at__lt=models.F("ended_at")),
                name="chunk_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(first_card__lte=models.F("last_card")), name="chunk_has_cards"
            ),
        ]


class TouchPart(models.Model):
    """k of the nodes `nodes` (a JSON list of hostlists; null: unknown which). Never stored as
    occupied cards."""

    touch = models.ForeignKey(Touch, on_delete=models.PROTECT)
    k = models.BigIntegerField()
    nodes: models.JSONField[list[str] | None] = models.JSONField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(k__gte=1), name="part_has_cards")]


class TouchEnd(models.Model):
    """An end, kept apart from the touch because it may come before its start, or outlive a start
    that is corrected."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_index=False)
    superseded_by = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    source = models.CharField(max_length=200)
    touch_id = models.CharField(max_length=200)
    ended_at = models.BigIntegerField()
    grade = models.SmallIntegerField()

    objects = VersionedQuerySet["TouchEnd"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "touch_id", "source"],
                condition=models.Q(superseded_by__isnull=True),
                name="touch_ends_once",
            )
        ]
