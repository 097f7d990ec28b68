"""The page of a workload's passport."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from audit.web.keyset import storable
from sovereignty.models import Workload
from sovereignty.queries.freshness import CheckFreshness
from sovereignty.queries.passport import Passport, passport_of
from sovereignty.queries.splits import VERDICTS
from sovereignty.queries.tenants import tenant_names
from sovereignty.queries.touch_pages import Before
from sovereignty.web.chosen import chosen_check
from sovereignty.web.lanes import Drawing, draw
from sovereignty.web.tenants import tenant_or_404


def workload(request: HttpRequest, trail: int, key: str) -> HttpResponse:
    """The passport of workload `key` of the tenant whose trail this is."""
    tenant = tenant_or_404(request, trail)
    shown = get_object_or_404(Workload, tenant=tenant, key=storable(key))
    shown.tenant = tenant
    _, check = chosen_check(request)
    before = _before(request)
    passport = passport_of(shown, check, before)
    context = {
        "tenant": tenant,
        "name": tenant_names([tenant])[tenant.pk],
        "workload": shown,
        "passport": passport,
        "drawing": _drawing(passport),
        "freshness": CheckFreshness.of(check) if check else None,
        "check": check,
        "before": before,
        "verdicts": VERDICTS,
    }
    return render(request, "sovereignty/workload.html", context)


def _drawing(passport: Passport) -> Drawing | None:
    """The touches shown as lanes over their whole time; None without any."""
    stretches = passport.stretches
    if not stretches:
        return None
    return draw(
        stretches,
        min(stretch.start for stretch in stretches),
        max(stretch.end for stretch in stretches),
    )


def _before(request: HttpRequest) -> Before | None:
    """Where the URL's `before` says that the page of touches goes on; None without it. Raises
    Http404."""
    text = request.GET.get("before", "")
    try:
        return Before.parse(text) if text else None
    except ValueError:
        raise Http404 from None
