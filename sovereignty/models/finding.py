"""Findings: the blocks of a check that are not compliant, as an officer reads them."""

from __future__ import annotations

from typing import Any

from django.db import models

from sovereignty.models.check import Check
from sovereignty.models.tenant import Tenant


class Finding(models.Model):
    """One block of a report, with the entry of the tenant's slice that carries it. `cards` are
    hostlists."""

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="findings")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    rule = models.CharField(max_length=10)
    verdict = models.CharField(max_length=20)
    reason = models.CharField(max_length=40)
    touch_id = models.CharField(max_length=200, blank=True)
    workload = models.CharField(max_length=200, blank=True)
    amount = models.BigIntegerField()
    from_at = models.BigIntegerField()
    to_at = models.BigIntegerField(null=True)
    block: models.JSONField[dict[str, Any]] = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["check_of", "tenant", "rule"], name="finding_by_tenant"),
            models.Index(fields=["tenant", "workload"], name="finding_by_workload"),
        ]
