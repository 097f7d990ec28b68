"""The page of a workload's passport."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from audit.web.keyset import storable
from sovereignty import queries
from sovereignty.models import Workload
from sovereignty.web.passport import Passport
from sovereignty.web.standing import Standing, chosen_check
from sovereignty.web.tenants import tenant_or_404
from sovereignty.web.touch_pages import Before


def workload(request: HttpRequest, trail: int, key: str) -> HttpResponse:
    """The passport of workload `key` of the tenant whose trail this is."""
    tenant = tenant_or_404(request, trail)
    found = get_object_or_404(Workload, tenant=tenant, key=storable(key))
    found.tenant = tenant
    _, check = chosen_check(request)
    before = Before.of(request)
    context = {
        "tenant": tenant,
        "name": queries.tenant_names([tenant])[tenant.pk],
        "workload": found,
        "passport": Passport(found, check, before),
        "standing": Standing.of(check) if check else None,
        "check": check,
        "before": before,
        "verdicts": queries.VERDICTS,
    }
    return render(request, "sovereignty/workload.html", context)
