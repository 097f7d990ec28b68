"""Which checks a reader sees, and which is the current one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.queries.checks import checks_seen, current_check
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def test_the_current_check_is_the_newest_of_all_tenants() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    policy = site.home_policy()
    assert current_check(policy) is None
    first = check(ask(policy, period=site.PERIOD), actor="olga")
    check(ask(policy, tenants=[b.HOSPITAL], period=site.PERIOD), actor="olga")
    assert current_check(policy) == first
    b.accept_all(b.touch("2", start=b.hour(4), end=b.hour(5)))
    second = check(ask(policy, period=site.PERIOD), actor="olga")
    assert current_check(policy) == second


def test_a_reader_may_look_at_checks_that_judged_its_tenant() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", ["hz-1/6"], tenant=b.NEIGHBOUR))
    policy = site.home_policy()
    whole = check(ask(policy, period=site.PERIOD), actor="olga")
    ours = check(ask(policy, tenants=[b.HOSPITAL], period=site.PERIOD), actor="olga")
    ada, ruth = (
        cast.reader("ada", site.tenant().trail),
        cast.reader("ruth", site.tenant(b.NEIGHBOUR).trail),
    )
    assert checks_seen(ada) == [ours, whole]
    assert checks_seen(ruth) == [whole]


def test_newest_checks_are_found_by_index_without_sorting_them_all() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("of a table this small PostgreSQL rightly reads every row, whatever the index")
    b.accept_all(*site.facts(), b.touch("1"))
    ada = cast.reader("ada", site.tenant().trail)
    with CaptureQueriesContext(connection) as asked:
        checks_seen(ada)
        current_check(site.home_policy())
    seen, current = (one["sql"] for one in asked if 'FROM "sovereignty_check"' in one["sql"])
    assert "INDEX check_newest" in plan(seen)
    assert "INDEX check_newest_of_scope (policy_id=? AND scope_digest=?)" in plan(current)


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(row[3] for row in cursor.fetchall())
