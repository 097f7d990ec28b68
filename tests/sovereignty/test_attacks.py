"""Ways to have card-time called compliant that cannot be shown to be, each played against the
recorder and a check."""

from typing import Any

import pytest

from audit.tlog import canonical
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check
from sovereignty.policy.explain import explain
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")
ORIGIN: dict[str, Any] = dict(site.CHIP)
NUMBERED = b.stated(
    "source.declared", id="s-3", name="slurm", reports=["touch"], sequenced=True, reach_ms=0
)


def answered(period: tuple[int, int] = site.PERIOD) -> Check:
    return check(ask(site.home_policy(), period=period), actor="olga")


def rule_of(rule: str, tenant: str = b.HOSPITAL, period: tuple[int, int] = site.PERIOD) -> Any:
    report: Any = canonical.decode(bytes(answered(period).report))
    (part,) = (part for part in report["tenants"] if part["tenant"] == tenant)
    return next(found for found in part["rules"] if found["rule"] == rule)


def test_a_source_that_starts_its_numbers_again_hides_no_loss() -> None:
    b.accept_all(*site.facts(), NUMBERED)
    b.accept_all(b.touch("1", sequence=1), b.touch("2", ["hz-1/4"], sequence=2))
    # Its third fact is lost, and it counts from one again: every number from 1 to 3 is there.
    b.accept_all(
        b.touch("4", ["hz-1/5"], sequence=1),
        b.touch("5", ["hz-1/6"], sequence=2),
        b.touch("6", ["hz-1/7"], sequence=3),
    )
    found = rule_of("TE-01")
    assert found["totals"] == {"unverifiable": 8 * 3600}
    assert {(block["reason"], block["detail"]["repeated"]) for block in found["blocks"]} == {
        ("sequence_hole", "slurm")
    }
    assert "the numbering restarted" in str(explain(found["blocks"][0]))
    assert rule_of("PL-03")["verdict"] == "unverifiable"


def test_a_correction_under_the_number_of_the_fact_that_it_corrects_is_no_second_fact() -> None:
    first = b.touch("1", sequence=1)
    b.accept_all(*site.facts(), NUMBERED, first, b.touch("2", ["hz-1/4"], sequence=2))
    b.accept_all(b.correction(first, replacement=b.touch("1", ["hz-1/5"]), sequence=1))
    assert rule_of("TE-01")["verdict"] == "compliant"


def test_a_correction_under_the_number_of_another_fact_is_one() -> None:
    first = b.touch("1", sequence=1)
    b.accept_all(*site.facts(), NUMBERED, first, b.touch("2", ["hz-1/4"], sequence=2))
    b.accept_all(b.correction(first, replacement=b.touch("1", ["hz-1/5"]), sequence=2))
    assert rule_of("TE-01")["verdict"] == "unverifiable"


def test_numbers_of_a_source_that_never_declared_itself_must_have_no_hole_either() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1"),
        b.touch("2", ["hz-1/4"], source="scout", sequence=2),
    )
    assert rule_of("TE-01")["totals"] == {"unverifiable": 5 * 3600}


@pytest.mark.parametrize(
    "told",
    [
        {"effective_at": 4_102_444_800_000, "evidence": "planned"},
        {"effective_at": 0, "evidence": "planned"},
        {"effective_at": site.PERIOD[1], "evidence": "declared"},
    ],
)
@pytest.mark.parametrize("numbers", [{"sequenced": True, "reach_ms": 0}, {}])
def test_a_declaration_that_is_planned_or_of_after_the_period_forgives_no_hole(
    told: dict[str, Any], numbers: dict[str, Any]
) -> None:
    scout = b.event(
        "source.declared",
        id="s-4",
        name="scout",
        reports=["touch"],
        cards=["zz/0"],
        **numbers,
        **told,
    )
    b.accept_all(
        *site.facts(),
        scout,
        b.touch("1"),
        b.touch("2", ["hz-1/4"], source="scout", sequence=2),
    )
    assert rule_of("TE-01")["totals"] == {"unverifiable": 5 * 3600}


def test_a_planned_replacement_does_not_wash_a_foreign_card_that_was_observed() -> None:
    foreign = b.event(
        "node.registered",
        id="n-9",
        node="hz-9",
        region="cn-1",
        effective_at=0,
        evidence="observed",
        cards=[{"slots": "0", **site.CHIP, "design_country": "SG"}],
    )
    planned = b.event(
        "card.replaced",
        id="cr-1",
        node="hz-9",
        slot="0",
        effective_at=1,
        evidence="planned",
        **ORIGIN,
    )
    b.accept_all(
        *site.facts(),
        foreign,
        planned,
        b.stated(
            "node.registered",
            id="n-10",
            node="hz-9",
            region="cn-1",
            cards=[{"slots": "0", **site.CHIP}],
        ),
    )
    b.accept_all(b.touch("1", ["hz-9/0"]))
    assert rule_of("PL-02")["totals"] == {"non_compliant": 3600}


def test_a_touch_of_more_cards_than_its_nodes_have_is_unverifiable_in_all_its_parts() -> None:
    b.accept_all(
        *site.facts(), b.touch("1", parts=[{"cards": ["hz-1/0-3"]}, {"k": 5, "of": ["hz-1"]}])
    )
    for rule in ("PL-01", "PL-02", "TE-01"):
        found = rule_of(rule)
        assert found["totals"] == {"unverifiable": 9 * 3600}, rule
        assert {block["reason"] for block in found["blocks"]} == {"too_many_cards"}
    assert "more cards than its nodes" in str(explain(rule_of("PL-01")["blocks"][0]))


def test_counts_over_nodes_that_overlap_are_counted_together() -> None:
    b.accept_all(
        *site.facts(),
        b.touch(
            "1",
            parts=[
                {"k": 6, "of": ["hz-1"]},
                {"k": 6, "of": ["sg-1"]},
                {"k": 5, "of": ["hz-1", "sg-1"]},
            ],
        ),
    )
    assert {block["reason"] for block in rule_of("TE-01")["blocks"]} == {"too_many_cards"}


def test_counts_that_just_fit_are_judged() -> None:
    b.accept_all(
        *site.facts(),
        b.touch(
            "1", parts=[{"cards": ["hz-1/0-3"]}, {"k": 2, "of": ["hz-1"]}, {"k": 2, "of": ["hz-1"]}]
        ),
    )
    assert {
        rule: rule_of(rule)["verdict"] for rule in ("PL-01", "PL-03", "TE-01")
    } == dict.fromkeys(("PL-01", "PL-03", "TE-01"), "compliant")


def test_a_slot_that_only_a_touch_names_makes_no_room_for_a_count() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["hz-1/99"]),
        b.touch("2", parts=[{"k": 9, "of": ["hz-1"]}], start=b.hour(4), end=b.hour(5)),
    )
    assert "too_many_cards" in {block["reason"] for block in rule_of("TE-01")["blocks"]}


@pytest.mark.parametrize(
    "inventory",
    [
        [
            b.event(
                "card.retired",
                id=f"cr-{n}",
                node="hz-1",
                slot=str(n),
                effective_at=0,
                evidence="declared",
            )
            for n in range(4)
        ],
        [
            b.event(
                "node.registered",
                id="n-6",
                node="hz-1",
                region="cn-1",
                effective_at=b.START + 5 * b.HOUR,
                evidence="declared",
                cards=[{"slots": "2-7", **site.CHIP}],
            )
        ],
        [
            b.event(
                "node.registered",
                id="n-6",
                node="hz-1",
                region="cn-1",
                effective_at=0,
                evidence="planned",
                cards=[{"slots": "2-7", **site.CHIP}],
            )
        ],
    ],
    ids=["retired before", "registered later", "planned"],
)
def test_cards_that_are_not_there_make_no_room_for_a_count(inventory: list[b.Event]) -> None:
    two = b.stated(
        "node.registered",
        id="n-1",
        node="hz-1",
        region="cn-1",
        cards=[{"slots": "0-1", **site.CHIP}],
    )
    first = (
        site.facts()
        if "card.retired" in inventory[0]["type"]
        else [two if fact["id"] == "n-1" else fact for fact in site.facts()]
    )
    b.accept_all(*first, *inventory, b.touch("1", parts=[{"k": 6, "of": ["hz-1"]}]))
    found = {rule: rule_of(rule) for rule in ("PL-01", "PL-02", "PL-03", "TE-01")}
    assert [each["totals"] for each in found.values()] == [{"unverifiable": 6 * 3600}] * 4
    assert {block["reason"] for block in found["TE-01"]["blocks"]} == {"too_many_cards"}


def test_touches_that_together_count_more_cards_than_a_node_has_are_not_shown_to_be_alone() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", parts=[{"k": 5, "of": ["hz-1"]}]),
        b.touch("2", parts=[{"k": 4, "of": ["hz-1"]}]),
    )
    found = rule_of("PL-03")
    assert (found["totals"], {block["reason"] for block in found["blocks"]}) == (
        {"unverifiable": 9 * 3600},
        {"cards_unknown"},
    )


def test_a_neighbours_count_of_unknown_nodes_may_be_on_anybodys_cards() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["hz-1/0"], start=b.hour(1), end=b.hour(4)),
        b.touch(
            "2", tenant=b.NEIGHBOUR, parts=[{"k": 1, "of": None}], start=b.hour(2), end=b.hour(3)
        ),
    )
    found = rule_of("PL-03")
    assert found["totals"] == {"compliant": 2 * 3600, "unverifiable": 3600}
    assert "nobody can say which ones" in str(explain(found["blocks"][0]))


def test_a_count_of_unknown_nodes_taints_nobody_of_its_own_tenant() -> None:
    b.accept_all(
        *site.facts(), b.touch("1", ["hz-1/0"]), b.touch("2", parts=[{"k": 1, "of": None}])
    )
    assert rule_of("PL-03")["totals"] == {"compliant": 3600, "unverifiable": 3600}


def test_a_slot_under_a_second_name_may_be_the_same_card() -> None:
    b.accept_all(
        *site.facts(), b.touch("1", ["hz-1/0-3"]), b.touch("2", ["hz-1/gpu0"], tenant=b.NEIGHBOUR)
    )
    assert {
        tenant: rule_of("PL-03", tenant)["verdict"] for tenant in (b.HOSPITAL, b.NEIGHBOUR)
    } == dict.fromkeys((b.HOSPITAL, b.NEIGHBOUR), "unverifiable")
    assert rule_of("TE-01")["verdict"] == "compliant"


def test_a_slot_whose_card_was_retired_may_be_another_of_the_node() -> None:
    retired = b.event(
        "card.retired",
        id="cr-1",
        node="hz-1",
        slot="7",
        effective_at=site.PERIOD[0] + 90 * 60_000,
        evidence="declared",
    )
    b.accept_all(
        *site.facts(),
        retired,
        b.touch("1", ["hz-1/0"]),
        b.touch("2", ["hz-1/7"], tenant=b.NEIGHBOUR),
    )
    assert rule_of("PL-03")["totals"] == {"compliant": 1800, "unverifiable": 1800}
    assert rule_of("PL-03", b.NEIGHBOUR)["totals"] == {"compliant": 1800, "unverifiable": 1800}


def test_two_unregistered_slots_of_a_node_without_inventory_are_two_cards() -> None:
    b.accept_all(
        *site.facts(), b.touch("1", ["bare/0"]), b.touch("2", ["bare/1"], tenant=b.NEIGHBOUR)
    )
    assert rule_of("PL-03")["verdict"] == "compliant"


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ("07", "'7'"),
        ("00-07", "'0-7'"),
        ("0,01", "'1'"),
        ("pci:0000:3B:00.0", "'pci:0000:3b:00.0'"),
        ("0000:AF:00.0", "'0000:af:00.0'"),
        ("PCI:0000:af:00.0", "'pci:0000:af:00.0'"),
        ("pci:00000000:3b:00.0", "'pci:0000:3b:00.0'"),
    ],
)
def test_a_second_spelling_of_a_slot_is_refused(slots: str, expected: str) -> None:
    b.accept_all(*site.facts())
    refusal = b.refused(b.touch("1", [f"hz-1/{slots}"]))
    assert (refusal.field, f"want {expected}" in refusal.received) == (
        "data.parts[0].cards[0]",
        True,
    ), refusal


def begun(
    id: str,
    tenant: str = b.HOSPITAL,
    cards: str = "hz-1/0",
    evidence: str = "observed",
    start: int = 1,
) -> b.Event:
    return b.event(
        "touch.started",
        id=f"start-{id}",
        source="slurm",
        tenant=tenant,
        touch=id,
        workload="w",
        parts=[{"cards": [cards]}],
        started_at=b.START + start * b.HOUR,
        evidence=evidence,
    )


def over(id: str, tenant: str = b.HOSPITAL, end: int = 2, evidence: str = "observed") -> b.Event:
    return b.event(
        "touch.ended",
        id=f"end-{id}",
        source="slurm",
        tenant=tenant,
        touch=id,
        ended_at=b.START + end * b.HOUR,
        evidence=evidence,
    )


def test_a_planned_end_makes_its_touch_planned() -> None:
    b.accept_all(*site.facts(), begun("1"), over("1", evidence="planned"))
    found = rule_of("PL-01")
    assert found["totals"] == {"unverifiable": 3600}
    assert found["blocks"][0]["reason"] == "evidence_below_grade"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_planned_end_frees_no_card_for_another_tenant(order: tuple[int, int]) -> None:
    told = [begun("1", b.NEIGHBOUR), over("1", b.NEIGHBOUR, evidence="planned")]
    b.accept_all(
        *site.facts(),
        *(told[place] for place in order),
        b.touch("2", ["hz-1/0"], start=b.hour(5), end=b.hour(6)),
        b.touch("3", ["hz-1/1"], start=b.hour(5), end=b.hour(6)),
    )
    assert rule_of("PL-03")["totals"] == {"non_compliant": 3600, "compliant": 3600}
    # The neighbour is judged over its own time only, in which it was alone.
    assert rule_of("PL-03", b.NEIGHBOUR)["totals"] == {"unverifiable": 3600}


def test_a_planned_end_before_the_period_frees_no_card_in_it() -> None:
    b.accept_all(
        *site.facts(),
        begun("1", b.NEIGHBOUR, start=-5),
        over("1", b.NEIGHBOUR, end=-4, evidence="planned"),
        b.touch("2", ["hz-1/0"]),
    )
    found = rule_of("PL-03")
    assert found["totals"] == {"non_compliant": 3600}
    assert found["blocks"][0]["to"] - found["blocks"][0]["from"] == b.HOUR


def test_an_observed_end_in_the_place_of_a_planned_one_frees_the_card() -> None:
    planned = over("1", b.NEIGHBOUR, evidence="planned")
    b.accept_all(
        *site.facts(),
        begun("1", b.NEIGHBOUR),
        planned,
        b.touch("2", ["hz-1/0"], start=b.hour(5), end=b.hour(6)),
    )
    b.accept_all(b.correction(planned, replacement=b.ended("1", tenant=b.NEIGHBOUR, end=b.hour(2))))
    assert rule_of("PL-03")["totals"] == {"compliant": 3600}


def site_whose_bastion_names(*cards: str) -> list[b.Event]:
    others = [fact for fact in site.facts() if fact["id"] != "s-2"]
    return [
        *others,
        b.stated(
            "source.declared", id="s-2", name="bastion", reports=["access"], cards=list(cards)
        ),
    ]


def hours(start: int, end: int) -> tuple[int, int]:
    return b.START + start * b.HOUR, b.START + end * b.HOUR


@pytest.mark.parametrize("earlier", [b.touch("1", ["hz-1/0"]), b.access("a1")])
def test_a_period_between_touches_does_not_make_unwatched_cards_covered(earlier: b.Event) -> None:
    b.accept_all(
        *site_whose_bastion_names("sg-1/0-7"),
        earlier,
        b.touch("2", ["hz-1/0"], start=b.hour(5), end=b.hour(6)),
    )
    unseen = [rule_of("OP-01", period=hours(*period)) for period in ((0, 10), (2, 5), (3, 4))]
    assert [found["verdict"] for found in unseen] == ["unverifiable"] * 3
    assert [block["reason"] for block in unseen[1]["blocks"]] == ["access_not_covered"]


def test_a_period_between_touches_is_covered_by_a_source_of_every_card() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["hz-1/0"]),
        b.touch("2", ["hz-1/0"], start=b.hour(5), end=b.hour(6)),
    )
    assert rule_of("OP-01", period=hours(2, 5))["verdict"] == "not_applicable"


def test_a_tenant_that_was_reached_has_something_to_reach_though_no_touch_is_known() -> None:
    b.accept_all(*site_whose_bastion_names("sg-1/0-7"), b.access("a1"))
    assert rule_of("OP-01")["totals"] == {"compliant": 1, "unverifiable": 1}
