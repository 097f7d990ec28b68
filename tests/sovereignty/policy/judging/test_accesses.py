"""Access rules: which accesses count, by what of them, and the gaps in their reports."""

from dataclasses import replace
from typing import Any

import pytest

from sovereignty.plane.world import Access, Grade
from sovereignty.policy.document import Policy
from sovereignty.policy.judging.accesses import AccessTally, judge_accesses, summarise
from sovereignty.policy.judging.applicability import Applicability
from sovereignty.policy.judging.findings import MOST_BLOCKS
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.rule import AccessRule
from tests.sovereignty.policy.small_worlds import policy
from tests.sovereignty.policy.test_evaluate import world

START, END = 1_000, 5_000
AT_HOME = Access("a1", 0, 0, "li", 2_000, None, "CN", "CN", "CN", None, Grade.OBSERVED)


def judged(*accesses: Access, asked: Policy | None = None) -> dict[int, AccessTally]:
    asked = asked or policy(rules=("OP-01",))
    (use,) = asked.rules
    assert isinstance(use.rule, AccessRule)
    fleet = world([], [], accesses=list(accesses))
    applicability = Applicability(fleet, asked, START, END)
    return judge_accesses(fleet, use, use.rule, asked.least_grade, applicability, START, END)


def test_an_access_is_counted_once_by_its_verdict() -> None:
    abroad = replace(AT_HOME, id="a2", office_country="SG")
    tally = judged(AT_HOME, abroad)[0]
    assert tally.totals == {Verdict.COMPLIANT: 1, Verdict.NON_COMPLIANT: 1}
    assert tally.blocks == [
        {
            "rule": "OP-01",
            "verdict": "non_compliant",
            "reason": "operator_foreign",
            "access": "a2",
            "person": "li",
            "workload": "triage",
            "at": 2_000,
            "to": None,
            "detail": {"country": "SG", "field": "office_country"},
        }
    ]


def test_an_access_to_the_tenant_as_a_whole_names_no_workload() -> None:
    tally = judged(replace(AT_HOME, workload=None, office_country=None))[0]
    assert (tally.blocks[0]["workload"], tally.blocks[0]["verdict"]) == (None, "unverifiable")


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (999, None, False),
        (1_000, None, True),
        (4_999, None, True),
        (5_000, None, False),
        (0, 1_000, False),  # ended as the period begins
        (0, 1_001, True),
        (0, 9_000, True),
        (1_000, 1_000, True),  # ended when it started: the instant that it is at
        (999, 999, False),
    ],
)
def test_an_access_counts_where_it_meets_the_period(start: int, end: Any, counts: bool) -> None:
    assert bool(judged(replace(AT_HOME, start=start, end=end))) is counts


def test_evidence_below_the_least_grade_proves_nothing() -> None:
    tally = judged(replace(AT_HOME, grade=Grade.PLANNED))[0]
    assert [block["reason"] for block in tally.blocks] == ["evidence_below_grade"]
    assert tally.totals == {Verdict.UNVERIFIABLE: 1}


def test_where_the_policy_does_not_apply_an_access_is_no_finding() -> None:
    abroad = replace(AT_HOME, office_country="SG")
    tally = judged(abroad, asked=policy(rules=("OP-01",), sectors=["ministry"]))[0]
    assert (tally.totals, tally.blocks) == ({Verdict.NOT_APPLICABLE: 1}, [])


def test_too_many_findings_of_one_reason_are_one_summary() -> None:
    many = [replace(AT_HOME, id=f"a{n}", office_country="SG") for n in range(MOST_BLOCKS + 1)]
    unknown = replace(AT_HOME, id="u", office_country=None)
    blocks = summarise(judged(*many, unknown)[0].blocks)
    (summary,) = [block for block in blocks if "summary" in block]
    assert (summary["blocks"], summary["accesses"]) == (MOST_BLOCKS + 1, MOST_BLOCKS + 1)
    assert (summary["from"], summary["to"]) == (2_000, 2_001)
    assert [block["access"] for block in blocks if "summary" not in block] == ["u"]


def test_as_many_as_are_listed_stay_single() -> None:
    many = [replace(AT_HOME, id=f"a{n}", office_country="SG") for n in range(MOST_BLOCKS)]
    assert len(summarise(judged(*many)[0].blocks)) == MOST_BLOCKS
