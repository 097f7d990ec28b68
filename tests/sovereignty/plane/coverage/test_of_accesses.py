"""When every access would have been reported."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.coverage import of_accesses
from sovereignty.plane.coverage.of_accesses import AccessCoverage
from sovereignty.plane.coverage.sources import sources_of
from sovereignty.plane.runs import rows_in
from sovereignty.plane.world import (
    OPEN,
    Access,
    Grade,
    Heard,
    KPart,
    ReportedScope,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
)
from tests.sovereignty.policy.small_worlds import Maker, reporting, runs_of, touches_of

LOW, HIGH, ALL = ((0, 2),), ((3, 5),), ((0, 5),)


def declared(
    name: Any = "gate",
    at: Any = 0,
    cards: Any = None,
    reports: Any = ("access",),
    grade: Any = Grade.DECLARED,
) -> Any:
    return SourceDeclaration(name, at, 1, frozenset(reports), cards, 60, 5, True, grade)


def gaps(*args: Any, **kwargs: Any) -> Any:
    """The gaps of a tenant, whoever is at fault; arguments as those of `missing`."""
    return of_accesses.gaps(missing(*args, **kwargs))


def missing(
    sources: Any = (),
    heard: Any = (),
    sequences: Any = (),
    tenant: Any = 0,
    used: Any = ((0, 100, ALL),),
    parts: Any = (),
    accesses: Any = (),
    earlier: Any = (),
    reported: Any = (),
) -> Any:
    """What is missing of a tenant that used cards over intervals, on two nodes of three cards each;
    tenant 1 used nothing.

    A grade may follow the cards; a part is (start, end, k, nodes), an access (tenant, at)."""
    rows = [(f"j{n}", 0, 0, at, to, (*grade, 3)[0]) for n, (at, to, _, *grade) in enumerate(used)]
    runs = [
        (n, first, last, at, to)
        for n, (at, to, cards, *_) in enumerate(used)
        for first, last in cards
    ]
    part_rows = [(f"k{n}", 0, 0, at, to, 3) for n, (at, to, *_) in enumerate(parts)]
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1"],
        card_node=np.array([0, 0, 0, 1, 1, 1], dtype=np.int32),
        card_slot=["0", "1", "2"] * 2,
        tenants=["t0", "t1"],
        statements=[Statement(("cards", (0, 5)), 0, Grade.DECLARED, "site", 1, {"present": "yes"})],
        touches=touches_of([*rows, *part_rows]),
        runs=runs_of(runs),
        parts=[KPart(len(rows) + n, k, nodes) for n, (_, _, k, nodes) in enumerate(parts)],
        accesses=[
            Access("a", accessed, None, "li", at, None, "CN", "CN", "CN", None, Grade.OBSERVED)
            for accessed, at in accesses
        ],
        sources=list(sources),
        heard=list(heard),
        sequences=list(sequences),
        earlier=frozenset(earlier),
        reported_scope=reporting(reported),
    )
    known = sources_of(world, Grade.DECLARED, 100)
    return AccessCoverage(world, rows_in(world, 0, 100), known, Grade.DECLARED, 0, 100).missing(
        tenant
    )


def sequence(known: Any, trail: Any = 0, name: Any = "gate") -> Any:
    return SequenceNumbers(
        name,
        trail,
        np.array(list(known), dtype=np.int64),
        np.array(list(known.values()), dtype=np.int64),
    )


def always(*names: Any) -> Any:
    return [Heard(name, 0, 100, None) for name in names]


def test_nobody_reports_accesses() -> None:
    assert gaps() == ((0, 100),)
    assert gaps([declared(reports=("touch",))], always("gate")) == ((0, 100),)


def test_a_tenant_that_used_nothing_has_nothing_to_access() -> None:
    assert gaps(tenant=1) == ()
    assert gaps(used=()) == ()


def test_a_source_covers_while_it_is_declared_and_heard() -> None:
    assert gaps([declared(at=10)], [Heard("gate", 0, 80, None)]) == ((0, 10), (80, 100))


def test_a_source_below_the_least_grade_covers_nothing() -> None:
    assert gaps([declared(grade=Grade.PLANNED)], always("gate")) == ((0, 100),)


def test_a_source_of_other_cards_covers_nothing() -> None:
    """The attack: a gate before three cards nobody uses, always heard, stood for every tenant."""
    assert gaps([declared(cards=LOW)], always("gate"), used=[(0, 100, HIGH)]) == ((0, 100),)


def test_a_source_of_no_cards_covers_nothing() -> None:
    assert gaps([declared(cards=())], always("gate")) == ((0, 100),)


def test_a_source_of_some_cards_covers_those() -> None:
    gate = [declared(cards=LOW)]
    assert gaps(gate, always("gate"), used=[(0, 60, LOW), (40, 100, HIGH)]) == ((40, 100),)
    assert gaps(gate, always("gate"), used=[(0, 100, LOW)]) == ()
    assert gaps(gate, always("gate"), used=[(0, 100, ((2, 3),))]) == ((0, 100),)


def test_two_sources_cover_their_own_cards_each() -> None:
    sources = [declared(cards=LOW), declared("door", cards=HIGH)]
    assert gaps(sources, always("gate", "door")) == ()
    heard = [Heard("gate", 0, 50, None), Heard("door", 50, 100, None)]
    assert gaps(sources, heard) == ((0, 100),)
    assert gaps(sources, heard, used=[(0, 50, LOW), (50, 100, HIGH)]) == ()


def test_every_source_that_must_report_must_be_heard() -> None:
    """Of two gates before the same cards, the one that was silent may have let somebody in."""
    heard = [Heard("gate", 0, 50, None), Heard("door", 50, 100, None)]
    assert gaps([declared(), declared("door")], heard) == ((0, 100),)
    assert gaps(
        [declared(), declared("door", cards=LOW)], [*always("gate"), Heard("door", 0, 70, None)]
    ) == ((70, 100),)
    assert (
        gaps([declared(), declared("door", cards=LOW)], always("gate"), used=[(0, 100, HIGH)]) == ()
    )


def test_heartbeats_about_some_cards_cover_those() -> None:
    heard = [Heard("gate", 0, 60, ((0, 3),)), Heard("gate", 20, 100, ((3, 5),))]
    assert gaps([declared()], heard) == ((0, 20), (60, 100))
    assert gaps([declared(cards=LOW)], heard, used=[(0, 100, LOW)]) == ((60, 100),)


def test_between_touches_all_cards_of_the_tenant_must_be_covered() -> None:
    """Its data stay where its workloads ran: an idle hour is no open door."""
    sources, used = (
        [declared(cards=LOW), declared("door", cards=HIGH)],
        [(0, 20, LOW), (40, 60, HIGH)],
    )
    assert gaps(sources, always("gate"), used=used) == ((20, 100),)
    assert gaps([declared(cards=LOW)], always("gate"), used=[(0, 20, LOW)]) == ()


def test_an_unaccepted_touch_does_not_say_where_the_tenant_was() -> None:
    used = [(0, 50, ((1, 4),)), (50, 100, LOW, Grade.PLANNED)]
    assert gaps([declared(cards=LOW), declared("door", cards=HIGH)], always("gate"), used=used) == (
        (0, 100),
    )


def test_for_a_count_every_card_that_may_be_meant_must_be_covered() -> None:
    gate = [declared(cards=LOW)]
    assert gaps(gate, always("gate"), used=(), parts=[(0, 100, 2, (0,))]) == ()
    assert gaps(gate, always("gate"), used=(), parts=[(0, 100, 2, (0, 1))]) == ((0, 100),)
    assert gaps(gate, always("gate"), used=(), parts=[(0, 100, 2, None)]) == ((0, 100),)


def test_a_card_that_nobody_named_is_covered_by_a_source_of_the_whole_fleet_alone() -> None:
    for more_than_named in ((0, 100, 4, (0,)), (0, 100, 1, None)):
        assert gaps([declared(cards=ALL)], always("gate"), used=(), parts=[more_than_named]) == (
            (0, 100),
        )
        assert gaps([declared()], always("gate"), used=(), parts=[more_than_named]) == ()


def test_no_source_makes_up_for_anothers_missing_number() -> None:
    sources, sequences = [declared(), declared("door")], [sequence({1: 20, 3: 60}, name="door")]
    assert gaps(sources, always("gate", "door"), sequences) == ((15, 60),)
    assert gaps(sources, always("gate", "door"), sequences, tenant=1) == ()
    assert gaps(
        sources, always("gate", "door"), [sequence({1: 20, 3: 60}, 1, "door")], tenant=1
    ) == ((15, 60),)


def test_from_a_missing_fleet_fact_on_the_source_covers_nothing() -> None:
    assert gaps([declared()], always("gate"), [sequence({1: 20, 3: 60}, trail=None)]) == (
        (15, 100),
    )


def test_an_inventorys_missing_fact_may_have_declared_another_gate() -> None:
    sources = [declared(), declared("site", reports=("inventory",))]
    assert gaps(sources, always("gate"), [sequence({1: 20, 3: 60}, None, "site")]) == ((15, 100),)


def test_a_missing_touch_may_have_been_on_any_card_of_its_source() -> None:
    """A missing number of a source that reports no accesses hides none, but it may hide where the
    tenant was."""
    sequences = [sequence({1: 20, 3: 60}, name="slurm")]
    slurm = declared("slurm", reports=("touch",))
    assert gaps([declared(), slurm], always("gate"), sequences) == ()
    assert gaps([declared(cards=LOW), slurm], always("gate"), sequences, used=[(0, 100, LOW)]) == (
        (15, 60),
    )
    of_low = declared("slurm", cards=LOW, reports=("touch",))
    assert (
        gaps([declared(cards=LOW), of_low], always("gate"), sequences, used=[(0, 100, LOW)]) == ()
    )


def test_a_missing_touch_of_a_source_outside_its_declared_cards_may_have_been_on_any_card() -> None:
    """By what the tenant's own trail shows and the fleet's, not by a neighbour's."""
    sequences, of_low = (
        [sequence({1: 20, 3: 60}, name="slurm")],
        declared("slurm", cards=LOW, reports=("touch",)),
    )
    for trail, expected in ((0, ((15, 60),)), (None, ((15, 60),)), (1, ())):
        reported = [ReportedScope("slurm", trail, outside_declared_cards=True)]
        assert (
            gaps(
                [declared(cards=LOW), of_low],
                always("gate"),
                sequences,
                used=[(0, 100, LOW)],
                reported=reported,
            )
            == expected
        )


def test_a_missing_number_of_a_source_that_reported_accesses_may_be_one() -> None:
    sequences, slurm = (
        [sequence({1: 20, 3: 60}, name="slurm")],
        declared("slurm", reports=("touch",)),
    )
    for trail, expected in ((0, ((15, 60),)), (1, ())):
        reported = [ReportedScope("slurm", trail, reports=frozenset({"access"}))]
        assert gaps([declared(), slurm], always("gate"), sequences, reported=reported) == expected


def test_a_reach_that_was_broken_bounds_nothing() -> None:
    for lookback_ms, expected in ((5, ((15, 60),)), (6, ((0, 60),))):
        assert (
            gaps(
                [declared()],
                always("gate"),
                [sequence({1: 20, 3: 60})],
                reported=[ReportedScope("gate", 0, lookback_ms)],
            )
            == expected
        )


def test_a_missing_touch_counts_for_a_tenant_that_is_not_seen_otherwise() -> None:
    slurm, sequences = (
        declared("slurm", cards=HIGH, reports=("touch",)),
        [sequence({1: 20, 3: 60}, name="slurm")],
    )
    assert gaps([declared(cards=LOW), slurm], always("gate"), sequences, used=()) == ((0, 100),)


def test_an_open_touch_is_cut_at_the_period() -> None:
    assert gaps(
        [declared(cards=LOW), declared("door", cards=HIGH)], always("gate"), used=[(90, OPEN, ALL)]
    ) == ((0, 100),)


def test_what_was_used_before_the_period_may_have_been_on_any_card() -> None:
    gate, used = [declared(cards=LOW)], [(0, 20, LOW)]
    assert gaps(gate, always("gate"), used=used, earlier=[0]) == ((20, 100),)
    assert gaps(gate, always("gate"), used=(), earlier=[0]) == ((0, 100),)
    assert gaps(gate, always("gate"), used=(), earlier=[1]) == ()
    assert gaps([declared(cards=ALL)], always("gate"), used=(), earlier=[0]) == ((0, 100),)
    assert gaps([declared()], always("gate"), used=(), earlier=[0]) == ()
    # A replay has the touches of before in its world.
    assert gaps(gate, always("gate"), used=[(-9, 0, LOW), *used]) == ((20, 100),)


def test_a_touch_that_lasts_into_the_period_says_where_it_was() -> None:
    assert gaps([declared(cards=LOW)], always("gate"), used=[(-9, 20, LOW)]) == ()


def test_a_tenant_that_was_accessed_has_something_on_some_card() -> None:
    gate = [declared(cards=LOW)]
    assert gaps(gate, always("gate"), tenant=1, accesses=[(1, 30)]) == ((0, 100),)
    assert gaps(gate, always("gate"), tenant=1, accesses=[(1, -30)]) == ((0, 100),)
    assert gaps(gate, always("gate"), tenant=1, accesses=[(1, 100), (0, 30)]) == ()
    assert gaps(gate, always("gate"), used=[(0, 20, LOW)], accesses=[(0, 30)]) == ()


def test_what_may_be_lost_of_before_the_period_may_have_been_on_any_card() -> None:
    gate, slurm = declared(cards=LOW), declared("slurm", cards=LOW, reports=("touch",))
    before = [sequence({1: -20, 3: -10}, name="slurm")]
    assert gaps([gate, slurm], always("gate"), before, used=[(0, 20, LOW)]) == ((20, 100),)
    assert gaps([gate, slurm], always("gate"), before, tenant=1) == ()
    assert (
        gaps(
            [gate, slurm],
            always("gate"),
            [sequence({1: 20, 3: 30}, name="slurm")],
            used=[(0, 20, LOW)],
        )
        == ()
    )


def test_names_who_was_not_heard_when() -> None:
    heard = [Heard("gate", 0, 50, None), Heard("door", 20, 100, None)]
    assert missing([declared(), declared("door")], heard) == {
        ("door",): ((0, 20),),
        ("gate",): ((50, 100),),
    }
    assert missing([declared(), declared("door")], [Heard("gate", 0, 50, None)]) == {
        ("door",): ((0, 50),),
        ("door", "gate"): ((50, 100),),
    }


def test_names_those_alone_whose_cards_the_tenant_had() -> None:
    sources = [declared(cards=LOW), declared("door", cards=HIGH)]
    assert missing(sources, used=[(0, 100, HIGH)]) == {("door",): ((0, 100),)}
    assert missing(sources, used=[(0, 50, LOW), (50, 100, HIGH)]) == {
        ("gate",): ((0, 50),),
        ("door",): ((50, 100),),
    }
    assert missing(sources, used=[(0, 50, LOW), (40, 100, HIGH)]) == {
        ("gate",): ((0, 50),),
        ("door",): ((40, 100),),
    }


def test_names_nobody_where_no_source_must_report() -> None:
    assert missing([declared(cards=LOW)], used=[(0, 60, LOW), (40, 100, HIGH)]) == {
        ("gate",): ((0, 60),),
        (): ((40, 100),),
    }


def test_names_who_is_declared_on_too_little_evidence() -> None:
    assert missing([declared(grade=Grade.PLANNED)], always("gate")) == {("gate",): ((0, 100),)}


def test_names_who_lost_a_fact() -> None:
    sources, of_tenant, of_fleet = (
        [declared(), declared("door")],
        sequence({1: 20, 3: 60}, name="door"),
        sequence({2: 70}, None),
    )
    assert missing(sources, always("gate", "door"), [of_tenant]) == {("door",): ((15, 60),)}
    assert missing(sources, always("gate", "door"), [of_fleet]) == {("gate",): ((0, 100),)}
    # Each of these times is a gap; that they overlap does not hide either source.
    assert missing(sources, always("gate"), [of_tenant]) == {("door",): ((0, 100),)}
    assert missing(sources, always("door"), [of_tenant]) == {
        ("door",): ((15, 60),),
        ("gate",): ((0, 100),),
    }
