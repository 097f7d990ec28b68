"""Findings as sentences."""

from typing import Any

import pytest

from sovereignty.policy.errors import PolicyError
from sovereignty.policy.explain import explain
from sovereignty.policy.words import STAGES


def finding(rule: Any, reason: Any, **more: Any) -> Any:
    return {"rule": rule, "reason": reason, "detail": {}} | more


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (
            finding("PL-01", "region_foreign", detail={"country": "SG", "region": "sg-1"}),
            "The cards stood in region sg-1 in SG, a country that the policy does not allow.",
        ),
        (
            finding("PL-01", "region_foreign"),
            "The cards stood in a country that the policy does not allow.",
        ),
        (finding("PL-01", "region_unknown"), "Nobody stated in which region the cards stood."),
        (
            finding("PL-02", "chip_unknown", detail={"stage": "packaging"}),
            "Nobody stated the country of the chips' packaging.",
        ),
        (
            finding("PL-01", "sequence_hole", detail={"sources": "site"}),
            "A record from site is missing. It may have changed what is known of these cards.",
        ),
        (
            finding(
                "TE-01", "sequence_hole", detail={"sources": "gate, slurm", "repeated": "slurm"}
            ),
            "slurm used a sequence number for more than one record: the numbering restarted, and a "
            "record of these cards at this time may be missing.",
        ),
        (
            finding("PL-03", "not_covered", detail={"sources": "slurm/hz-a"}),
            "Nothing was heard from slurm/hz-a. "
            "Another tenant's use of these cards may be missing.",
        ),
        (
            finding("PL-03", "cards_unknown", k=4),
            "Only the number of cards (4) is known, not which ones, so the rule cannot be judged "
            "for them.",
        ),
        (
            finding("PL-03", "cards_unknown"),
            "Another tenant used cards, and nobody can say which ones. These cards may be among "
            "them.",
        ),
        (
            finding(
                "OP-01",
                "operator_foreign",
                person="enzo",
                detail={"field": "physical_country", "country": "SG"},
            ),
            "enzo reached in. "
            "The physical country is SG, a country that the policy does not allow.",
        ),
        (
            {"rule": "TE-01", "reason": "not_covered", "summary": True, "blocks": 1200},
            "1200 findings of the same kind are counted here together.",
        ),
    ],
)
def test_a_finding_is_a_sentence(block: Any, sentence: Any) -> None:
    assert str(explain(block)) == sentence


def test_the_message_is_apart_from_its_values_for_translation() -> None:
    sentence = explain(
        finding("PL-02", "chip_foreign", detail={"stage": "design", "country": "US"})
    )
    assert sentence.message == (
        "The country of the chips' %(stage)s is %(country)s, a country that the policy does not "
        "allow."
    )
    assert sentence.values == {"stage": STAGES["design"], "country": "US"}


def test_refuses_a_reason_that_no_rule_gives() -> None:
    with pytest.raises(PolicyError, match="reason: want a reason of PL-01, got 'bad_luck'"):
        explain(finding("PL-01", "bad_luck"))


def test_refuses_a_finding_that_lacks_what_its_sentences_name() -> None:
    with pytest.raises(
        PolicyError, match="detail: want what a sentence about operator_unknown names"
    ):
        explain(finding("OP-01", "operator_unknown"))
