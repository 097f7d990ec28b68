"""The findings of a check: their order, and their number in groups."""

import pytest

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.queries.findings import finding_groups, findings_of
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def test_findings_come_non_compliant_first_and_are_counted_in_groups() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["sg-1/0-1"]),
        b.touch("2", ["unknown/0"], start=b.hour(3), end=b.hour(4)),
    )
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    findings = findings_of(found, [site.tenant()])
    verdicts = [finding.verdict for finding in findings]
    assert verdicts == sorted(verdicts)
    assert set(verdicts) == {"non_compliant", "unverifiable"}
    groups = finding_groups(findings)
    assert sum(group.findings for group in groups) == len(verdicts)
    assert (groups[0].rule, groups[0].verdict, groups[0].findings, groups[0].amount) == (
        "PL-01",
        "non_compliant",
        1,
        7200,
    )
