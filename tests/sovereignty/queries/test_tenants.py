"""Who sees a tenant, and what it is called."""

import pytest

from sovereignty.queries.tenants import tenant_names, visible_tenants
from tests import cast
from tests.sovereignty.small_site import (
    HOSPITAL,
    NEIGHBOUR,
    site,
    stated,
    take,
    tenant,
)

pytestmark = pytest.mark.usefixtures("ledger")


def test_tenants_are_seen_by_who_reads_their_trails() -> None:
    take(*site())
    assert [found.key for found in visible_tenants(cast.olga())] == [NEIGHBOUR, HOSPITAL]
    assert [found.key for found in visible_tenants(cast.reader("ada", tenant().trail))] == [
        HOSPITAL
    ]
    assert list(visible_tenants(cast.reader("enzo"))) == []


def test_a_tenant_is_called_as_the_best_evidence_says_last() -> None:
    take(*site(), stated("tenant.declared", "t-9", tenant=HOSPITAL, name="St Mary Hospital"))
    assert tenant_names([tenant(), tenant(NEIGHBOUR)]) == {
        tenant().pk: "St Mary Hospital",
        tenant(NEIGHBOUR).pk: NEIGHBOUR,
    }
