"""The overview: card-hours by verdict, for each rule and each tenant that the reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit import queries as ledger
from audit.web.seals import is_overdue
from sovereignty.models import Batch, Slice, Tenant
from sovereignty.queries.checks import current_check
from sovereignty.queries.findings import FindingGroup, finding_groups, findings_of
from sovereignty.queries.freshness import CheckFreshness
from sovereignty.queries.splits import VERDICTS, Split, least_flattering, splits_of, sum_by_rule
from sovereignty.queries.tenants import tenant_names, visible_tenants
from sovereignty.web.chosen import chosen_policy


@dataclass(frozen=True, slots=True)
class TenantRow:
    """One tenant as the check found it; `split` flatters in no column
    (`queries.splits.least_flattering`)."""

    tenant: Tenant
    name: str
    slice: Slice | None
    split: Split
    findings: dict[str, int]

    @property
    def rank(self) -> tuple[object, ...]:
        """Worst first: by verdict, then by card-time in the bad ones; those not judged yet last."""
        if self.slice is None:
            return (9,)
        return (
            VERDICTS.index(self.slice.verdict),
            *(-amount for amount in self.split.badness),
            self.tenant.key,
        )

    @property
    def open_findings(self) -> int:
        return sum(self.findings.values())


def overview(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    policies, policy = chosen_policy(request)
    check = current_check(policy) if policy else None
    tenants = list(
        visible_tenants(request.user)
        .select_related("trail")
        .defer("trail__secret", "trail__compact")
    )
    splits = splits_of(check, tenants) if check else {}
    groups = finding_groups(findings_of(check, tenants)) if check else []
    last = ledger.last_seal()
    context = {
        "policies": policies,
        "policy": policy,
        "freshness": CheckFreshness.of(check) if check else None,
        "tenants": tenants,
        "rows": _rows(check.pk, tenants, splits, groups) if check else [],
        "by_rule": sum_by_rule(splits),
        "findings": {
            verdict: sum(group.findings for group in groups if group.verdict == verdict)
            for verdict in VERDICTS
        },
        "findings_by_rule": _counted((group.rule, group.findings) for group in groups),
        "seal": last,
        "seal_overdue": is_overdue(last),
        "recorded": Batch.objects.exists(),
        "verdicts": VERDICTS,
    }
    return render(request, "sovereignty/overview.html", context)


def _rows(
    check: int,
    tenants: list[Tenant],
    splits: dict[tuple[int, str], Split],
    groups: list[FindingGroup],
) -> list[TenantRow]:
    names = tenant_names(tenants)
    slices = {
        part.tenant_id: part for part in Slice.objects.filter(check_of=check, tenant__in=tenants)
    }
    rows = []
    for tenant in tenants:
        split = least_flattering(
            split for (owner, _), split in splits.items() if owner == tenant.pk
        )
        findings = _counted(
            (group.verdict, group.findings) for group in groups if group.tenant == tenant.pk
        )
        rows.append(TenantRow(tenant, names[tenant.pk], slices.get(tenant.pk), split, findings))
    return sorted(rows, key=lambda row: row.rank)


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for name, count in pairs:
        counted[name] = counted.get(name, 0) + count
    return counted
