"""Touch rules over a period: each card-millisecond judged once by each rule, whoever shared it."""

import numpy as np
import pytest

from sovereignty.plane.coverage.sources import sources_of
from sovereignty.plane.runs import rows_in
from sovereignty.plane.world import KPart, World
from sovereignty.policy.document import Policy
from sovereignty.policy.judging import touches
from sovereignty.policy.judging.applicability import Applicability
from sovereignty.policy.judging.touches import TouchCheck
from sovereignty.policy.lattice import Verdict
from tests.sovereignty.policy.small_worlds import policy
from tests.sovereignty.policy.test_evaluate import END, world

TOUCH_RULES = ("PL-01", "PL-03", "TE-01")


def judged(
    fleet: World, asked: Policy | None = None, wanted: tuple[bool, ...] = (True, True)
) -> TouchCheck:
    asked = asked or policy(rules=TOUCH_RULES)
    sources = sources_of(fleet, asked.least_grade, END)
    applicability = Applicability(fleet, asked, 0, END)
    check = TouchCheck(fleet, asked, sources, applicability, 0, END)
    check.run(rows_in(fleet, 0, END), np.array(wanted), None)
    return check


def totals(check: TouchCheck, tenant: int, rule: str) -> dict[str, int]:
    (index,) = [index for index, known in enumerate(check.rules) if known.id == rule]
    amounts = zip(Verdict, check.tally.totals[tenant, index].tolist(), strict=True)
    return {verdict.word: amount for verdict, amount in amounts if amount}


def apart() -> World:
    """Two tenants on cards of their own, four cards each over ten seconds."""
    fleet: World = world(
        [("j1", 0, 0, 10_000), ("j2", 1, 0, 10_000)], [(0, 0, 3, 0, 10_000), (1, 4, 7, 0, 10_000)]
    )
    return fleet


def together() -> World:
    """The neighbour came for four seconds to two of the four cards."""
    fleet: World = world(
        [("j1", 0, 0, 10_000), ("j2", 1, 2_000, 6_000)],
        [(0, 0, 3, 0, 10_000), (1, 2, 3, 2_000, 6_000)],
    )
    return fleet


def test_only_touch_rules_are_judged() -> None:
    assert [rule.id for rule in judged(apart(), policy()).rules] == [
        "PL-01",
        "PL-02",
        "PL-03",
        "TE-01",
    ]


@pytest.mark.parametrize("rule", TOUCH_RULES)
def test_good_cards_that_nobody_shared_are_compliant(rule: str) -> None:
    check = judged(apart())
    assert [totals(check, tenant, rule) for tenant in (0, 1)] == [{"compliant": 40_000}] * 2


def test_shared_cards_are_non_compliant_for_both_and_only_by_the_rule_of_sharing() -> None:
    check = judged(together())
    assert totals(check, 0, "PL-03") == {"compliant": 32_000, "non_compliant": 8_000}
    assert totals(check, 1, "PL-03") == {"non_compliant": 8_000}
    assert totals(check, 0, "PL-01") == {"compliant": 40_000}
    assert check.tally.failures(1).rows.start.tolist() == [2_000, 2_000]


def test_the_failures_of_shared_cards_name_the_other_touch() -> None:
    failures = judged(together()).tally.failures(1)
    assert dict(zip(failures.rows.touch.tolist(), failures.other.tolist(), strict=True)) == {
        0: 1,
        1: 0,
    }


def test_a_neighbours_cards_of_unknown_nodes_leave_sharing_unverifiable() -> None:
    fleet = world(
        [("j1", 0, 0, 10_000), ("j2", 1, 2_000, 6_000)],
        [(0, 0, 3, 0, 10_000)],
        parts=[KPart(touch=1, k=1, nodes=None)],
    )
    check = judged(fleet)
    assert totals(check, 0, "PL-03") == {"compliant": 24_000, "unverifiable": 16_000}
    assert totals(check, 0, "PL-01") == {"compliant": 40_000}


def test_tenants_that_are_not_wanted_count_only_as_neighbours() -> None:
    check = judged(together(), wanted=(True, False))
    assert totals(check, 0, "PL-03")["non_compliant"] == 8_000
    assert all(totals(check, 1, rule) == {} for rule in TOUCH_RULES)


def test_where_the_policy_does_not_apply_nothing_fails() -> None:
    check = judged(together(), policy(rules=TOUCH_RULES, sectors=["ministry"]))
    assert totals(check, 0, "PL-03") == {"not_applicable": 40_000}
    assert 0 not in check.tally.failures(1).rows.touch.tolist()


def test_without_a_rule_of_sharing_no_row_is_swept() -> None:
    check = judged(together(), policy(rules=("PL-01",)))
    assert totals(check, 0, "PL-01") == {"compliant": 40_000}


def test_portions_add_up_and_progress_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touches, "ROWS_AT_ONCE", 1)
    fleet, asked = together(), policy(rules=TOUCH_RULES)
    applicability = Applicability(fleet, asked, 0, END)
    sources = sources_of(fleet, asked.least_grade, END)
    check = TouchCheck(fleet, asked, sources, applicability, 0, END)
    seen: list[tuple[int, int]] = []
    check.run(rows_in(fleet, 0, END), np.array([True, True]), lambda *pair: seen.append(pair))
    assert totals(check, 0, "PL-03") == {"compliant": 32_000, "non_compliant": 8_000}
    assert [done for done, _ in seen] == list(range(1, seen[-1][1] + 1))
