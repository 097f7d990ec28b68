"""Accesses: someone reached into a tenant's workload, from somewhere."""

from django.db import models

from sovereignty.models.derived import Derived
from sovereignty.models.tenant import Tenant
from sovereignty.models.workload import Workload


class Access(Derived):
    """`ended_at` null is a point in time at `started_at`; `workload` null concerns the whole
    tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True)
    access_id = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    grade = models.SmallIntegerField()
    person = models.CharField(max_length=200)
    action = models.CharField(max_length=100, null=True)
    approval = models.CharField(max_length=100, null=True)
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)
    office_country = models.CharField(max_length=2, null=True)
    physical_country = models.CharField(max_length=2, null=True)
    employer_jurisdiction = models.CharField(max_length=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(started_at__lt=models.F("ended_at")),
                name="access_starts_before_it_ends",
            )
        ]
