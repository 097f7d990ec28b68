"""The checks that a reader may look at.

A check's own verdict and report speak of every tenant, so nothing here hands them out: readers get
slices, totals and findings of tenants that they may see.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from audit.access import Reader
from sovereignty.models import WHOLE_FLEET, Check, Policy, Slice, scope_digest
from sovereignty.queries.tenants import visible_tenants

CHECKS_OFFERED = 20


def newest_first() -> QuerySet[Check]:
    """Checks without their reports, the newest position first."""
    return (
        Check.objects.defer("report")
        .select_related("policy")
        .order_by("-position", "-period_to", "-pk")
    )


def current_check(policy: Policy) -> Check | None:
    """The policy's newest check of all tenants: the newest position, then the longest period."""
    return newest_first().filter(policy=policy, scope_digest=scope_digest(WHOLE_FLEET)).first()


def checks_seen(reader: Reader) -> list[Check]:
    """The newest checks that judged a tenant whom `reader` may see."""
    # Asked of each check in turn, the newest first, so that a few are looked at and not all.
    slices = Slice.objects.filter(
        check_of=OuterRef("pk"), tenant__in=visible_tenants(reader).order_by()
    )
    return list(newest_first().filter(Exists(slices))[:CHECKS_OFFERED])
