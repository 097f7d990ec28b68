"""Which sources must report on a card, and whether each was heard."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.coverage.of_cards import Coverage, Gap, coverage_classes, worst
from sovereignty.plane.coverage.sources import sources_of
from sovereignty.plane.world import Grade, Heard, SequenceNumbers, SourceDeclaration
from tests.sovereignty.policy.small_worlds import Maker

CARDS, START, END = 6, 0, 100


def declared(
    name: Any = "slurm",
    at: Any = 0,
    cards: Any = None,
    reports: Any = ("touch",),
    grade: Any = Grade.DECLARED,
    order: Any = 1,
    sequenced: Any = False,
    reach_ms: Any = None,
) -> Any:
    return SourceDeclaration(
        name, at, order, frozenset(reports), cards, 60, reach_ms, sequenced, grade
    )


def coverage(card: Any = 0, sources: Any = (), heard: Any = (), sequences: Any = ()) -> Any:
    world = replace(
        Maker(0).world(), sources=list(sources), heard=list(heard), sequences=list(sequences)
    )
    classes, steps = coverage_classes(
        sources_of(world, Grade.DECLARED, END), CARDS, Grade.DECLARED, START, END
    )
    return steps[classes[card]]


def sequence(known: Any, trail: Any = 0, name: Any = "slurm") -> Any:
    return SequenceNumbers(
        name,
        trail,
        np.array(list(known), dtype=np.int64),
        np.array(list(known.values()), dtype=np.int64),
    )


def test_nobody_is_declared() -> None:
    assert coverage() == ((0, Coverage(Gap.NO_SOURCE)),)


def test_a_source_must_report_from_its_declaration_on() -> None:
    steps = coverage(sources=[declared(at=30)], heard=[Heard("slurm", 0, 100, None)])
    assert steps == ((0, Coverage(Gap.NO_SOURCE)), (30, Coverage(Gap.NONE)))


def test_a_source_that_reports_no_touches_covers_none() -> None:
    assert coverage(
        sources=[declared(reports=("access",))], heard=[Heard("slurm", 0, 100, None)]
    ) == ((0, Coverage(Gap.NO_SOURCE)),)


def test_a_source_of_other_cards_covers_nothing() -> None:
    sources, heard = [declared(cards=((2, 3),))], [Heard("slurm", 0, 100, None)]
    assert coverage(0, sources, heard) == ((0, Coverage(Gap.NO_SOURCE)),)
    assert coverage(3, sources, heard) == ((0, Coverage(Gap.NONE)),)


def test_between_heartbeats_nothing_was_heard() -> None:
    steps = coverage(
        sources=[declared()],
        heard=[Heard("slurm", 0, 40, None), Heard("slurm", 50, 100, ((0, 5),))],
    )
    assert steps == (
        (0, Coverage(Gap.NONE)),
        (40, Coverage(Gap.NOT_HEARD, ("slurm",))),
        (50, Coverage(Gap.NONE)),
    )


def test_a_heartbeat_about_some_cards_is_about_those() -> None:
    sources, heard = [declared()], [Heard("slurm", 0, 100, ((0, 1),))]
    assert coverage(1, sources, heard) == ((0, Coverage(Gap.NONE)),)
    assert coverage(2, sources, heard) == ((0, Coverage(Gap.NOT_HEARD, ("slurm",))),)


def test_every_source_that_must_report_must_be_heard() -> None:
    steps = coverage(sources=[declared("a"), declared("b")], heard=[Heard("b", 0, 100, None)])
    assert steps == ((0, Coverage(Gap.NOT_HEARD, ("a",))),)


def test_a_source_declared_below_the_least_grade_must_be_heard_and_covers_nothing() -> None:
    planned, heard = (
        declared(grade=Grade.PLANNED),
        [Heard("slurm", 0, 100, None), Heard("other", 0, 100, None)],
    )
    assert coverage(sources=[planned], heard=heard) == ((0, Coverage(Gap.BELOW_GRADE, ("slurm",))),)
    assert coverage(sources=[planned, declared("other")], heard=heard) == ((0, Coverage(Gap.NONE)),)
    assert coverage(sources=[planned, declared("other")], heard=heard[1:]) == (
        (0, Coverage(Gap.NOT_HEARD, ("slurm",))),
    )


def test_the_latest_declaration_of_the_highest_grade_holds() -> None:
    sources = [
        declared(cards=((0, 0),)),
        declared(at=50, cards=((1, 1),), order=2),
        declared(at=70, grade=Grade.PLANNED, order=3),
    ]
    heard = [Heard("slurm", 0, 100, None)]
    assert coverage(0, sources, heard) == (
        (0, Coverage(Gap.NONE)),
        (50, Coverage(Gap.NO_SOURCE)),
    )
    assert coverage(1, sources, heard) == (
        (0, Coverage(Gap.NO_SOURCE)),
        (50, Coverage(Gap.NONE)),
    )


def test_a_number_missing_from_any_tenants_trail_leaves_a_gap_in_its_window_for_all() -> None:
    steps = coverage(
        sources=[declared(sequenced=True, reach_ms=5)],
        heard=[Heard("slurm", 0, 100, None)],
        sequences=[sequence({1: 20, 3: 60}, trail=1)],
    )
    assert steps == (
        (0, Coverage(Gap.NONE)),
        (15, Coverage(Gap.SEQUENCE_GAP, ("slurm",))),
        (60, Coverage(Gap.NONE)),
    )


def test_a_sequence_gap_is_about_the_sources_own_cards() -> None:
    sources = [declared("all"), declared("some", cards=((0, 1),), sequenced=True, reach_ms=0)]
    heard, sequences = (
        [Heard("all", 0, 100, None), Heard("some", 0, 100, None)],
        [sequence({1: 20, 3: 60}, name="some")],
    )
    assert len(coverage(0, sources, heard, sequences)) == 3
    assert coverage(2, sources, heard, sequences) == ((0, Coverage(Gap.NONE)),)


def test_a_number_missing_from_the_fleets_trail_leaves_inventory_in_doubt_from_then_on() -> None:
    steps = coverage(
        sources=[declared(sequenced=True, reach_ms=5)],
        heard=[Heard("slurm", 0, 100, None)],
        sequences=[sequence({1: 20, 3: 60}, trail=None)],
    )
    assert steps == (
        (0, Coverage(Gap.NONE)),
        (15, Coverage(Gap.SEQUENCE_GAP, ("slurm",), ("slurm",))),
    )


def test_a_source_that_numbers_but_was_never_declared_may_have_lost_anything() -> None:
    steps = coverage(
        sources=[declared("a")],
        heard=[Heard("a", 0, 100, None)],
        sequences=[sequence({2: 60}, trail=None, name="lost")],
    )
    assert steps == ((0, Coverage(Gap.SEQUENCE_GAP, ("lost",), ("lost",))),)


def test_a_source_that_does_not_number_has_no_sequence_gaps() -> None:
    steps = coverage(
        sources=[declared()], heard=[Heard("slurm", 0, 100, None)], sequences=[sequence({2: 60})]
    )
    assert steps == ((0, Coverage(Gap.NONE)),)


def test_cards_together_are_covered_where_all_are() -> None:
    silent = Coverage(Gap.NOT_HEARD, ("a",))
    assert worst([Coverage(Gap.NONE), silent, Coverage(Gap.NOT_HEARD, ("b",), ("c",))]) == Coverage(
        Gap.NOT_HEARD, ("a", "b"), ("c",)
    )
    assert worst([Coverage(Gap.NONE)]) == Coverage(Gap.NONE)


def test_a_declaration_that_is_planned_or_of_after_the_period_narrows_no_loss() -> None:
    """The attack: a scout that never declared itself lost a touch; then it declares itself, of one
    card elsewhere."""
    heard, sequences = [Heard("a", 0, 100, None)], [sequence({1: 20, 3: 60}, name="scout")]
    for wrong in ({"at": 100}, {"grade": Grade.PLANNED}):
        for sequenced in (True, False):
            scout = declared("scout", cards=((5, 5),), sequenced=sequenced, reach_ms=0, **wrong)
            assert coverage(0, [declared("a"), scout], heard, sequences) == (
                (0, Coverage(Gap.SEQUENCE_GAP, ("scout",))),
                (60, Coverage(Gap.NONE)),
            )
            of_accesses = declared("scout", reports=("access",), sequenced=sequenced, **wrong)
            assert len(coverage(0, [declared("a"), of_accesses], heard, sequences)) == 2


def test_a_declaration_that_holds_narrows_what_may_be_lost_and_others_widen_it() -> None:
    heard, sequences = [Heard("a", 0, 100, None)], [sequence({1: 20, 3: 60}, name="scout")]
    scout = declared(
        "scout", cards=((5, 5),), reports=("inventory", "touch"), sequenced=True, reach_ms=0
    )
    planned = declared("scout", cards=((0, 0),), reach_ms=0, grade=Grade.PLANNED, order=2)
    assert coverage(0, [declared("a"), scout], heard, sequences) == ((0, Coverage(Gap.NONE)),)
    assert len(coverage(0, [declared("a"), scout, planned], heard, sequences)) == 3
