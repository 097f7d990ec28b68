"""Whether a source's facts keep to what it declared."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.coverage.observed_scope import (
    NOTHING_OBSERVED,
    ObservedScope,
    SourceScopes,
    declared_cards,
    scopes_of,
)
from sovereignty.plane.errors import WorldError
from sovereignty.plane.world import Grade, ReportedScope, SourceDeclaration, Statement
from tests.sovereignty.policy.small_worlds import Maker, reporting

TOUCH: frozenset[FactFamily] = frozenset({"touch"})
LOW = ((0, 1),)
OUTSIDE = ObservedScope(outside_declared_cards=True)


def declared(cards: Any = LOW, name: str = "scout") -> SourceDeclaration:
    return SourceDeclaration(name, 0, 1, frozenset({"touch"}), cards, 60, 5, True, Grade.DECLARED)


def stated(subject: Any, source: str = "scout", **values: str) -> Statement:
    return Statement(subject, 0, Grade.DECLARED, source, 1, values)


def scopes(
    *reported: ReportedScope,
    declarations: Sequence[SourceDeclaration] = (declared(),),
    statements: Sequence[Statement] = (),
) -> SourceScopes:
    """The scopes of the source scout, on two nodes of two cards each, all known; both nodes stand
    in regions of their own."""
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.array([0, 0, 1, 1], dtype=np.int32),
        card_slot=["0", "1"] * 2,
        tenants=["t0", "t1"],
        statements=[
            stated(("cards", (0, 3)), "site", present="yes"),
            stated(("node", 0), "site", region="r0"),
            stated(("node", 1), "site", region="r1"),
            *statements,
        ],
        sources=list(declarations),
        reported_scope=reporting(reported),
    )
    return scopes_of(world, {"scout": declarations})["scout"]


def test_a_source_that_reported_nothing_keeps_to_its_declaration() -> None:
    kept = scopes()
    assert (kept.fleet, kept.of_tenants, kept.anywhere) == (NOTHING_OBSERVED, {}, NOTHING_OBSERVED)


def test_what_a_tenant_sees_is_its_own_trail_and_the_fleets() -> None:
    observed = scopes(
        ReportedScope("scout", None, 3),
        ReportedScope("scout", 0, 7, TOUCH),
        ReportedScope("scout", 1, 9, outside_declared_cards=True),
    )
    assert observed.fleet == ObservedScope(3)
    assert observed.seen_by(0) == ObservedScope(7, TOUCH)
    assert observed.seen_by(1) == ObservedScope(9, frozenset(), True)
    assert observed.anywhere == ObservedScope(9, TOUCH, True)


def test_a_tenant_without_facts_of_the_source_sees_the_fleets() -> None:
    assert scopes(ReportedScope("scout", None, 3)).seen_by(1) == ObservedScope(3)


def test_two_scopes_of_one_trail_are_one() -> None:
    observed = scopes(ReportedScope("scout", 0, 7), ReportedScope("scout", 0, 2, TOUCH))
    assert observed.seen_by(0) == ObservedScope(7, TOUCH)


def test_a_count_is_inside_the_declared_cards_of_whole_nodes_only() -> None:
    assert scopes(ReportedScope("scout", 0, nodes=frozenset({0}))).seen_by(0) == NOTHING_OBSERVED
    assert scopes(ReportedScope("scout", 0, nodes=frozenset({1}))).seen_by(0) == OUTSIDE
    in_part = (declared(((0, 0),)),)
    counted = ReportedScope("scout", 0, nodes=frozenset({0}))
    assert scopes(counted, declarations=in_part).seen_by(0) == OUTSIDE


def test_a_source_of_the_whole_fleet_is_never_outside() -> None:
    counted = ReportedScope("scout", 0, nodes=frozenset({1}))
    statements = [stated(("card", 3), vendor="A")]
    kept = scopes(counted, declarations=(declared(None),), statements=statements)
    assert kept.anywhere == NOTHING_OBSERVED


@pytest.mark.parametrize(
    ("subject", "is_outside"),
    [
        (("card", 1), False),
        (("card", 2), True),
        (("cards", (0, 1)), False),
        (("cards", (1, 2)), True),
        (("node", 0), False),
        (("node", 1), True),
        (("region", "r0"), False),
        (("region", "r1"), True),
        (("region", "empty"), False),
        (("tenant", 0), False),
    ],
)
def test_a_statement_about_other_cards_is_outside_for_every_tenant(
    subject: Any, is_outside: bool
) -> None:
    observed = scopes(statements=[stated(subject, country="CN")])
    expected = OUTSIDE if is_outside else NOTHING_OBSERVED
    assert (observed.fleet, observed.seen_by(1), observed.anywhere) == (expected,) * 3


def test_another_sources_statements_do_not_count() -> None:
    assert scopes(statements=[stated(("card", 3), "cmdb")]).anywhere == NOTHING_OBSERVED


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        (ReportedScope("scout", 2), "trail: want numbers from 0 below 2, got 2"),
        (
            ReportedScope("scout", None, nodes=frozenset({5})),
            "nodes: want numbers from 0 below 2, got 5",
        ),
    ],
)
def test_refuses_a_scope_of_unknown_trails_or_nodes(reported: ReportedScope, message: str) -> None:
    with pytest.raises(WorldError, match=message):
        scopes(reported)


def test_a_reach_holds_only_while_all_facts_keep_to_it() -> None:
    assert ObservedScope(5).reach_if_kept(5) == 5
    assert ObservedScope(6).reach_if_kept(5) is None
    assert ObservedScope(6).reach_if_kept(None) is None


def test_declared_cards_are_those_of_all_declarations_as_the_fewest_ranges() -> None:
    assert declared_cards([declared(((4, 5),)), declared(((0, 1), (2, 3)))]) == ((0, 5),)
    assert declared_cards([declared(((4, 5),)), declared(((0, 1),))]) == ((0, 1), (4, 5))
    assert declared_cards([declared(((4, 5),)), declared(None)]) is None
    assert declared_cards([]) == ()
