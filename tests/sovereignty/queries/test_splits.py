"""How much is in each verdict: five columns, sums by rule, and one line that does not flatter."""

import pytest

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.queries.splits import Split, least_flattering, splits_of, sum_by_rule
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


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
    assert least_flattering(rules).columns == [
        ("non_compliant", 6),
        ("unverifiable", 7),
        ("waived", 0),
        ("compliant", 3),
        ("not_applicable", 0),
    ]
    assert least_flattering([]).total == 0


def test_totals_add_up_by_rule_over_the_tenants_given() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", ["sg-1/0"], tenant=b.NEIGHBOUR))
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    both = sum_by_rule(splits_of(found, [site.tenant(), site.tenant(b.NEIGHBOUR)]))
    ours = sum_by_rule(splits_of(found, [site.tenant()]))
    assert both["PL-01"].amounts == {"compliant": 4 * 3600, "non_compliant": 3600}
    assert ours["PL-01"].amounts == {"compliant": 4 * 3600}
    assert list(both) == ["PL-01", "PL-02", "PL-03", "TE-01"]
