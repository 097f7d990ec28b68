"""Workloads: what runs for a tenant. One that a touch names first is created with unknown class."""

from django.db import models

from sovereignty.models.inventory import Statement
from sovereignty.models.tenant import Tenant


class Workload(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    key = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="workload_once")]

    def __str__(self) -> str:
        return self.key


class WorkloadStatement(Statement):
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT)
    kind = models.CharField(max_length=100, null=True)
    data_class = models.CharField(max_length=100, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact"],
                condition=models.Q(superseded_by__isnull=True),
                name="workload_stated_once_a_fact",
            )
        ]
