"""The tenants that a reader may see, and what they are called. Who sees a tenant follows from who
reads its trail, here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from audit.access import Reader, readable_trails
from sovereignty.models import Tenant, TenantStatement


def visible_tenants(reader: Reader) -> QuerySet[Tenant]:
    """The tenants whose trails `reader` may read, by key."""
    return Tenant.objects.filter(trail__in=readable_trails(reader)).order_by("key")


def tenant_names(tenants: Iterable[Tenant]) -> dict[int, str]:
    """What each tenant is called, by its primary key: the name stated by the best evidence last,
    else its key."""
    names = {tenant.pk: tenant.key for tenant in tenants}
    stated = TenantStatement.objects.current().filter(tenant__in=list(names), name__isnull=False)
    for tenant, name in stated.in_ledger_order("grade", "effective_at").values_list(
        "tenant_id", "name"
    ):
        names[tenant] = name or names[tenant]
    return names
