"""One tenant: what each rule found, and its workloads with their passports."""

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from audit.web.keyset import text_in
from sovereignty.models import Check, Finding, Slice, Tenant, Workload, is_current
from sovereignty.queries.freshness import CheckFreshness
from sovereignty.queries.splits import VERDICTS, splits_of
from sovereignty.queries.tenants import tenant_names, visible_tenants
from sovereignty.web.chosen import chosen_check

WORKLOADS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """One workload. `later`: how many of its touches were recorded after the check; `findings`:
    those that name it, by verdict."""

    key: str
    touches: int
    last_at: int | None
    later: int
    findings: dict[str, int]


def tenant(request: HttpRequest, trail: int) -> HttpResponse:
    """The tenant whose trail this is; `after` in the URL is the workload's name below which the
    list goes on."""
    shown = tenant_or_404(request, trail)
    _, check = chosen_check(request)
    part = Slice.objects.filter(check_of=check, tenant=shown).first() if check else None
    splits = splits_of(check, [shown]) if check else {}
    after = text_in(request, "after")
    workloads = _workloads(shown, check, after)
    context = {
        "tenant": shown,
        "name": tenant_names([shown])[shown.pk],
        "freshness": CheckFreshness.of(check) if check else None,
        "slice": part,
        "splits": [(rule, split) for (_, rule), split in splits.items()],
        "summaries": list(_summaries(shown, check)),
        "workloads": workloads[:WORKLOADS_A_PAGE],
        "workloads_total": Workload.objects.filter(tenant=shown).count(),
        "next": workloads[WORKLOADS_A_PAGE - 1].key if len(workloads) > WORKLOADS_A_PAGE else None,
        "after": after,
        "verdicts": VERDICTS,
    }
    return render(request, "sovereignty/tenant.html", context)


def tenant_or_404(request: HttpRequest, trail: int) -> Tenant:
    """The tenant of that trail. Raises Http404, also where the reader may not see it, with the same
    words."""
    if trail >= 2**31:
        raise Http404
    visible = (
        visible_tenants(request.user)
        .select_related("trail")
        .defer("trail__secret", "trail__compact")
    )
    return get_object_or_404(visible, trail_id=trail)


def _summaries(tenant: Tenant, check: Check | None) -> QuerySet[Finding]:
    """The check's findings that stand for many and so name no workload."""
    return Finding.objects.filter(
        check_of=check, tenant=tenant, workload="", block__summary=True
    ).order_by("verdict", "pk")


def _workloads(tenant: Tenant, check: Check | None, after: str) -> list[WorkloadRow]:
    """One page of workloads by name, and one more where there are more."""
    live = is_current("touch__")
    later = live & Q(touch__made_by__position__gt=check.position if check else 0)
    page = (
        Workload.objects.filter(tenant=tenant, key__gt=after)
        .annotate(
            touches=Count("touch", filter=live),
            later=Count("touch", filter=later),
            last_at=Max("touch__started_at", filter=live),
        )
        .order_by("key")[: WORKLOADS_A_PAGE + 1]
    )
    listed = list(page)
    counts: dict[str, dict[str, int]] = {}
    findings = Finding.objects.filter(
        check_of=check, tenant=tenant, workload__in=[workload.key for workload in listed]
    )
    counted = findings.order_by().values_list("workload", "verdict").annotate(Count("pk"))
    for key, verdict, count in counted:
        counts.setdefault(key, {})[verdict] = count
    return [
        WorkloadRow(
            workload.key,
            workload.touches,
            workload.last_at,
            workload.later,
            counts.get(workload.key, {}),
        )
        for workload in listed
    ]
