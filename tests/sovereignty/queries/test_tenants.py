"""Who sees a tenant, and what it is called."""

import pytest

from sovereignty.queries.tenants import tenant_names, visible_tenants
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def test_tenants_are_seen_by_who_reads_their_trails() -> None:
    b.accept_all(*site.facts())
    assert [found.key for found in visible_tenants(cast.olga())] == [b.NEIGHBOUR, b.HOSPITAL]
    assert [found.key for found in visible_tenants(cast.reader("ada", site.tenant().trail))] == [
        b.HOSPITAL
    ]
    assert list(visible_tenants(cast.reader("enzo"))) == []


def test_a_tenant_is_called_as_the_best_evidence_says_last() -> None:
    b.accept_all(
        *site.facts(),
        b.stated("tenant.declared", id="t-9", tenant=b.HOSPITAL, name="St Mary Hospital"),
    )
    assert tenant_names([site.tenant(), site.tenant(b.NEIGHBOUR)]) == {
        site.tenant().pk: "St Mary Hospital",
        site.tenant(b.NEIGHBOUR).pk: b.NEIGHBOUR,
    }


def test_of_two_names_of_one_time_the_one_that_was_said_last_holds() -> None:
    def named(id: str, name: str) -> b.Event:
        return b.tenant(id=id, name=name)

    first, second = named("a", "St Mary"), named("b", "Saint Mary")
    b.accept_all(*site.facts(), first, second)
    b.accept_all(*(b.correction(fact, replacement=fact) for fact in (second, first)))
    assert tenant_names([site.tenant()]) == {site.tenant().pk: "St Mary"}
