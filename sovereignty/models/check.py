"""Checks: one policy version asked of one scope and period as of one position, and what it
answered.

The report is canonical JSON; the same question at the same position is this row again, byte for
byte.
"""

import hashlib

from django.db import models

from sovereignty.models.policy import Policy
from sovereignty.models.tenant import Tenant

WHOLE_FLEET = "null"  # the scope of a check of every tenant


def scope_digest(scope: str) -> bytes:
    """By which a scope is found: the SHA-256 of its text, 32 bytes; hundreds of named tenants are
    longer than an index holds."""
    return hashlib.sha256(scope.encode()).digest()


class Check(models.Model):
    """`scope` is canonical JSON: a sorted list of tenant keys, or null for every tenant."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)
    scope = models.TextField()
    scope_digest = models.BinaryField(max_length=32)
    period_from = models.BigIntegerField()
    period_to = models.BigIntegerField()
    position = models.BigIntegerField()
    verdict = models.CharField(max_length=20)
    report = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    made_at = models.BigIntegerField()

    class Meta:
        indexes = [
            # The newest of a policy and scope, and the newest of all, in the order in which pages
            # offer them.
            models.Index(
                fields=["policy", "scope_digest", "-position", "-period_to", "-id"],
                name="check_newest_of_scope",
            ),
            models.Index(fields=["-position", "-period_to", "-id"], name="check_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "scope_digest", "period_from", "period_to", "position"],
                name="check_once_a_question",
            ),
            models.CheckConstraint(
                condition=models.Q(period_from__lt=models.F("period_to")),
                name="check_period_has_length",
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.pk} at position {self.position}"


class Slice(models.Model):
    """One tenant's part of a check, and the entry of the tenant's trail that holds it."""

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="slices")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    verdict = models.CharField(max_length=20)
    touches = models.BigIntegerField()
    card_touches = models.BigIntegerField()
    card_seconds = models.BigIntegerField()
    index = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["check_of", "tenant"], name="slice_once")]


class CheckTotal(models.Model):
    """Card-seconds, or accesses, of one tenant under one rule in one verdict."""

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="totals")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    rule = models.CharField(max_length=10)
    unit = models.CharField(max_length=20)
    verdict = models.CharField(max_length=20)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "tenant", "rule", "verdict"], name="total_once"
            )
        ]
