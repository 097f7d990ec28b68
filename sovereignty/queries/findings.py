"""The findings of a check about tenants: which, how many, and the facts that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from sovereignty.models import Access, Check, Fact, Finding, Tenant, Touch


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one tenant, rule and verdict: how many, and their sum in the rule's unit."""

    tenant: int
    rule: str
    verdict: str
    findings: int
    amount: int


def finding_groups(findings: QuerySet[Finding]) -> list[FindingGroup]:
    """The findings counted by tenant, rule and verdict."""
    counted = (
        findings.order_by()
        .values_list("tenant_id", "rule", "verdict")
        .annotate(Count("pk"), Sum("amount"))
    )
    return [FindingGroup(*row) for row in counted.order_by("tenant__key", "rule", "verdict")]


def findings_of(check: Check, tenants: Sequence[Tenant] | QuerySet[Tenant]) -> QuerySet[Finding]:
    """The check's findings about these tenants: non-compliant, then unverifiable, then waived; then
    in the report's order.

    The three words happen to stand in this order in the alphabet, so an index can give it.
    """
    return Finding.objects.filter(check_of=check, tenant__in=tenants).order_by("verdict", "pk")


def facts_of(finding: Finding) -> list[Fact]:
    """The facts of the touch or access that the finding is about, in its tenant's trail: its start,
    its end, its corrections."""
    if "access" in finding.block:
        accesses = Access.objects.filter(tenant=finding.tenant, access_id=finding.block["access"])
        keys = set(accesses.values_list("fact_id", flat=True))
    elif finding.touch_id:
        # A touch's key is the fact that brought this version of it about: its end, or a correction.
        touches = Touch.objects.filter(tenant=finding.tenant, touch_id=finding.touch_id)
        keys = {key for row in touches.values_list("key", "fact_id") for key in row}
    else:
        return []
    return list(Fact.objects.filter(key__in=keys).order_by("index"))
