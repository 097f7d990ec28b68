"""The findings of a check: their order, and their number in groups."""

import pytest

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.queries.findings import finding_groups, findings_of
from tests.sovereignty.small_site import (
    PERIOD,
    home_policy,
    site,
    take,
    tenant,
    touch,
)

pytestmark = pytest.mark.usefixtures("ledger")


def test_findings_come_non_compliant_first_and_are_counted_in_groups() -> None:
    take(*site(), touch("1", ["sg-1/0-1"]), touch("2", ["unknown/0"], start=3, end=4))
    found = check(ask(home_policy(), period=PERIOD), actor="olga")
    findings = findings_of(found, [tenant()])
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
