"""When every access would have been told."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.access_coverage import AccessCoverage
from sovereignty.plane.sources import sources_of
from sovereignty.plane.world import Grade, Heard, Sequence, SourceDeclaration
from tests.sovereignty.policy.small_worlds import Maker

ALL = ((0, 5),)


def declared(name: Any = "gate", at: Any = 0, cards: Any = None, reports: Any = ("access",), grade: Any = Grade.DECLARED) -> Any:
    return SourceDeclaration(name, at, 1, frozenset(reports), cards, 60, 5, True, grade)


def gaps(sources: Any = (), heard: Any = (), sequences: Any = (), tenant: Any = 0) -> Any:
    world = replace(Maker(0).world(), sources=list(sources), heard=list(heard), sequences=list(sequences))
    return AccessCoverage(sources_of(world), ALL, Grade.DECLARED, 0, 100).gaps(tenant)


def sequence(known: Any, trail: Any = 0, name: Any = "gate") -> Any:
    return Sequence(name, trail, np.array(list(known), dtype=np.int64), np.array(list(known.values()), dtype=np.int64))


def test_nobody_reports_accesses() -> None:
    assert gaps() == ((0, 100),)
    assert gaps([declared(reports=("touch",))], [Heard("gate", 0, 100, None)]) == ((0, 100),)


def test_a_source_covers_while_it_is_declared_and_heard() -> None:
    assert gaps([declared(at=10)], [Heard("gate", 0, 80, None)]) == ((0, 10), (80, 100))


def test_a_source_below_the_least_grade_covers_nothing() -> None:
    assert gaps([declared(grade=Grade.PLANNED)], [Heard("gate", 0, 100, None)]) == ((0, 100),)


def test_heartbeats_about_all_cards_together_cover() -> None:
    heard = [Heard("gate", 0, 60, ((0, 3),)), Heard("gate", 20, 100, ((3, 5),))]
    assert gaps([declared()], heard) == ((0, 20), (60, 100))
    assert gaps([declared(cards=((0, 2),))], heard) == ((60, 100),)


def test_one_source_makes_up_for_anothers_silence() -> None:
    heard = [Heard("gate", 0, 50, None), Heard("door", 50, 100, None)]
    assert gaps([declared(), declared("door")], heard) == ()


def test_no_source_makes_up_for_anothers_missing_number() -> None:
    heard = [Heard("gate", 0, 100, None), Heard("door", 0, 100, None)]
    sources, holes = [declared(), declared("door")], [sequence({1: 20, 3: 60}, name="door")]
    assert gaps(sources, heard, holes) == ((15, 60),)
    assert gaps(sources, heard, holes, tenant=1) == ()


def test_a_fleet_fact_that_is_missing_ends_the_sources_word() -> None:
    assert gaps([declared()], [Heard("gate", 0, 100, None)], [sequence({1: 20, 3: 60}, trail=None)]) == ((15, 100),)


def test_a_missing_number_of_a_source_that_reports_no_accesses_hides_none() -> None:
    sources = [declared(), declared("slurm", reports=("touch",))]
    heard = [Heard("gate", 0, 100, None)]
    assert gaps(sources, heard, [sequence({1: 20, 3: 60}, name="slurm")]) == ()
