"""A source that declared little and speaks of more: a number that it lost hides what it spoke of,
not what it declared."""

from typing import Any

import pytest

from tests import builders as b
from tests.sovereignty import small_site as site
from tests.sovereignty.test_attacks import rule_of

pytestmark = pytest.mark.usefixtures("ledger")
# Numbers 1 and 3 of the hospital's trail, told after the period: nothing of the fleet's is missing.
HOLE = [
    b.workload("w", kind=None, source="scout", sequence=number, effective_at=b.hour(11))
    for number in (1, 3)
]
KEPT = b.touch("1", ["hz-1/0"])


def scout(reports: list[str], **bounds: Any) -> list[b.Event]:
    return [
        b.stated(
            "source.declared", id="s-9", name="scout", reports=reports, sequenced=True, **bounds
        ),
        b.event(
            "heartbeat", id="h-9", source="scout", from_at=site.PERIOD[0], to_at=site.PERIOD[1]
        ),
    ]


def of_scout(event: b.Event, number: int, hour: int = 12) -> b.Event:
    """The same fact, told by that source under this number of its trail, at an hour of the day."""
    return event | {
        "source": "scout",
        "sequence": number,
        "time": f"2026-01-02T{hour:02}:00:00Z",
    }


def access(id: str) -> b.Event:
    return b.event(
        "access.recorded",
        id=id,
        source="scout",
        tenant=b.HOSPITAL,
        access=id,
        person="li",
        started_at=b.START + 11 * b.HOUR,
        office_country="CN",
        physical_country="CN",
        employer_jurisdiction="CN",
        evidence="observed",
    )


@pytest.mark.parametrize(("back", "verdict"), [(2, "compliant"), (3, "unverifiable")])
@pytest.mark.parametrize("of", [b.HOSPITAL, b.NEIGHBOUR])
def test_a_fact_from_before_its_reach_disproves_the_reach(back: int, verdict: str, of: str) -> None:
    """The neighbour's fact too: it may have shared the card, and a lost one of whichever tenant."""
    told = of_scout(
        b.touch("2", ["hz-1/4"], tenant=of, start=b.hour(13 - back), end=b.hour(13)),
        4 if of == b.HOSPITAL else 1,
        13,
    )
    b.accept_all(*site.facts(), *scout(["touch"], reach_ms=2 * b.HOUR), *HOLE, KEPT, told)
    assert (rule_of("TE-01")["verdict"], rule_of("PL-03")["verdict"]) == (verdict, verdict)


@pytest.mark.parametrize(("hour", "verdict"), [(10, "compliant"), (9, "unverifiable")])
def test_a_reach_that_was_broken_in_the_fleets_trail_bounds_no_lost_statement(
    hour: int, verdict: str
) -> None:
    moved = b.event(
        "node.moved",
        id="m-1",
        node="hz-1",
        region="cn-1",
        effective_at=b.START + hour * b.HOUR,
        evidence="declared",
    )
    later = b.event(
        "node.moved",
        id="m-2",
        node="hz-1",
        region="cn-1",
        effective_at=b.START + 12 * b.HOUR,
        evidence="declared",
    )
    b.accept_all(
        *site.facts(),
        *scout(["inventory"], reach_ms=2 * b.HOUR),
        of_scout(moved, 1),
        of_scout(later, 3),
        KEPT,
    )
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-02", "TE-01")] == [verdict] * 3


def test_a_source_that_tells_of_accesses_undeclared_may_have_lost_one() -> None:
    b.accept_all(*site.facts(), *scout(["touch"]), *HOLE, KEPT)
    assert rule_of("OP-01")["verdict"] == "not_applicable"  # nobody reached in
    b.accept_all(of_scout(access("a"), 4))
    assert rule_of("OP-01")["verdict"] == "unverifiable"


def test_a_source_that_tells_of_touches_undeclared_may_have_lost_one() -> None:
    b.accept_all(*site.facts(), *scout(["inventory"]), *HOLE, KEPT)
    assert rule_of("TE-01")["verdict"] == "compliant"
    b.accept_all(of_scout(b.touch("2", ["hz-1/4"], start=b.hour(10), end=b.hour(11)), 4))
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
    b.accept_all(
        *site.facts(),
        *scout(["touch"], cards=["sg-1/0-7"]),
        *HOLE,
        KEPT,
        of_scout(b.touch("2", ["sg-1/0"], start=b.hour(10), end=b.hour(11)), 4),
    )
    assert rule_of("TE-01")["verdict"] == "compliant"
    b.accept_all(of_scout(b.touch("3", parts=elsewhere, start=b.hour(10), end=b.hour(11)), 5))
    assert {block["reason"] for block in rule_of("TE-01")["blocks"]} == {"sequence_hole"}
    assert rule_of("PL-03")["verdict"] == "unverifiable"


@pytest.mark.parametrize(
    "strays",
    [
        b.event(
            "node.moved", id="m-1", node="hz-1", region="cn-1", effective_at=0, evidence="planned"
        ),
        b.event(
            "card.retired",
            id="c-1",
            node="hz-1",
            slot="7",
            effective_at=b.START + 12 * b.HOUR,
            evidence="declared",
        ),
        b.event(
            "region.declared",
            id="r-9",
            region="cn-1",
            country="CN",
            effective_at=0,
            evidence="declared",
        ),
    ],
)
def test_a_source_that_states_other_cards_may_have_lost_a_statement_of_any(strays: b.Event) -> None:
    own = b.event(
        "node.moved", id="m-9", node="sg-1", region="sg-1", effective_at=0, evidence="declared"
    )
    b.accept_all(
        *site.facts(),
        *scout(["inventory"], cards=["sg-1/0-7"]),
        of_scout(own, 1),
        of_scout(own | {"id": "m-8"}, 3),
        KEPT,
    )
    assert rule_of("PL-01")["verdict"] == "compliant"
    b.accept_all(of_scout(strays, 4))
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-02", "TE-01")] == [
        "unverifiable"
    ] * 3


def test_a_source_of_which_nothing_is_missing_may_say_what_it_likes() -> None:
    b.accept_all(*site.facts(), *scout(["inventory"], cards=["sg-1/0"], reach_ms=0), KEPT)
    b.accept_all(
        of_scout(b.touch("2", ["hz-1/4"], start=b.hour(4), end=b.hour(5)), 1),
        of_scout(access("a"), 2),
    )
    assert [rule_of(rule)["verdict"] for rule in ("PL-01", "PL-03", "TE-01")] == ["compliant"] * 3
    assert rule_of("OP-01")["verdict"] == "not_applicable"
