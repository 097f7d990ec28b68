"""Checks through the database: what is asked, what is answered, what is written, and that it
stays."""

import hashlib
from typing import Any

import pytest

from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Entry, Trail
from audit.tlog import canonical
from audit.tlog.entry import decode, entry_leaf
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.checking.slices import pseudonym
from sovereignty.models import Check, Fact, Finding, Policy, Tenant
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")
ACTOR = "olga"


def answered(policy: Policy | None = None, **question: Any) -> Check:
    return check(
        ask(policy or site.home_policy(), **({"period": site.PERIOD} | question)), actor=ACTOR
    )


def report(found: Check) -> Any:
    return canonical.decode(bytes(found.report))


def rules_of(found: Check, tenant: str = b.HOSPITAL) -> dict[str, dict[str, Any]]:
    part = next(part for part in report(found)["tenants"] if part["tenant"] == tenant)
    return {rule["rule"]: rule for rule in part["rules"]}


def slice_entry(tenant: str) -> Any:
    """The newest slice in the tenant's trail."""
    trail = Tenant.objects.get(key=tenant).trail
    newest = (
        Entry.objects.filter(trail_number=trail.number, kind="check.slice/v1")
        .order_by("-index")
        .first()
    )
    assert newest is not None
    return decode(bytes(newest.content))


def test_a_check_may_name_any_number_of_tenants_and_is_found_again() -> None:
    # 80 names of 128 digits, which no index could press into the 2,704 bytes that it holds.
    names = [hashlib.sha512(str(number).encode()).hexdigest() for number in range(80)]
    b.accept_all(
        *site.facts(),
        *(
            b.stated("tenant.declared", id=f"named-{number}", tenant=name)
            for number, name in enumerate(names)
        ),
    )
    found = answered(tenants=names)
    assert answered(tenants=names[::-1]).pk == found.pk
    assert {part["tenant"] for part in report(found)["tenants"]} == set(names)


def test_judges_a_clean_site_compliant() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.access("a1"))
    found = answered()
    assert {name: rule["totals"] for name, rule in rules_of(found).items()} == {
        "PL-01": {"compliant": 4 * 3600},
        "PL-02": {"compliant": 4 * 3600},
        "PL-03": {"compliant": 4 * 3600},
        "OP-01": {"compliant": 1},
        "TE-01": {"compliant": 4 * 3600},
    }
    assert (found.verdict, found.findings.count()) == ("compliant", 0)


def test_finds_a_touch_abroad_as_one_block() -> None:
    b.accept_all(*site.facts(), b.touch("1", ["hz-1/0-3", "sg-1/0-1"]))
    found = answered()
    assert found.verdict == "non_compliant"
    assert rules_of(found)["PL-01"]["totals"] == {"non_compliant": 2 * 3600, "compliant": 4 * 3600}
    finding = Finding.objects.get(check_of=found, rule="PL-01")
    assert (finding.reason, finding.touch_id, finding.workload, finding.amount) == (
        "region_foreign",
        "1",
        "triage-7b",
        7200,
    )
    assert finding.block["cards"] == ["sg-1/0-1"]


def test_an_unknown_node_is_unverifiable_and_a_finding() -> None:
    b.accept_all(*site.facts(), b.touch("1", ["never-seen/0"]))
    found = answered()
    assert rules_of(found)["PL-01"]["totals"] == {"unverifiable": 3600}
    assert Finding.objects.get(check_of=found, rule="PL-01").reason == "region_unknown"


def test_no_access_source_is_unverifiable_never_compliant() -> None:
    b.accept_all(*site.facts(without="bastion"), b.touch("1"))
    assert rules_of(answered())["OP-01"]["verdict"] == "unverifiable"


def test_a_gate_before_other_cards_is_no_gate() -> None:
    """The attack: the only source of accesses speaks of one card that the hospital never used."""
    gate = b.stated(
        "source.declared", id="s-2", name="bastion", reports=["access"], cards=["hz-1/7"]
    )
    b.accept_all(
        *site.facts(without="bastion"),
        gate,
        b.event(
            "heartbeat", id="h-2", source="bastion", from_at=site.PERIOD[0], to_at=site.PERIOD[1]
        ),
        b.touch("1"),
        b.access("a1"),
    )
    rule = rules_of(answered())["OP-01"]
    assert (rule["verdict"], rule["totals"]) == (
        "unverifiable",
        {"compliant": 1, "unverifiable": 1},
    )
    (block,) = rule["blocks"]
    assert (block["reason"], block["from"], block["to"]) == ("access_not_covered", *site.PERIOD)
    assert block["detail"] == {"unwatched": "cards"}


def test_every_gate_before_a_card_must_be_heard() -> None:
    silent = b.stated(
        "source.declared", id="s-9", name="vpn", reports=["access"], cards=["hz-1/0-1"]
    )
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", ["hz-1/7"], tenant=b.NEIGHBOUR), silent)
    (block,) = rules_of(answered())["OP-01"]["blocks"]
    assert (block["verdict"], block["detail"]) == ("unverifiable", {"sources": "vpn"})
    assert rules_of(answered(), b.NEIGHBOUR)["OP-01"]["verdict"] == "not_applicable"


def test_a_session_opened_before_the_period_is_judged_in_it() -> None:
    """Twenty hours before DAY until three hours into it; a point before it is over."""
    long = b.event(
        "access.recorded",
        id="a-9",
        source="bastion",
        tenant=b.HOSPITAL,
        access="a-9",
        person="li",
        started_at=b.START - 20 * b.HOUR,
        ended_at=b.START + 3 * b.HOUR,
        office_country="SG",
        physical_country="CN",
        employer_jurisdiction="CN",
        evidence="observed",
    )
    b.accept_all(*site.facts(), b.touch("1"), long)
    assert rules_of(answered())["OP-01"]["totals"] == {"non_compliant": 1}
    assert (
        rules_of(answered(period=(b.START + 3 * b.HOUR, site.PERIOD[1])))["OP-01"]["totals"] == {}
    )


def test_a_foreign_office_breaches() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.access("a1", office_country="SG"))
    assert rules_of(answered())["OP-01"]["totals"] == {"non_compliant": 1}


def test_the_same_question_is_the_stored_answer_and_adds_nothing() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    policy = site.home_policy()
    first = answered(policy)
    entries = Entry.objects.count()
    assert answered(policy).pk == first.pk
    assert Entry.objects.count() == entries


def test_answers_as_of_a_position_what_was_known_then() -> None:
    touch = b.touch("1")
    early = b.accept_all(*site.facts(), touch).position
    policy = site.home_policy()
    first = answered(policy)
    b.accept_all(b.correction(touch, replacement=b.touch("1", ["sg-1/0"])))
    assert answered(policy).verdict == "non_compliant"
    first_report = bytes(first.report)
    first.delete()
    again = answered(policy, position=early)
    assert bytes(again.report) == first_report


def test_a_node_that_turns_out_to_have_moved_changes_later_answers_and_no_earlier_one() -> None:
    """A move to a time before touches that were judged is told afterwards: what was known then
    stands, and what is known now is said."""
    early = b.accept_all(*site.facts(), b.touch("1", start=b.hour(3), end=b.hour(4))).position
    policy = site.home_policy()
    first = answered(policy)
    report_then, digest_then = bytes(first.report), bytes(first.digest)
    assert first.verdict == "compliant"
    moved = b.event(
        "node.moved",
        id="m-1",
        node="hz-1",
        region="sg-1",
        effective_at=site.PERIOD[0] + 2 * b.HOUR,
        evidence="declared",
    )
    later = b.accept_all(moved).position
    second = answered(policy)
    assert (second.position, second.verdict) == (later, "non_compliant")
    assert rules_of(second)["PL-01"]["totals"] == {"non_compliant": 4 * 3600}
    stands = Check.objects.get(pk=first.pk)
    assert (stands.position, bytes(stands.report), bytes(stands.digest)) == (
        early,
        report_then,
        digest_then,
    )
    assert answered(policy, position=early).pk == first.pk
    first.delete()
    assert bytes(answered(policy, position=early).report) == report_then


def test_what_was_named_later_does_not_change_an_earlier_answer() -> None:
    early = b.accept_all(*site.facts(), b.touch("1", parts=[{"k": 3, "of": ["hz-1"]}])).position
    policy = site.home_policy()
    first = answered(policy)
    b.accept_all(
        b.touch("2", ["hz-1/9"], start=b.hour(5), end=b.hour(6)),
        b.stated("tenant.declared", id="t-9", tenant="later"),
    )
    first_report = bytes(first.report)
    first.delete()
    assert bytes(answered(policy, position=early).report) == first_report


def test_a_shared_card_is_found_for_both_and_names_the_other_by_pseudonym() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", start=b.hour(1), end=b.hour(3)),
        b.touch("2", ["hz-1/3-4"], tenant=b.NEIGHBOUR, start=b.hour(2), end=b.hour(4)),
    )
    found = answered()
    for tenant in (b.HOSPITAL, b.NEIGHBOUR):
        assert rules_of(found, tenant)["PL-03"]["totals"]["non_compliant"] == 3600
    ours = Finding.objects.get(check_of=found, rule="PL-03", tenant__key=b.HOSPITAL)
    secret = bytes(Tenant.objects.get(key=b.HOSPITAL).trail.secret)
    assert ours.block["other"] == {
        "tenant": pseudonym(secret, f"tenant:{b.NEIGHBOUR}"),
        "touch": pseudonym(secret, f"touch:{b.NEIGHBOUR}:2"),
    }


def test_nothing_in_a_tenants_trail_names_its_neighbour() -> None:
    b.accept_all(*site.facts(), b.touch("1"), b.touch("2", tenant=b.NEIGHBOUR))
    answered()
    trail = Tenant.objects.get(key=b.HOSPITAL).trail
    assert all(
        b.NEIGHBOUR.encode() not in bytes(entry.content)
        for entry in Entry.objects.filter(trail_number=trail.number)
    )


def test_writes_a_slice_to_each_tenant_and_the_summary_last() -> None:
    position = b.accept_all(
        *site.facts(), b.touch("1"), b.touch("2", ["hz-1/4"], tenant=b.NEIGHBOUR)
    ).position
    answered()
    said = slice_entry(b.HOSPITAL)
    facts = Fact.objects.filter(trail_number=Tenant.objects.get(key=b.HOSPITAL).trail_id).count()
    assert said.body["position"] == position
    assert said.body["tenant_size"] == facts + 1
    assert said.body["fleet_size"] == Fact.objects.filter(trail_number=FLEET_NUMBER).count() + 1
    summary = Entry.objects.filter(trail_number=OPERATOR_NUMBER).order_by("-index").first()
    assert summary is not None
    assert summary.kind == "check.summary/v1"
    slices: Any = decode(bytes(summary.content)).body["slices"]
    for one in slices:
        entry = Entry.objects.get(trail_number=one["trail"], index=one["index"])
        assert entry_leaf(bytes(entry.content)).hex() == one["leaf"]


def test_the_policy_stands_whole_in_the_trails_it_judges() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    answered()
    trail = Tenant.objects.get(key=b.HOSPITAL).trail
    said = decode(
        bytes(Entry.objects.get(trail_number=trail.number, kind="policy.published/v1").content)
    )
    assert said.body["document"] == site.POLICY


def test_a_long_slice_is_an_attachment_that_the_entry_names() -> None:
    b.accept_all(
        *site.facts(),
        *[
            b.touch(f"{n}-{'x' * 60}", ["sg-1/0"], start=b.hour(n % 9), end=b.hour(n % 9 + 1))
            for n in range(150)
        ],
    )
    answered()
    said = slice_entry(b.HOSPITAL)
    assert "slice" not in said.body
    assert [one.sha256.hex() for one in said.attachments] == [said.body["slice_sha256"]]


def test_judges_the_tenants_that_are_asked_for() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1"),
        b.touch("2", tenant=b.NEIGHBOUR, start=b.hour(3), end=b.hour(4)),
    )
    found = answered(tenants=[b.HOSPITAL])
    assert [part["tenant"] for part in report(found)["tenants"]] == [b.HOSPITAL]


def test_planned_evidence_is_unverifiable_by_default() -> None:
    facts = site.facts()
    for fact in facts:
        if "region.declared" in fact["type"]:
            fact["data"]["evidence"] = "planned"
    b.accept_all(*facts, b.touch("1"))
    found = answered()
    assert rules_of(found)["PL-01"]["totals"] == {"unverifiable": 4 * 3600}
    assert Finding.objects.get(check_of=found, rule="PL-01").reason == "evidence_below_grade"


def test_every_trail_still_ends_at_its_own_size() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    answered()
    for trail in Trail.objects.all():
        assert Entry.objects.filter(trail_number=trail.number).count() == trail.size
