"""A site that was recorded and judged: the hospital ran at home, abroad, and beside a neighbour;
somebody reached in from abroad."""

from dataclasses import dataclass

import pytest

from audit.seal import seal
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check, Tenant
from tests.sovereignty.small_site import (
    HOSPITAL,
    NEIGHBOUR,
    PERIOD,
    access,
    home_policy,
    site,
    stated,
    take,
    touch,
)


@dataclass(frozen=True, slots=True)
class Judged:
    check: Check
    hospital: Tenant
    neighbour: Tenant


@pytest.fixture
def judged(ledger: None) -> Judged:
    take(
        *site(),
        stated(
            "tenant.declared", "t-3", tenant=HOSPITAL, name="St Mary Hospital", sector="hospital"
        ),
        stated(
            "workload.declared", "w-1", tenant=HOSPITAL, workload="triage-7b", data_class="patient"
        ),
        touch("at-home", ["hz-1/0-3"], start=1, end=2),
        touch("abroad", ["sg-1/0-1"], start=2, end=3),
        touch("beside", ["hz-1/4-5"], start=3, end=4),
        touch("neighbours-own", ["hz-1/4"], tenant=NEIGHBOUR, start=3, end=4),
        access("from-abroad", "SG"),
        access("from-home", "CN"),
    )
    found = check(ask(home_policy(), period=PERIOD), actor="olga")
    seal(actor="olga")
    tenants = {tenant.key: tenant for tenant in Tenant.objects.select_related("trail")}
    return Judged(found, tenants[HOSPITAL], tenants[NEIGHBOUR])
