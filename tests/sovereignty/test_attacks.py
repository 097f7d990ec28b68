"""Ways to have card-time called compliant that cannot be shown to be, each played against the recorder and a check."""

from typing import Any

import pytest

from audit.tlog import canonical
from sovereignty.check import check
from sovereignty.models import Check
from sovereignty.policy.explain import explain
from sovereignty.question import ask
from tests.sovereignty.small_site import CHIP, HOSPITAL, PERIOD, corrected, event, home_policy, site, stated, take, touch

pytestmark = pytest.mark.usefixtures("ledger")
NUMBERED = stated("source.declared", "s-3", name="slurm", reports=["touch"], sequenced=True, reach_ms=0)


def answered() -> Check:
    return check(ask(home_policy(), period=PERIOD), actor="olga")


def rule_of(rule: str, tenant: str = HOSPITAL) -> Any:
    report: Any = canonical.decode(bytes(answered().report))
    (part,) = (part for part in report["tenants"] if part["tenant"] == tenant)
    return next(found for found in part["rules"] if found["rule"] == rule)


def test_a_source_that_starts_its_numbers_again_hides_no_loss() -> None:
    take(*site(), NUMBERED)
    take(touch("1", sequence=1), touch("2", ["hz-1/4"], sequence=2))
    # Its third fact is lost, and it counts from one again: every number from 1 to 3 is there.
    take(touch("4", ["hz-1/5"], sequence=1), touch("5", ["hz-1/6"], sequence=2), touch("6", ["hz-1/7"], sequence=3))
    found = rule_of("TE-01")
    assert found["totals"] == {"unverifiable": 8 * 3600}
    assert {(block["reason"], block["detail"]["repeated"]) for block in found["blocks"]} == {("sequence_hole", "slurm")}
    assert "started its numbers again" in str(explain(found["blocks"][0]))
    assert rule_of("PL-03")["verdict"] == "unverifiable"


def test_a_correction_under_the_number_of_the_fact_that_it_corrects_is_no_second_fact() -> None:
    take(*site(), NUMBERED, touch("1", sequence=1), touch("2", ["hz-1/4"], sequence=2))
    take(corrected("1", ["hz-1/5"], sequence=1))
    assert rule_of("TE-01")["verdict"] == "compliant"


def test_a_correction_under_the_number_of_another_fact_is_one() -> None:
    take(*site(), NUMBERED, touch("1", sequence=1), touch("2", ["hz-1/4"], sequence=2))
    take(corrected("1", ["hz-1/5"], sequence=2))
    assert rule_of("TE-01")["verdict"] == "unverifiable"


def test_numbers_of_a_source_that_never_declared_itself_must_have_no_hole_either() -> None:
    take(*site(), touch("1"), touch("2", ["hz-1/4"]).replace(b'"source": "slurm"', b'"source": "scout", "sequence": 2'))
    assert rule_of("TE-01")["totals"] == {"unverifiable": 5 * 3600}


def test_a_planned_replacement_does_not_wash_a_foreign_card_that_was_observed() -> None:
    foreign = event(
        "node.registered", "n-9", node="hz-9", region="cn-1", effective_at=0, evidence="observed",
        cards=[{"slots": "0", **CHIP, "design_country": "SG"}],
    )  # fmt: skip
    planned = event("card.replaced", "cr-1", node="hz-9", slot="0", effective_at=1, evidence="planned", **CHIP)
    take(*site(), foreign, planned, stated("node.registered", "n-10", node="hz-9", region="cn-1", cards=[{"slots": "0", **CHIP}]))
    take(touch("1", ["hz-9/0"]))
    assert rule_of("PL-02")["totals"] == {"non_compliant": 3600}
