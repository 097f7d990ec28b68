"""Tenants: whose workloads run. A tenant's rights and history hang on its trail."""

from django.db import models

from audit.models import Trail
from sovereignty.models.inventory import Statement


class Tenant(models.Model):
    key = models.CharField(max_length=200, unique=True)
    trail = models.OneToOneField(Trail, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.key


class TenantStatement(Statement):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    name = models.CharField(max_length=100, null=True)
    sector = models.CharField(max_length=100, null=True)
    home_jurisdiction = models.CharField(max_length=2, null=True)
    controlling_jurisdiction = models.CharField(max_length=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact"],
                condition=models.Q(superseded_by__isnull=True),
                name="tenant_stated_once_a_fact",
            )
        ]
