"""A finding in whole sentences: where, what, and what the policy allows."""

from typing import Any

import pytest

from sovereignty.web.explain import cards_in, sentences

ALLOWED = {"allowed_countries": ("CN", "HK")}
BLOCK: dict[str, Any] = {
    "rule": "PL-01",
    "verdict": "non_compliant",
    "reason": "region_foreign",
    "touch": "8812",
    "workload": "triage-7b",
    "cards": ["sg-a-[1-2]/0-3"],
    "from": 0,
    "to": 1000,
    "card_seconds": 8,
    "detail": {"country": "SG", "region": "sg-1"},
}
TOLD_AS_ONE = {"summary": True, "blocks": 1001, "touches": 900, "cards": 64}


def test_names_touch_workload_cards_region_and_what_is_allowed() -> None:
    assert sentences(BLOCK, ALLOWED) == [
        "Touch 8812 of workload triage-7b used 8 cards: sg-a-[1-2]/0-3.",
        "The cards stood in region sg-1 in SG, a country that the policy does not allow.",
        "The policy allows: CN, HK.",
    ]


def test_names_the_first_of_many_card_sets() -> None:
    block = BLOCK | {"cards": ["a/0", "b/0", "c/0", "d/0"]}
    assert (
        sentences(block, {})[0]
        == "Touch 8812 of workload triage-7b used 4 cards: a/0, b/0, c/0 and others."
    )


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        (["hz-1"], "used 2 cards among those of hz-1. Which ones is not known."),
        (None, "used 2 cards. Their nodes are not known."),
    ],
)
def test_says_of_a_count_that_the_cards_are_not_known(nodes: list[str] | None, said: str) -> None:
    block = BLOCK | {
        "rule": "PL-03",
        "reason": "cards_unknown",
        "cards": [],
        "k": 2,
        "of": nodes,
        "detail": {},
    }
    assert sentences(block, {})[0].endswith(said)
    assert cards_in(block) == 2


def test_names_a_neighbour_by_its_pseudonym() -> None:
    block = BLOCK | {
        "rule": "PL-03",
        "reason": "shared_card",
        "detail": {},
        "other": {"tenant": "8972ac9e", "touch": "ff66866f"},
    }
    assert (
        sentences(block, {})[-1]
        == "The other touch is ff66866f of tenant 8972ac9e. Both names are pseudonyms."
    )


@pytest.mark.parametrize(
    ("workload", "said"),
    [("triage-7b", "into workload triage-7b."), (None, "into the tenant as a whole.")],
)
def test_names_an_access_and_the_person(workload: str | None, said: str) -> None:
    block = {
        "rule": "OP-01",
        "verdict": "non_compliant",
        "reason": "operator_foreign",
        "access": "a1",
        "person": "li",
        "workload": workload,
        "at": 0,
        "to": None,
        "detail": {"field": "office_country", "country": "SG"},
    }
    found = sentences(block, ALLOWED)
    assert found[0] == f"Access a1 by li reached {said}"
    assert found[1] == (
        "li reached in. The office country is SG, a country that the policy does not allow."
    )
    assert cards_in(block) is None


def test_says_that_many_are_told_as_one() -> None:
    block = {
        "rule": "PL-01",
        "verdict": "non_compliant",
        "reason": "region_foreign",
        "from": 0,
        "to": 1,
        "card_seconds": 9,
    }
    found = sentences(block | TOLD_AS_ONE, ALLOWED)
    assert found[:4] == [
        "This finding stands for 1001 findings of the same kind.",
        "They concern 900 touches.",
        "They lie on 64 different cards.",
        "Region outside the allowed countries",
    ]
    one = TOLD_AS_ONE | {"touches": 1, "cards": 1}
    assert sentences(block | one, ALLOWED)[1:3] == ["They concern 1 touch.", "They lie on 1 card."]
    accesses = {
        "rule": "OP-01",
        "verdict": "unverifiable",
        "reason": "operator_unknown",
        "from": 0,
        "to": 1,
        "detail": {},
    }
    assert sentences(accesses | {"summary": True, "blocks": 1001, "accesses": 1001}, {})[0] == (
        "This finding stands for 1001 findings of the same kind."
    )


def test_what_was_not_covered_needs_no_touch() -> None:
    block = {
        "rule": "OP-01",
        "verdict": "unverifiable",
        "reason": "access_not_covered",
        "from": 0,
        "to": 1,
        "detail": {},
    }
    assert len(sentences(block, ALLOWED)) == 1


@pytest.mark.parametrize(
    ("detail", "said", "unsaid"),
    [
        (
            {"sources": "bastion, gate"},
            "Access records from bastion, gate are incomplete",
            "No source",
        ),
        (
            {"unwatched": "cards"},
            "No source reports accesses to some cards that the tenant used at this time, or may",
            "Access records",
        ),
        (
            {"sources": "gate", "unwatched": "cards"},
            "Access records from gate are incomplete",
            "not fully",
        ),
        (
            {"sources": "gate", "unwatched": "cards"},
            "No source reports accesses to some cards that the tenant used, or may have used.",
            "not fully",
        ),
        # findings of before they named anybody
        ({}, "Accesses to the tenant's cards were not fully reported", "No source"),
    ],
)
def test_a_gap_names_the_sources_that_must_report_accesses(
    detail: dict[str, str], said: str, unsaid: str
) -> None:
    block = {
        "rule": "OP-01",
        "verdict": "unverifiable",
        "reason": "access_not_covered",
        "from": 0,
        "to": 1,
        "detail": detail,
    }
    (sentence,) = sentences(block, ALLOWED)
    assert said in sentence
    assert unsaid not in sentence
