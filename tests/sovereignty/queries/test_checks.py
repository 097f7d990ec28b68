"""Reads of the domain: who sees a tenant, what a check found of it, in which order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Tenant
from sovereignty.queries import checks
from sovereignty.queries.checks import Split
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def tenant(key: str = b.HOSPITAL) -> Tenant:
    return Tenant.objects.select_related("trail").get(key=key)


def test_tenants_are_seen_by_who_reads_their_trails() -> None:
    b.accept_all(*site.facts())
    assert [found.key for found in checks.visible_tenants(cast.olga())] == [b.NEIGHBOUR, b.HOSPITAL]
    assert [found.key for found in checks.visible_tenants(cast.reader("ada", tenant().trail))] == [
        b.HOSPITAL
    ]
    assert list(checks.visible_tenants(cast.reader("enzo"))) == []


def test_a_tenant_is_called_as_the_best_evidence_says_last() -> None:
    b.accept_all(
        *site.facts(),
        b.stated("tenant.declared", id="t-9", tenant=b.HOSPITAL, name="St Mary Hospital"),
    )
    assert checks.tenant_names([tenant(), tenant(b.NEIGHBOUR)]) == {
        tenant().pk: "St Mary Hospital",
        tenant(b.NEIGHBOUR).pk: b.NEIGHBOUR,
    }


def test_of_two_names_of_one_time_the_one_that_was_said_last_holds() -> None:
    def named(id: str, name: str) -> b.Event:
        return b.tenant(id=id, name=name)

    first, second = named("a", "St Mary"), named("b", "Saint Mary")
    b.accept_all(*site.facts(), first, second)
    b.accept_all(*(b.correction(fact, replacement=fact) for fact in (second, first)))
    assert checks.tenant_names([tenant()]) == {tenant().pk: "St Mary"}


def test_the_current_check_is_the_newest_of_all_tenants() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    policy = site.home_policy()
    assert checks.current_check(policy) is None
    first = check(ask(policy, period=site.PERIOD), actor="olga")
    check(ask(policy, tenants=[b.HOSPITAL], period=site.PERIOD), actor="olga")
    assert checks.current_check(policy) == first
    b.accept_all(b.touch("2", start=b.hour(4), end=b.hour(5)))
    second = check(ask(policy, period=site.PERIOD), actor="olga")
    assert checks.current_check(policy) == second


def test_a_reader_may_look_at_checks_that_judged_its_tenant() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", ["hz-1/6"], tenant=b.NEIGHBOUR))
    policy = site.home_policy()
    whole = check(ask(policy, period=site.PERIOD), actor="olga")
    ours = check(ask(policy, tenants=[b.HOSPITAL], period=site.PERIOD), actor="olga")
    ada, ruth = cast.reader("ada", tenant().trail), cast.reader("ruth", tenant(b.NEIGHBOUR).trail)
    assert checks.checks_seen(ada) == [ours, whole]
    assert checks.checks_seen(ruth) == [whole]


def test_newest_checks_are_found_by_index_without_sorting_them_all() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("of a table this small PostgreSQL rightly reads every row, whatever the index")
    b.accept_all(*site.facts(), b.touch("1"))
    ada = cast.reader("ada", tenant().trail)
    with CaptureQueriesContext(connection) as asked:
        checks.checks_seen(ada)
        checks.current_check(site.home_policy())
    seen, current = (one["sql"] for one in asked if 'FROM "sovereignty_check"' in one["sql"])
    assert "INDEX check_newest" in plan(seen)
    assert "INDEX check_newest_of_scope (policy_id=? AND scope_digest=?)" in plan(current)


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(row[3] for row in cursor.fetchall())


def test_splits_keep_all_five_verdicts_apart_worst_first() -> None:
    split = Split()
    split.add("compliant", 5)
    split.add("unverifiable", 2)
    split.add("unverifiable", 1)
    words = ["non_compliant", "unverifiable", "waived", "compliant", "not_applicable"]
    assert split.columns == list(zip(words, [0, 3, 0, 5, 0], strict=True))
    assert (split.total, split.verdict, split.badness) == (8, "unverifiable", (0, 3))
    assert Split().verdict == "not_applicable"


def test_the_one_line_of_a_tenant_flatters_in_no_column() -> None:
    rules = [
        Split(amounts={"compliant": 10}),
        Split(amounts={"compliant": 4, "non_compliant": 6}),
        Split(amounts={"compliant": 3, "unverifiable": 7}),
        Split("accesses", {"non_compliant": 99}),
    ]
    assert checks.least_flattering(rules).columns == [
        ("non_compliant", 6), ("unverifiable", 7), ("waived", 0), ("compliant", 3), ("not_applicable", 0),
    ]  # fmt: skip
    assert checks.least_flattering([]).total == 0


def test_totals_add_up_by_rule_over_the_tenants_given() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", ["sg-1/0"], tenant=b.NEIGHBOUR))
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    both = checks.by_rule(checks.splits(found, [tenant(), tenant(b.NEIGHBOUR)]))
    ours = checks.by_rule(checks.splits(found, [tenant()]))
    assert both["PL-01"].amounts == {"compliant": 4 * 3600, "non_compliant": 3600}
    assert ours["PL-01"].amounts == {"compliant": 4 * 3600}
    assert list(both) == ["PL-01", "PL-02", "PL-03", "TE-01"]


def test_findings_come_non_compliant_first_and_are_counted_in_groups() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["sg-1/0-1"]),
        b.touch("2", ["unknown/0"], start=b.hour(3), end=b.hour(4)),
    )
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    findings = checks.findings_of(found, [tenant()])
    verdicts = [finding.verdict for finding in findings]
    assert verdicts == sorted(verdicts)
    assert set(verdicts) == {"non_compliant", "unverifiable"}
    groups = checks.finding_groups(findings)
    assert sum(group.findings for group in groups) == len(verdicts)
    assert (groups[0].rule, groups[0].verdict, groups[0].findings, groups[0].amount) == (
        "PL-01",
        "non_compliant",
        1,
        7200,
    )
