"""What a check knows of each source: declarations, heartbeats, and what it may have lost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sovereignty.plane.coverage import sources
from sovereignty.plane.coverage.observed_scope import ObservedScope
from sovereignty.plane.coverage.sources import Source, in_force
from sovereignty.plane.world import (
    BEGINNING,
    OPEN,
    Grade,
    Heard,
    LoneEnd,
    SequenceNumbers,
    SourceDeclaration,
    nothing_reported,
)
from tests.sovereignty.policy.small_worlds import Maker

END = 1_000
LOW = ((0, 1),)


def declared(
    name: str = "slurm",
    at: int = 0,
    cards: Any = None,
    reports: Any = ("touch",),
    grade: Grade = Grade.DECLARED,
    order: int = 1,
    sequenced: bool = True,
    reach_ms: int | None = 5,
) -> SourceDeclaration:
    return SourceDeclaration(
        name, at, order, frozenset(reports), cards, 60, reach_ms, sequenced, grade
    )


def numbers(
    times: dict[int, int], trail: int | None = 0, name: str = "slurm", repeated: Sequence[int] = ()
) -> SequenceNumbers:
    """The numbers of one source in one trail, with the facts' times."""
    columns = [
        np.array(list(column), dtype=np.int64) for column in (times, times.values(), repeated)
    ]
    return SequenceNumbers(name, trail, columns[0], columns[1], repeated=columns[2])


def sources_of(
    declarations: Sequence[SourceDeclaration] = (),
    heard: Sequence[Heard] = (),
    sequences: Sequence[SequenceNumbers] = (),
    lone_ends: Sequence[LoneEnd] = (),
) -> list[Source]:
    world = replace(
        Maker(0).world(),
        tenants=["t0", "t1"],
        sources=list(declarations),
        heard=list(heard),
        sequences=list(sequences),
        lone_ends=list(lone_ends),
        reported_scope=nothing_reported,
    )
    return sources.sources_of(world, Grade.DECLARED, END)


def test_a_source_that_lost_nothing() -> None:
    (source,) = sources_of([declared()], [Heard("slurm", 0, END, None)], [numbers({1: 10, 2: 20})])
    assert (source.name, source.declarations) == ("slurm", (declared(),))
    assert source.heard == {None: ((0, END),)}
    assert (source.lost, source.lost_anywhere, source.fleet_lost_from) == ({}, (), None)
    assert (source.repeated_from, source.fleet_repeated_from) == (None, None)


def test_sources_are_sorted_by_name_and_each_stands_once() -> None:
    declarations = [declared("b"), declared("a"), declared("b", at=50, order=2)]
    all_sources = sources_of(declarations, sequences=[numbers({2: 20}, name="c")])
    assert [(source.name, len(source.declarations)) for source in all_sources] == [
        ("a", 1),
        ("b", 2),
        ("c", 0),
    ]


def test_heartbeats_are_united_by_the_cards_that_they_name() -> None:
    beats = [
        Heard("slurm", 50, 80, LOW),
        Heard("slurm", 0, 20, None),
        Heard("slurm", 20, 60, None),
        Heard("slurm", 90, 95, LOW),
    ]
    (source,) = sources_of([declared()], beats)
    assert source.heard == {LOW: ((50, 80), (90, 95)), None: ((0, 60),)}


def test_heartbeats_of_a_source_that_nobody_declared_say_nothing() -> None:
    assert sources_of(heard=[Heard("stranger", 0, END, None)]) == []


def test_a_number_missing_from_a_tenants_trail_is_lost_to_that_tenant_and_to_all() -> None:
    (source,) = sources_of([declared()], sequences=[numbers({1: 20, 3: 60}, trail=1)])
    assert source.lost == {1: ((15, 60),)}
    assert source.lost_anywhere == ((15, 60),)
    assert source.fleet_lost_from is None


def test_a_number_missing_from_the_fleets_trail_has_no_end() -> None:
    (source,) = sources_of([declared()], sequences=[numbers({1: 20, 3: 60}, trail=None)])
    assert (source.lost, source.fleet_lost_from) == ({}, 15)
    assert source.lost_anywhere == ((15, OPEN),)


def test_a_source_of_other_facts_loses_no_touch() -> None:
    gate = declared(reports=("access",))
    (source,) = sources_of([gate], sequences=[numbers({1: 20, 3: 60})])
    assert (source.lost, source.lost_anywhere) == ({0: ((15, 60),)}, ())


def test_a_number_given_twice_is_in_doubt_in_its_trail() -> None:
    twice = numbers({1: 10, 2: 20, 3: 30}, repeated=[3])
    (source,) = sources_of([declared()], sequences=[twice])
    assert (source.repeated_from, source.fleet_repeated_from) == (15, None)
    assert source.lost == {0: ((15, OPEN),)}
    (source,) = sources_of([declared()], sequences=[replace(twice, trail=None)])
    assert (source.repeated_from, source.fleet_repeated_from) == (15, 15)


def test_an_end_without_its_start_is_a_loss_from_the_beginning() -> None:
    (source,) = sources_of([declared(sequenced=False)], lone_ends=[LoneEnd("slurm", 1, 70)])
    assert source.lost == {1: ((BEGINNING, 70),)}
    assert source.lost_anywhere == ((BEGINNING, 70),)


def test_a_source_that_is_not_sequenced_loses_nothing_by_its_numbers() -> None:
    (source,) = sources_of([declared(sequenced=False)], sequences=[numbers({2: 20})])
    assert source.lost == {}


@pytest.mark.parametrize("declaration", [declared(at=END), declared(grade=Grade.PLANNED)])
def test_a_declaration_that_does_not_count_in_the_period_binds_nobody(
    declaration: SourceDeclaration,
) -> None:
    """So the source may have lost any fact, of any card, and from the beginning."""
    (source,) = sources_of([declaration], sequences=[numbers({2: 20})])
    assert (source.is_declared, source.lost) == (False, {0: ((BEGINNING, 20),)})
    assert source.may_report("access", ObservedScope())
    assert source.widest_cards(ObservedScope()) is None


def test_a_declared_source_may_report_what_it_declared_or_was_seen_to_report() -> None:
    source = Source("slurm", (declared(cards=LOW), declared(at=9, cards=((4, 5),), order=2)), {})
    assert source.may_report("touch", ObservedScope())
    assert not source.may_report("access", ObservedScope())
    assert source.may_report("access", ObservedScope(reports=frozenset({"access"})))


def test_the_widest_cards_are_all_that_it_ever_declared() -> None:
    source = Source("slurm", (declared(cards=LOW), declared(at=9, cards=((4, 5),), order=2)), {})
    assert source.widest_cards(ObservedScope()) == ((0, 1), (4, 5))
    assert source.widest_cards(ObservedScope(outside_declared_cards=True)) is None
    whole_fleet = replace(source, declarations=(*source.declarations, declared(at=20, order=3)))
    assert whole_fleet.widest_cards(ObservedScope()) is None


def test_a_later_declaration_replaces_one_of_its_grade_and_the_highest_grade_holds() -> None:
    declarations = [
        declared(at=50, order=2),
        declared(at=0, order=1),
        declared(at=70, order=3, grade=Grade.PLANNED),
        declared(at=90, order=4, grade=Grade.OBSERVED),
        declared(at=95, order=5),
    ]
    assert in_force(declarations) == ((BEGINNING, None), (0, 1), (50, 0), (90, 3))


def test_no_declaration_is_never_in_force() -> None:
    assert in_force([]) == ((BEGINNING, None),)
