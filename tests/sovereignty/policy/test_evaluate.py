"""A report: its shape to the byte, its scope, its rounding, its summaries."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from audit.tlog import canonical
from sovereignty.plane.errors import WorldError
from sovereignty.plane.world import (
    Access,
    Grade,
    Heard,
    KPart,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
    World,
)
from sovereignty.policy.errors import PolicyError
from sovereignty.policy.evaluate import evaluate
from sovereignty.policy.judging.findings import MOST_BLOCKS
from tests.sovereignty.policy.small_worlds import STAGES, policy, runs_of, touches_of

NODES, SLOTS = 4, 4
CARDS = NODES * SLOTS
END = 100_000


def world(touches: Any, runs: Any, **changes: Any) -> Any:
    """Ada's hospital and Ruth's ministry on sixteen good cards, wholly covered. Touches are (id,
    tenant, start, end)."""
    chips = {f"{stage}_country": "CN" for stage in STAGES}
    said = Grade.DECLARED, "site"
    reports: Any = frozenset({"touch", "access"})
    good = World(
        nodes=[f"hz-a-{n}" for n in range(NODES)],
        card_node=np.repeat(np.arange(NODES, dtype=np.int32), SLOTS),
        card_slot=[str(card % SLOTS) for card in range(CARDS)],
        tenants=["st-mary", "ministry"],
        workloads=["triage", "census"],
        statements=[
            Statement(("region", "cn-1"), 0, *said, 1, {"country": "CN"}),
            *(Statement(("node", node), 0, *said, 2, {"region": "cn-1"}) for node in range(NODES)),
            Statement(("cards", (0, CARDS - 1)), 0, *said, 3, chips | {"present": "yes"}),
            Statement(("tenant", 0), 0, *said, 4, {"sector": "hospital"}),
        ],
        touches=touches_of(
            [(key, tenant, tenant, start, end, 3) for key, tenant, start, end in touches]
        ),
        runs=runs_of(runs),
        parts=[],
        accesses=[],
        sources=[SourceDeclaration("slurm", 0, 1, reports, None, 60_000, 0, True, Grade.DECLARED)],
        heard=[Heard("slurm", 0, END, None)],
        sequences=[],
    )
    return replace(good, **changes)


def report(fleet: Any, asked: Any = None, **more: Any) -> Any:
    question: Any = {"period": (0, END), "position": 7} | more
    return evaluate(fleet, asked or policy(), **question)


def part(told: Any, tenant: Any, rule: Any) -> Any:
    (of_tenant,) = [each for each in told["tenants"] if each["tenant"] == tenant]
    (of_rule,) = [each for each in of_tenant["rules"] if each["rule"] == rule]
    return of_rule


def test_an_orderly_month_to_the_byte() -> None:
    told = report(
        world([("j1", 0, 0, 50_000)], [(0, 0, 7, 0, 50_000)]),
        policy(rules=("PL-01", "OP-01")),
        scope=["st-mary"],
    )
    digest = policy(rules=("PL-01", "OP-01")).digest
    assert canonical.encode(told) == canonical.encode(
        {
            "format": "domicile/report/v1",
            "policy": digest,
            "rules": {"OP-01": "2.3.0", "PL-01": "2.3.0"},
            "scope": {"tenants": ["st-mary"]},
            "period": {"from": 0, "to": END},
            "position": 7,
            "tenants": [
                {
                    "tenant": "st-mary",
                    "touches": 1,
                    "card_touches": 8,
                    "card_seconds": 400,
                    "verdict": "compliant",
                    "rules": [
                        {
                            "rule": "OP-01",
                            "unit": "accesses",
                            "verdict": "not_applicable",
                            "totals": {},
                            "blocks": [],
                        },
                        {
                            "rule": "PL-01",
                            "unit": "card_seconds",
                            "verdict": "compliant",
                            "totals": {"compliant": 400},
                            "blocks": [],
                        },
                    ],
                }
            ],
        }
    )


def test_shared_cards_are_told_to_both_once_per_pair_of_touches() -> None:
    fleet = world(
        [("j1", 0, 0, 50_000), ("j2", 1, 40_000, 90_000)],
        [(0, 0, 7, 0, 50_000), (1, 4, 11, 40_000, 90_000)],
    )
    ours, theirs = part(report(fleet), "st-mary", "PL-03"), part(report(fleet), "ministry", "PL-03")
    assert ours["totals"] == {"compliant": 8 * 50 - 4 * 10, "non_compliant": 4 * 10}
    assert ours["blocks"] == [
        {
            "rule": "PL-03",
            "verdict": "non_compliant",
            "reason": "shared_card",
            "touch": "j1",
            "workload": "triage",
            "cards": ["hz-a-1/0-3"],
            "from": 40_000,
            "to": 50_000,
            "card_seconds": 40,
            "detail": {},
            "other": {"tenant": "ministry", "touch": "j2"},
        }
    ]
    assert theirs["blocks"][0]["other"] == {"tenant": "st-mary", "touch": "j1"}


def test_a_tenant_may_overlap_itself() -> None:
    fleet = world(
        [("j1", 0, 0, 50_000), ("j2", 0, 0, 50_000)], [(0, 0, 7, 0, 50_000), (1, 0, 7, 0, 50_000)]
    )
    assert part(report(fleet), "st-mary", "PL-03")["totals"] == {"compliant": 800}


def test_a_count_without_cards_says_so() -> None:
    fleet = world([("j1", 0, 0, 50_000)], [], parts=[KPart(0, 3, None)])
    (block,) = part(report(fleet), "st-mary", "TE-01")["blocks"]
    assert (block["reason"], block["k"], block["of"], block["cards"], block["card_seconds"]) == (
        "cards_unknown",
        3,
        None,
        [],
        150,
    )


def test_a_count_among_good_cards_is_compliant() -> None:
    fleet = world([("j1", 0, 0, 50_000)], [], parts=[KPart(0, 3, (0, 1))])
    assert {rule["verdict"] for rule in report(fleet)["tenants"][1]["rules"]} == {
        "compliant",
        "not_applicable",
    }


def test_more_cards_than_the_nodes_have_are_unknown() -> None:
    fleet = world([("j1", 0, 0, 50_000)], [], parts=[KPart(0, SLOTS + 1, (0,))])
    assert part(report(fleet), "st-mary", "PL-01")["verdict"] == "unverifiable"


def test_a_planned_touch_proves_nothing() -> None:
    fleet = world([("j1", 0, 0, 50_000)], [(0, 0, 7, 0, 50_000)])
    planned = replace(fleet, touches=replace(fleet.touches, grade=np.zeros(1, dtype=np.int8)))
    for rule in ("PL-01", "PL-02", "PL-03", "TE-01"):
        (block,) = part(report(planned), "st-mary", rule)["blocks"]
        assert (block["verdict"], block["reason"]) == ("unverifiable", "evidence_below_grade")


def test_good_seconds_are_rounded_down_and_others_up() -> None:
    fleet = world(
        [("j1", 0, 0, 1_999)], [(0, 0, 0, 0, 1_999)], heard=[Heard("slurm", 0, 1_001, None)]
    )
    assert part(report(fleet), "st-mary", "TE-01")["totals"] == {"compliant": 1, "unverifiable": 1}
    assert part(report(fleet), "st-mary", "PL-01")["totals"] == {"compliant": 1}


def test_a_verdict_that_rounds_away_still_counts() -> None:
    told = part(report(world([("j1", 0, 0, 400)], [(0, 0, 0, 0, 400)])), "st-mary", "PL-01")
    assert (told["verdict"], told["totals"]) == ("compliant", {})


def test_not_applicable_seconds_are_rounded_down_as_on_pages() -> None:
    fleet = world([("j1", 0, 0, 1_500)], [(0, 0, 0, 0, 1_500)])
    told = part(report(fleet, policy(sectors=["ministry"])), "st-mary", "PL-01")
    assert told["totals"] == {"not_applicable": 1}


def test_that_a_rule_did_not_apply_is_said_even_of_less_than_a_second() -> None:
    fleet = world([("j1", 0, 0, 400)], [(0, 0, 0, 0, 400)])
    told = part(report(fleet, policy(sectors=["ministry"])), "st-mary", "PL-01")
    assert (told["verdict"], told["totals"]) == ("not_applicable", {"not_applicable": 0})


def test_out_of_scope_tenants_are_company_all_the_same() -> None:
    fleet = world(
        [("j1", 0, 0, 50_000), ("j2", 1, 0, 50_000)], [(0, 0, 7, 0, 50_000), (1, 7, 7, 0, 50_000)]
    )
    told = report(fleet, scope=["st-mary", "st-mary"])
    assert told["scope"] == {"tenants": ["st-mary"]}
    assert [each["tenant"] for each in told["tenants"]] == ["st-mary"]
    assert part(told, "st-mary", "PL-03")["totals"]["non_compliant"] == 50


def test_refuses_a_scope_of_unknown_tenants() -> None:
    with pytest.raises(PolicyError, match="scope: want tenants of this world, got 'nobody'"):
        report(world([], []), scope=["st-mary", "nobody"])


def test_refuses_an_impossible_period() -> None:
    with pytest.raises(
        WorldError, match="period: want a start from 0 and before its end, got 5 to 5"
    ):
        report(world([], []), period=(5, 5))


def test_a_policy_of_other_sectors_does_not_apply_but_to_the_unknown() -> None:
    fleet = world(
        [("j1", 0, 0, 50_000), ("j2", 1, 0, 50_000)], [(0, 0, 7, 0, 50_000), (1, 8, 8, 0, 50_000)]
    )
    told = report(fleet, policy(sectors=["ministry"]))
    assert part(told, "st-mary", "PL-01")["totals"] == {"not_applicable": 400}
    assert part(told, "ministry", "PL-01")["totals"] == {"compliant": 50}


def test_a_sector_may_change_during_a_touch() -> None:
    fleet = world([("j1", 0, 0, 50_000)], [(0, 0, 7, 0, 50_000)])
    moved = Statement(("tenant", 0), 20_000, Grade.DECLARED, "site", 9, {"sector": "ministry"})
    told = report(
        replace(fleet, statements=[*fleet.statements, moved]), policy(sectors=["ministry"])
    )
    assert part(told, "st-mary", "TE-01")["totals"] == {"not_applicable": 160, "compliant": 240}


def test_progress_reaches_its_end() -> None:
    seen = []
    fleet = world(
        [("j1", 0, 0, 50_000), ("j2", 1, 0, 50_000)], [(0, 0, 7, 0, 50_000), (1, 7, 7, 0, 50_000)]
    )
    report(fleet, progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_world_of_nothing_is_reported() -> None:
    empty = replace(
        world([], []),
        nodes=[],
        card_node=np.zeros(0, dtype=np.int32),
        card_slot=[],
        statements=[],
        tenants=[],
        workloads=[],
    )
    assert report(empty)["tenants"] == []


def many(count: Any) -> Any:
    """A touch of card 0 for one second every second, on nobody's word but the last heartbeat's."""
    touches = [(f"j{n}", 0, 2_000 * n, 2_000 * n + 1_000) for n in range(count)]
    runs = [(n, n % 3, n % 3, 2_000 * n, 2_000 * n + 1_000) for n in range(count)]
    return world(touches, runs, heard=[])


def test_a_thousand_findings_of_a_kind_are_listed() -> None:
    told = part(report(many(MOST_BLOCKS), period=(0, 10**7)), "st-mary", "TE-01")
    assert len(told["blocks"]) == MOST_BLOCKS
    assert told["totals"] == {"unverifiable": MOST_BLOCKS}


def test_one_more_is_a_summary_that_counts_them_all() -> None:
    count = MOST_BLOCKS + 1
    told = part(report(many(count), period=(0, 10**7)), "st-mary", "TE-01")
    assert told["blocks"] == [
        {
            "rule": "TE-01",
            "verdict": "unverifiable",
            "reason": "not_covered",
            "summary": True,
            "blocks": count,
            "touches": count,
            "cards": 3,
            "from": 0,
            "to": 2_000 * count - 1_000,
            "card_seconds": count,
        }
    ]


def test_a_summary_of_sharing_counts_shared_time_once() -> None:
    count = MOST_BLOCKS + 1
    touches = [("long", 0, 0, 10_000), *((f"j{n}", 1, 0, 10_000) for n in range(count))]
    runs = [(0, 0, 3, 0, 10_000), *((n + 1, n % 2, n % 2, 0, 10_000) for n in range(count))]
    told = part(report(world(touches, runs)), "st-mary", "PL-03")
    (summary,) = told["blocks"]
    assert (summary["blocks"], summary["touches"], summary["cards"], summary["card_seconds"]) == (
        count,
        1,
        2,
        20,
    )
    assert told["totals"] == {"non_compliant": 20, "compliant": 20}


def test_a_summary_counts_the_cards_of_parts() -> None:
    touches = [(f"j{n}", 0, 0, 10_000) for n in range(MOST_BLOCKS + 2)]
    fleet = world(touches, [], parts=[KPart(n, 2, None) for n in range(MOST_BLOCKS + 2)])
    (summary,) = part(report(fleet), "st-mary", "PL-01")["blocks"]
    assert (summary["cards"], summary["card_seconds"]) == (
        2 * (MOST_BLOCKS + 2),
        20 * (MOST_BLOCKS + 2),
    )


def login(
    number: Any,
    at: Any,
    end: Any = None,
    physical: Any = "CN",
    tenant: Any = 0,
    grade: Any = Grade.OBSERVED,
) -> Any:
    return Access(f"a{number}", tenant, 0, "enzo", at, end, "CN", physical, "CN", None, grade)


def test_accesses_are_judged_one_by_one() -> None:
    accesses = [
        login(1, 5),
        login(2, 6, 9, "SG"),
        login(3, 7, None, None),
        login(4, END),
        login(5, 8, grade=Grade.PLANNED),
    ]
    told = part(report(world([], [], accesses=accesses)), "st-mary", "OP-01")
    assert told["totals"] == {"compliant": 1, "non_compliant": 1, "unverifiable": 2}
    assert told["blocks"][0] == {
        "rule": "OP-01",
        "verdict": "non_compliant",
        "reason": "operator_foreign",
        "access": "a2",
        "person": "enzo",
        "workload": "triage",
        "at": 6,
        "to": 9,
        "detail": {"country": "SG", "field": "physical_country"},
    }
    assert [(block["access"], block["reason"]) for block in told["blocks"][1:]] == [
        ("a5", "evidence_below_grade"),
        ("a3", "operator_unknown"),
    ]


def test_no_access_and_no_covered_source_is_unverifiable_where_there_are_touches() -> None:
    fleet = world(
        [("j1", 0, 0, 50_000)], [(0, 0, 7, 0, 50_000)], heard=[Heard("slurm", 0, 30_000, None)]
    )
    told = part(report(fleet), "st-mary", "OP-01")
    assert (told["verdict"], told["totals"]) == ("unverifiable", {"unverifiable": 1})
    assert (told["blocks"][0]["from"], told["blocks"][0]["to"]) == (30_000, END)
    assert part(report(fleet), "ministry", "OP-01")["verdict"] == "not_applicable"


def test_a_lost_record_of_one_tenant_leaves_its_accesses_unproven_only() -> None:
    hole = SequenceNumbers("slurm", 0, np.array([1, 3]), np.array([20_000, 40_000]), 3)
    touches, runs = (
        [("j1", 0, 0, 50_000), ("j2", 1, 0, 50_000)],
        [(0, 0, 0, 0, 50_000), (1, 1, 1, 0, 50_000)],
    )
    told = report(world(touches, runs, sequences=[hole]))
    assert part(told, "st-mary", "OP-01")["blocks"][0]["from"] == 20_000
    assert part(told, "ministry", "OP-01")["totals"] == {}
    # But a lost touch may have shared any tenant's cards.
    assert part(told, "ministry", "PL-03")["totals"] == {"compliant": 30, "unverifiable": 20}


def test_accesses_of_a_kind_are_summarised_too() -> None:
    accesses = [login(n, n, n + 1, "SG") for n in range(MOST_BLOCKS + 1)]
    told = part(report(world([], [], accesses=accesses)), "st-mary", "OP-01")
    assert told["totals"] == {"non_compliant": MOST_BLOCKS + 1}
    assert told["blocks"] == [
        {
            "rule": "OP-01",
            "verdict": "non_compliant",
            "reason": "operator_foreign",
            "summary": True,
            "blocks": MOST_BLOCKS + 1,
            "accesses": MOST_BLOCKS + 1,
            "from": 0,
            "to": MOST_BLOCKS + 1,
        }
    ]


def gate(name: Any, *cards: Any) -> Any:
    return SourceDeclaration(
        name, 0, 1, frozenset({"access"}), cards, 60_000, 0, True, Grade.DECLARED
    )


def test_a_gate_before_cards_that_nobody_uses_proves_nothing() -> None:
    """The attack: declare a gate before the last card, keep it heard, let people in elsewhere."""
    slurm = SourceDeclaration(
        "slurm", 0, 1, frozenset({"touch"}), None, 60_000, 0, True, Grade.DECLARED
    )
    fleet = world(
        [("j1", 0, 0, END)],
        [(0, 0, 7, 0, END)],
        accesses=[login(1, 5)],
        heard=[Heard("g", 0, END, None), Heard("slurm", 0, END, None)],
    )
    beside = part(report(replace(fleet, sources=[slurm, gate("g", (8, 15))])), "st-mary", "OP-01")
    assert beside["totals"] == {"compliant": 1, "unverifiable": 1}
    assert [(block["reason"], block["from"], block["to"]) for block in beside["blocks"]] == [
        ("access_not_covered", 0, END)
    ]
    before = part(report(replace(fleet, sources=[slurm, gate("g", (0, 15))])), "st-mary", "OP-01")
    assert before["totals"] == {"compliant": 1}


def hospital_then_ministry_then_hospital(*accesses: Any) -> Any:
    """Ada's hospital counts as a ministry from 20,000 to 40,000; asked of 10,000 to END by a policy
    of ministries."""
    fleet = world([], [], accesses=list(accesses))
    said = [
        Statement(("tenant", 0), at, Grade.DECLARED, "site", at, {"sector": sector})
        for at, sector in ((20_000, "ministry"), (40_000, "hospital"))
    ]
    told = report(
        replace(fleet, statements=[*fleet.statements, *said]),
        policy(sectors=["ministry"]),
        period=(10_000, END),
    )
    return part(told, "st-mary", "OP-01")["totals"]


def test_an_access_is_judged_if_the_policy_applies_at_any_time_of_it() -> None:
    """The attack: reach in a moment before the policy begins to apply, and stay."""
    assert hospital_then_ministry_then_hospital(login(1, 19_999, 20_001, "SG")) == {
        "non_compliant": 1
    }
    assert hospital_then_ministry_then_hospital(login(1, 39_999, 90_000, "SG")) == {
        "non_compliant": 1
    }
    assert hospital_then_ministry_then_hospital(login(1, 19_999, 20_000, "SG")) == {
        "not_applicable": 1
    }
    assert hospital_then_ministry_then_hospital(login(1, 40_000, 90_000, "SG")) == {
        "not_applicable": 1
    }


def test_a_session_from_before_the_period_that_still_lasts_is_judged() -> None:
    assert hospital_then_ministry_then_hospital(login(1, 5, END * 2, "SG")) == {"non_compliant": 1}
    assert hospital_then_ministry_then_hospital(login(1, 5, 10_001, "SG")) == {"not_applicable": 1}
    assert hospital_then_ministry_then_hospital(login(1, 5, 10_000, "SG")) == {}
    assert hospital_then_ministry_then_hospital(login(1, 5, None, "SG")) == {}


def test_an_access_is_not_judged_while_the_policy_does_not_apply() -> None:
    told = report(
        world([], [], accesses=[login(1, 5, physical="SG")]), policy(sectors=["ministry"])
    )
    assert part(told, "st-mary", "OP-01")["totals"] == {"not_applicable": 1}
