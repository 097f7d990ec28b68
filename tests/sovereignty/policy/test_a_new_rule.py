"""A new rule is one file: judged, titled, explained, filterable and on the passport, and nothing
else knows of it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Person
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Finding
from sovereignty.policy import registry, rules
from sovereignty.policy.explain import explain
from sovereignty.queries.deciders import deciders_of
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

OWNER = """
from sovereignty.policy.reasons import Reason
from sovereignty.policy.rule import COMPLIANT, CardRule, Parameter, non_compliant, unverifiable
from sovereignty.policy.texts import _


def judge(values, parameters):
    owner = values["node.owner"].text
    if owner is None:
        return unverifiable("owner_unknown")
    if owner not in parameters["allowed_owners"]:
        return non_compliant("owner_foreign", owner=owner)
    return COMPLIANT


RULE = CardRule(
    id="XX-01",
    version="1.0.0",
    title=_("Nodes have an allowed owner"),
    statement=_("An allowed company owns the node of every card that the workload touched."),
    reasons={
        "owner_foreign": Reason(
            _("Owner not allowed"),
            (_("The node belongs to %(owner)s."), _("Somebody else owns the node.")),
            compared_with="allowed_owners",
        ),
        "owner_unknown": Reason(_("Owner not known"), (_("Nobody stated the node's owner."),)),
    },
    parameters={"allowed_owners": Parameter("companies", bool)},
    reads=("node.owner",),
    judge=judge,
)
"""
APPROVAL = """
from sovereignty.policy.reasons import Reason
from sovereignty.policy.rule import COMPLIANT, AccessRule, unverifiable
from sovereignty.policy.texts import _


def judge(approvals, _parameters):
    return COMPLIANT if approvals[0] else unverifiable("no_approval")


RULE = AccessRule(
    id="XX-02",
    version="1.0.0",
    title=_("Accesses are approved"),
    statement=_("Somebody approved each access."),
    reasons={
        "no_approval": Reason(
            _("Approval not known"), (_("Nobody recorded who approved %(person)s."),)
        )
    },
    reads=("approval",),
    judge=judge,
)
"""
RULES_ASKED = [
    *site.POLICY["rules"],
    {"id": "XX-01", "parameters": {"allowed_owners": ["acme"]}},
    {"id": "XX-02", "parameters": {}},
]


@pytest.fixture
def new_rules(tmp_path: Path) -> Iterator[None]:
    """Two files in a folder of rules, and nothing else."""
    (tmp_path / "xx_01.py").write_text(OWNER)
    (tmp_path / "xx_02.py").write_text(APPROVAL)
    rules.__path__.append(str(tmp_path))
    importlib.invalidate_caches()
    registry.discover()
    yield
    _forget(tmp_path)


def _forget(folder: Path) -> None:
    """Go back to the rules of this version."""
    if str(folder) in rules.__path__:
        rules.__path__.remove(str(folder))
        for name in ("xx_01", "xx_02"):
            del sys.modules[f"{rules.__name__}.{name}"]
            delattr(rules, name)
    registry.discover()


@pytest.fixture
def olga(new_rules: None, ledger: None) -> Client:
    """A check found a node of another owner, and an access that nobody approved."""
    b.accept_all(
        *site.facts(),
        b.stated(
            "node.registered", id="n-3", node="hz-1", region="cn-1", owner="elsewhere", cards=[]
        ),
        b.touch("1"),
        b.access("a1", office_country="SG"),
    )
    check(ask(site.home_policy(rules=RULES_ASKED), period=site.PERIOD), actor="olga")
    return cast.signed_in(cast.olga())


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def test_it_is_judged_and_explained(olga: Client) -> None:
    owner, approval = (Finding.objects.get(rule=rule) for rule in ("XX-01", "XX-02"))
    assert (owner.verdict, owner.reason, owner.amount) == ("non_compliant", "owner_foreign", 14400)
    assert str(explain(owner.block)) == "The node belongs to elsewhere."
    assert (approval.verdict, approval.reason) == ("unverifiable", "no_approval")


def test_its_finding_has_its_words_and_what_decided_it(olga: Client) -> None:
    owner = Finding.objects.get(rule="XX-01")
    page = text(olga.get(f"/findings/{owner.pk}/"))
    for words in (
        "Owner not allowed",
        "The node belongs to elsewhere.",
        "The policy allows: acme.",
        "An allowed company owns the node of every card that the workload touched.",
        "XX-01 Nodes have an allowed owner",
        "owner: elsewhere",
    ):
        assert words in page
    deciders = deciders_of(owner, Person.objects.get(username="olga"))
    assert deciders is not None
    assert [decider.fact.fact_id for decider in deciders.listed] == ["n-3"]


def test_it_can_be_filtered_by(olga: Client) -> None:
    page = text(olga.get("/findings/each/?rule=XX-01"))
    assert '<option value="XX-01" selected>XX-01 Nodes have an allowed owner</option>' in page
    assert "1 finding " in page


def test_it_stands_on_the_overview_the_tenant_and_the_passport(olga: Client) -> None:
    for url in ("/", "/tenants/2/", "/tenants/2/workloads/triage-7b/"):
        page = text(olga.get(url))
        assert "Nodes have an allowed owner" in page
        assert "Accesses are approved" in page


def test_an_access_has_the_worst_verdict_of_all_access_rules(olga: Client) -> None:
    foreign = Finding.objects.get(rule="OP-01")
    page = text(olga.get("/tenants/2/workloads/triage-7b/"))
    row = page[page.index("Who reached in") :].split("<tr>")[2]
    assert f'href="/findings/{foreign.pk}/"' in row
    assert "Non-compliant" in row


def test_a_rule_that_this_version_does_not_know_keeps_its_findings_and_says_so(
    olga: Client, tmp_path: Path
) -> None:
    _forget(tmp_path)
    owner = Finding.objects.get(rule="XX-01")
    page = text(olga.get(f"/findings/{owner.pk}/"))
    assert (
        "This version does not know what rule XX-01 means by owner_foreign. Another version made "
        "the check that found this." in page
    )
    assert "XX-01 This version does not know this rule" in page
    assert "1 finding " in text(olga.get("/findings/each/?rule=XX-02"))
    assert olga.get("/findings/each/?rule=XX-03").status_code == 404
    for url in ("/", "/tenants/2/", "/findings/", "/tenants/2/workloads/triage-7b/"):
        assert "This version does not know this rule" in text(olga.get(url))


def test_an_access_that_only_an_unknown_rule_objects_to_is_not_compliant(
    olga: Client, tmp_path: Path
) -> None:
    b.accept_all(b.access("a2"))
    check(
        ask(site.home_policy(version="2.0.0", rules=RULES_ASKED), period=site.PERIOD), actor="olga"
    )
    _forget(tmp_path)
    objection = Finding.objects.filter(rule="XX-02", touch_id="a2").latest("pk")
    page = text(olga.get("/tenants/2/workloads/triage-7b/"))
    assert f'<a href="/findings/{objection.pk}/"><span class="verdict verdict-unverifiable' in page
