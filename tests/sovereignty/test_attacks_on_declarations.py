"""A source that declared little and speaks of more: a number that it lost hides what it spoke of,
not what it declared."""

from typing import Any

import pytest

from tests.sovereignty.small_site import (
    DAY,
    HOSPITAL,
    HOUR,
    NEIGHBOUR,
    PERIOD,
    event,
    site,
    stated,
    take,
    touch,
)
from tests.sovereignty.test_attacks import rule_of

pytestmark = pytest.mark.usefixtures("ledger")
# Numbers 1 and 3 of the hospital's trail, told after the period: nothing of the fleet's is missing.
HOLE = [
    event(
        "workload.declared", f"w-{number}", "scout", number, tenant=HOSPITAL, workload="w", effective_at=DAY + 11 * HOUR,
        evidence="declared",
    )
    for number in (1, 3)
]  # fmt: skip
KEPT = touch("1", ["hz-1/0"])


def scout(reports: list[str], **bounds: Any) -> list[bytes]:
    return [
        stated("source.declared", "s-9", name="scout", reports=reports, sequenced=True, **bounds),
        event("heartbeat", "h-9", source="scout", from_at=PERIOD[0], to_at=PERIOD[1]),
    ]


def of_scout(line: bytes, number: int, hour: int = 12) -> bytes:
    """The same fact, told by that source under this number of its trail, at an hour of the day."""
    said = line.replace(b'"source": "slurm"', b'"source": "scout"').replace(
        b'"source": "cmdb"', b'"source": "scout"'
    )
    said = said.replace(b'"source": "bastion"', b'"source": "scout"').replace(
        b"T12:00", b"T%02d:00" % hour
    )
    return said.replace(b'"source": "scout"', b'"source": "scout", "sequence": %d' % number)


def access(id: str) -> bytes:
    return event(
        "access.recorded", id, source="scout", tenant=HOSPITAL, access=id, person="li", started_at=DAY + 11 * HOUR,
        office_country="CN", physical_country="CN", employer_jurisdiction="CN", evidence="observed",
    )  # fmt: skip


@pytest.mark.parametrize(("back", "verdict"), [(2, "compliant"), (3, "unverifiable")])
@pytest.mark.parametrize("of", [HOSPITAL, NEIGHBOUR])
def test_a_fact_from_before_its_reach_disproves_the_reach(back: int, verdict: str, of: str) -> None:
    """The neighbour's fact too: it may have shared the card, and a lost one of whichever tenant."""
    told = of_scout(touch("2", ["hz-1/4"], of, 13 - back, 13), 4 if of == HOSPITAL else 1, 13)
    take(*site(), *scout(["touch"], reach_ms=2 * HOUR), *HOLE, KEPT, told)
    assert (rule_of("TE-01")["verdict"], rule_of("PL-03")["verdict"]) == (verdict, verdict)


@pytest.mark.parametrize(("hour", "verdict"), [(10, "compliant"), (9, "unverifiable")])
def test_a_reach_that_was_broken_in_the_fleets_trail_bounds_no_lost_statement(
    hour: int, verdict: str
) -> None:
    moved = event(
        "node.moved",
        "m-1",
        node="hz-1",
        region="cn-1",
        effective_at=DAY + hour * HOUR,
        evidence="declared",
    )
    later = event(
        "node.moved",
        "m-2",
        node="hz-1",
        region="cn-1",
        effective_at=DAY + 12 * HOUR,
        evidence="declared",
    )
    take(
        *site(),
        *scout(["inventory"], reach_ms=2 * HOUR),
        of_scout(moved, 1),
        of_scout(later, 3),
        KEPT,
    )
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-02", "TE-01")] == [verdict] * 3


def test_a_source_that_tells_of_accesses_undeclared_may_have_lost_one() -> None:
    take(*site(), *scout(["touch"]), *HOLE, KEPT)
    assert rule_of("OP-01")["verdict"] == "not_applicable"  # nobody reached in
    take(of_scout(access("a"), 4))
    assert rule_of("OP-01")["verdict"] == "unverifiable"


def test_a_source_that_tells_of_touches_undeclared_may_have_lost_one() -> None:
    take(*site(), *scout(["inventory"]), *HOLE, KEPT)
    assert rule_of("TE-01")["verdict"] == "compliant"
    take(of_scout(touch("2", ["hz-1/4"], start=10, end=11), 4))
    assert (rule_of("TE-01")["verdict"], rule_of("PL-03")["verdict"]) == (
        "unverifiable",
        "unverifiable",
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        [{"cards": ["hz-1/4"]}],
        [{"cards": ["nowhere/0"]}],
        [{"k": 1, "of": ["hz-1"]}],
        [{"k": 1, "of": None}],
    ],
)
def test_a_source_that_tells_of_other_cards_may_have_lost_a_touch_of_any(elsewhere: Any) -> None:
    take(
        *site(),
        *scout(["touch"], cards=["sg-1/0-7"]),
        *HOLE,
        KEPT,
        of_scout(touch("2", ["sg-1/0"], start=10, end=11), 4),
    )
    assert rule_of("TE-01")["verdict"] == "compliant"
    take(of_scout(touch("3", parts=elsewhere, start=10, end=11), 5))
    assert {block["reason"] for block in rule_of("TE-01")["blocks"]} == {"sequence_hole"}
    assert rule_of("PL-03")["verdict"] == "unverifiable"


@pytest.mark.parametrize(
    "strays",
    [
        event("node.moved", "m-1", node="hz-1", region="cn-1", effective_at=0, evidence="planned"),
        event(
            "card.retired",
            "c-1",
            node="hz-1",
            slot="7",
            effective_at=DAY + 12 * HOUR,
            evidence="declared",
        ),
        event(
            "region.declared",
            "r-9",
            region="cn-1",
            country="CN",
            effective_at=0,
            evidence="declared",
        ),
    ],
)
def test_a_source_that_states_other_cards_may_have_lost_a_statement_of_any(strays: bytes) -> None:
    own = event(
        "node.moved", "m-9", node="sg-1", region="sg-1", effective_at=0, evidence="declared"
    )
    take(
        *site(),
        *scout(["inventory"], cards=["sg-1/0-7"]),
        of_scout(own, 1),
        of_scout(own.replace(b"m-9", b"m-8"), 3),
        KEPT,
    )
    assert rule_of("PL-01")["verdict"] == "compliant"
    take(of_scout(strays, 4))
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-02", "TE-01")] == [
        "unverifiable"
    ] * 3


def test_a_source_of_which_nothing_is_missing_may_say_what_it_likes() -> None:
    take(*site(), *scout(["inventory"], cards=["sg-1/0"], reach_ms=0), KEPT)
    take(of_scout(touch("2", ["hz-1/4"], start=4, end=5), 1), of_scout(access("a"), 2))
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-03", "TE-01")] == ["compliant"] * 3
    assert rule_of("OP-01")["verdict"] == "not_applicable"
