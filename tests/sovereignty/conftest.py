"""A site that was recorded and judged: the hospital ran at home, abroad, and beside a neighbour;
somebody reached in from abroad."""

from dataclasses import dataclass

import pytest

from audit.seal import seal
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check, Tenant
from tests import builders as b
from tests.sovereignty import small_site as site


@dataclass(frozen=True, slots=True)
class Judged:
    check: Check
    hospital: Tenant
    neighbour: Tenant


@pytest.fixture
def judged(ledger: None) -> Judged:
    b.accept_all(
        *site.facts(),
        b.stated(
            "tenant.declared",
            id="t-3",
            tenant=b.HOSPITAL,
            name="St Mary Hospital",
            sector="hospital",
        ),
        b.stated(
            "workload.declared",
            id="w-1",
            tenant=b.HOSPITAL,
            workload="triage-7b",
            data_class="patient",
        ),
        b.touch("at-home", ["hz-1/0-3"], start=b.hour(1), end=b.hour(2)),
        b.touch("abroad", ["sg-1/0-1"], start=b.hour(2), end=b.hour(3)),
        b.touch("beside", ["hz-1/4-5"], start=b.hour(3), end=b.hour(4)),
        b.touch("neighbours-own", ["hz-1/4"], tenant=b.NEIGHBOUR, start=b.hour(3), end=b.hour(4)),
        b.access("from-abroad", office_country="SG"),
        b.access("from-home", office_country="CN"),
    )
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    seal(actor="olga")
    tenants = {tenant.key: tenant for tenant in Tenant.objects.select_related("trail")}
    return Judged(found, tenants[b.HOSPITAL], tenants[b.NEIGHBOUR])
