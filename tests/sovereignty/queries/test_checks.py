"""Which checks a reader sees, and which is the current one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.queries.checks import checks_seen, current_check
from tests import cast
from tests.sovereignty.small_site import (
    HOSPITAL,
    NEIGHBOUR,
    PERIOD,
    home_policy,
    site,
    take,
    tenant,
    touch,
)

pytestmark = pytest.mark.usefixtures("ledger")


def test_the_current_check_is_the_newest_of_all_tenants() -> None:
    take(*site(), touch("1"))
    policy = home_policy()
    assert current_check(policy) is None
    first = check(ask(policy, period=PERIOD), actor="olga")
    check(ask(policy, tenants=[HOSPITAL], period=PERIOD), actor="olga")
    assert current_check(policy) == first
    take(touch("2", start=4, end=5))
    second = check(ask(policy, period=PERIOD), actor="olga")
    assert current_check(policy) == second


def test_a_reader_may_look_at_checks_that_judged_its_tenant() -> None:
    take(*site(), touch("1"), touch("2", ["hz-1/6"], tenant=NEIGHBOUR))
    policy = home_policy()
    whole = check(ask(policy, period=PERIOD), actor="olga")
    ours = check(ask(policy, tenants=[HOSPITAL], period=PERIOD), actor="olga")
    ada, ruth = cast.reader("ada", tenant().trail), cast.reader("ruth", tenant(NEIGHBOUR).trail)
    assert checks_seen(ada) == [ours, whole]
    assert checks_seen(ruth) == [whole]


def test_newest_checks_are_found_by_index_without_sorting_them_all() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("of a table this small PostgreSQL rightly reads every row, whatever the index")
    take(*site(), touch("1"))
    ada = cast.reader("ada", tenant().trail)
    with CaptureQueriesContext(connection) as asked:
        checks_seen(ada)
        current_check(home_policy())
    seen, current = (one["sql"] for one in asked if 'FROM "sovereignty_check"' in one["sql"])
    assert "INDEX check_newest" in plan(seen)
    assert "INDEX check_newest_of_scope (policy_id=? AND scope_digest=?)" in plan(current)


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(row[3] for row in cursor.fetchall())
