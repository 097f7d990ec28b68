"""What is shown of touches and accesses: a verdict only where the check judged them one by one."""

from typing import Any

import pytest

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Access, Check, Finding, Tenant, Touch
from sovereignty.policy.judging import accesses, findings
from sovereignty.queries.judgements import Judgement, Judgements
from sovereignty.queries.passport import Passport, passport_of
from sovereignty.queries.splits import Split
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site
from tests.sovereignty.web.test_workloads import URL, text


@pytest.fixture
def summarised(ledger: None, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Two touches abroad and two accesses from abroad, each pair in one finding; and at other times
    one touch and one access at home."""
    for module in (findings, accesses):
        monkeypatch.setattr(module, "MOST_BLOCKS", 1)
    b.accept_all(
        *site.facts(),
        b.touch("abroad-1", ["sg-1/0-1"], start=b.hour(2), end=b.hour(3)),
        b.touch("abroad-2", ["sg-1/0-1"], start=b.hour(4), end=b.hour(5)),
        b.touch("between", ["hz-1/0"], start=b.hour(3), end=b.hour(4)),
        b.touch("apart", ["hz-1/0"], start=b.hour(7), end=b.hour(8)),
        b.access("from-abroad-1", office_country="SG"),
        b.access("from-abroad-2", office_country="SG"),
        _access_at("from-home", 6),
    )
    return check(ask(site.home_policy(), period=site.PERIOD), actor="olga")


def _access_at(id: str, hour: int, **changes: Any) -> b.Event:
    return b.event(
        "access.recorded",
        id=id,
        source="bastion",
        tenant=b.HOSPITAL,
        access=id,
        workload="triage-7b",
        person="li",
        started_at=b.START + hour * b.HOUR,
        office_country="CN",
        physical_country="CN",
        employer_jurisdiction="CN",
        evidence="observed",
        **changes,
    )


def _passport(found: Check | None) -> Passport:
    workload = (
        Touch.objects.filter(tenant__key=b.HOSPITAL)
        .select_related("workload__tenant")
        .latest("key")
        .workload
    )
    return passport_of(workload, found)


def _touches(passport: Passport) -> dict[str, str]:
    return {row.id: row.judgement.word for row in passport.touches}


def _accesses(passport: Passport) -> dict[str, str]:
    return {row.id: row.judgement.word for row in passport.accesses}


def test_what_a_summary_may_be_about_is_not_compliant(summarised: Check) -> None:
    shown = _passport(summarised)
    assert _touches(shown) == {
        "abroad-1": "bounded",
        "abroad-2": "bounded",
        "between": "bounded",
        "apart": "compliant",
    }
    assert _accesses(shown) == {
        "from-abroad-1": "bounded",
        "from-abroad-2": "bounded",
        "from-home": "compliant",
    }
    verdicts = {stretch.touch: stretch.verdict for stretch in shown.stretches}
    assert sorted(verdicts.values()) == [
        "bounded",
        "bounded",
        "bounded",
        "compliant",
    ]


def test_a_bound_is_said_in_words_with_a_link_to_the_finding(summarised: Check) -> None:
    page = text(cast.signed_in(cast.olga()).get(URL))
    one = Finding.objects.get(rule="PL-01")
    assert "Not shown: it may be part of a finding that stands for many" in page
    link = f'href="/findings/{one.pk}/">At worst Non-compliant: PL-01 Region outside the allowed'
    assert link in page
    assert 'class="lane-bar bounded"' in page


def test_a_finding_of_its_own_is_said_with_what_may_be_worse(summarised: Check) -> None:
    one = Finding.objects.get(rule="PL-01")
    own = Finding(
        pk=99, touch_id="between", verdict="unverifiable", block={}, from_at=0, to_at=None
    )
    between = Touch.objects.get(touch_id="between")
    said = Judgements(summarised, [own, one], {}).of_touch(between, between.ended_at or 0)
    assert said == Judgement("unverifiable", None, [one], False)


def test_what_came_after_the_check_is_not_judged_yet(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("known"), b.access("known"))
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    b.accept_all(
        b.touch("newer", ["sg-1/0"], start=b.hour(3), end=b.hour(4)),
        b.access("newer", office_country="SG"),
    )
    shown = _passport(found)
    assert _touches(shown) == {"known": "compliant", "newer": "later"}
    assert _accesses(shown) == {"known": "compliant", "newer": "later"}
    page = text(cast.signed_in(cast.olga()).get(URL))
    assert page.count("Not judged yet: recorded after the check") == 2
    assert "2 touches and accesses of this workload were recorded after the check" in page
    assert "This page cannot say whether another tenant used these cards at the same time." in page


def test_a_touch_that_was_corrected_since_keeps_what_was_found(ledger: None) -> None:
    begun = b.event(
        "touch.started",
        id="open",
        source="slurm",
        tenant=b.HOSPITAL,
        touch="open",
        workload="triage-7b",
        evidence="observed",
        parts=[{"cards": ["sg-1/0"]}],
        started_at=b.START + b.HOUR,
    )
    b.accept_all(*site.facts(), begun)
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    b.accept_all(
        b.event(
            "touch.ended",
            id="over",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="open",
            ended_at=b.START + 2 * b.HOUR,
            evidence="observed",
        )
    )
    (row,) = _passport(found).touches
    assert (row.judgement.word, row.judgement.later) == ("non_compliant", True)
    assert "this version is not judged yet" in text(cast.signed_in(cast.olga()).get(URL))


def test_a_workload_that_came_after_the_check_has_no_verdict_by_any_rule(ledger: None) -> None:
    b.accept_all(
        *site.facts(),
        b.touch("other", tenant=b.NEIGHBOUR),
        b.event(
            "touch.recorded",
            id="elsewhere",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="elsewhere",
            workload="other",
            evidence="observed",
            parts=[{"cards": ["hz-1/7"]}],
            started_at=b.START,
            ended_at=b.START + b.HOUR,
        ),
    )
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    b.accept_all(b.touch("newer", start=b.hour(3), end=b.hour(4)))
    assert {row.judgement.word for row in _passport(found).rules} == {"unjudged"}


def test_what_lies_partly_outside_the_period_is_judged_in_part(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("long", start=b.hour(4), end=b.hour(6)))
    found = check(ask(site.home_policy(), period=(b.START, b.START + 5 * b.HOUR)), actor="olga")
    shown = _passport(found)
    assert _touches(shown) == {"long": "partly"}
    assert sorted(stretch.verdict for stretch in shown.stretches) == ["compliant", "unjudged"]


def test_nothing_is_compliant_without_a_check(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.access("1"))
    shown = _passport(None)
    assert (_touches(shown), _accesses(shown)) == ({"1": "unjudged"}, {"1": "unjudged"})


def test_where_the_policy_applied_at_times_only_no_finding_is_no_verdict(
    summarised: Check,
) -> None:
    tenant = Tenant.objects.get(key=b.HOSPITAL)
    summarised.totals.create(
        tenant=tenant, rule="PL-02", unit="card_seconds", verdict="not_applicable", amount=1
    )
    assert _touches(_passport(summarised))["apart"] == "unbroken"
    assert Access.objects.count() == 3


def test_a_policy_without_access_rules_says_nothing_of_accesses(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.access("1"))
    found = check(
        ask(site.home_policy(rules=[{"id": "TE-01", "parameters": {}}]), period=site.PERIOD),
        actor="olga",
    )
    shown = _passport(found)
    assert (_touches(shown), _accesses(shown)) == ({"1": "compliant"}, {"1": "unjudged"})


@pytest.mark.parametrize(
    ("amounts", "word"),
    [
        ({}, "unjudged"),
        ({"not_applicable": 1}, "not_applicable"),
        ({"compliant": 1}, "compliant"),
        ({"compliant": 1, "unverifiable": 1}, "compliant"),
        ({"unverifiable": 1}, "unbroken"),
        ({"compliant": 1, "not_applicable": 1}, "unbroken"),
        ({"compliant": 1, "not_applicable": 0}, "unbroken"),  # less than a second
    ],
)
def test_no_finding_is_compliant_only_where_the_rule_found_compliance_and_always_applied(
    amounts: dict[str, int], word: str
) -> None:
    assert Judgements(None, [], {"PL-01": Split("card_seconds", amounts)}).at_best("PL-01") == word


def test_the_tenant_says_that_summaries_are_not_listed_by_workload(summarised: Check) -> None:
    page = text(cast.signed_in(cast.olga()).get("/tenants/2/"))
    assert "2 findings of this tenant each stand for many and name no workload." in page
    for one in Finding.objects.filter(tenant__key=b.HOSPITAL, workload=""):
        assert f'href="/findings/{one.pk}/"' in page
    assert "none by name" in page


def test_the_tenant_says_which_workloads_are_not_judged_yet(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("known"))
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    olga = cast.signed_in(cast.olga())
    assert '<span class="soft"> none </span>' in text(olga.get("/tenants/2/"))
    b.accept_all(
        b.touch("newer", start=b.hour(3), end=b.hour(4)), b.touch("another", tenant=b.NEIGHBOUR)
    )
    assert "1 touch is not judged yet" in text(olga.get("/tenants/2/"))
    assert '<span class="soft"> not judged </span>' in text(olga.get("/tenants/3/"))
