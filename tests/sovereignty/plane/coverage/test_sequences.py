"""Missing numbers, and what they may hide."""

from typing import Any

import numpy as np

from sovereignty.plane.coverage.sequences import (
    declared_sources,
    fleet_window_start,
    numbering_sources,
    windows,
)
from sovereignty.plane.world import BEGINNING, OPEN, Grade, SequenceNumbers, SourceDeclaration


def sequence(known: Any, highest: Any = 0, starts: Any = False, repeated: Any = ()) -> Any:
    numbers, times = (
        np.array(list(known), dtype=np.int64),
        np.array(list(known.values()), dtype=np.int64),
    )
    return SequenceNumbers(
        "slurm", 0, numbers, times, highest, starts, np.array(repeated, dtype=np.int64)
    )


def declared(
    sequenced: Any = True, reach_ms: Any = 100, at: Any = 0, grade: Any = Grade.DECLARED
) -> Any:
    return SourceDeclaration(
        "slurm", at, 1, frozenset({"touch"}), None, None, reach_ms, sequenced, grade
    )


def numbering(sources: Any, sequences: Any, least: Any = Grade.DECLARED) -> Any:
    return numbering_sources(sources, sequences, declared_sources(sources, least, 1000))


def test_no_number_is_missing() -> None:
    assert windows(sequence({1: 10, 2: 20, 3: 30}, highest=3), 5) == ()
    assert windows(sequence({}), 5) == ()


def test_a_gap_reaches_back_from_the_number_before_it_to_the_one_after() -> None:
    assert windows(sequence({1: 10, 2: 20, 5: 50}), 5) == ((15, 50),)


def test_without_a_known_reach_a_gap_reaches_to_the_beginning() -> None:
    assert windows(sequence({1: 10, 3: 30}), None) == ((BEGINNING, 30),)


def test_the_first_number_is_missing() -> None:
    assert windows(sequence({2: 20}), 5) == ((BEGINNING, 20),)


def test_numbers_after_the_last_known_are_reported() -> None:
    assert windows(sequence({1: 10, 2: 20}, highest=4), 5) == ((15, OPEN),)
    assert windows(sequence({}, highest=2), 5) == ((BEGINNING, OPEN),)


def test_gaps_that_meet_are_one_window() -> None:
    assert windows(sequence({1: 10, 3: 30, 5: 50}), 5) == ((5, 50),)


def test_a_lost_start_may_still_run() -> None:
    assert windows(sequence({1: 10, 3: 30}, starts=True), 5) == ((5, OPEN),)


def test_times_that_fall_are_taken_the_wide_way() -> None:
    assert windows(sequence({1: 50, 3: 30}), 5) == ((25, 50),)


def test_a_gap_in_the_fleets_numbers_begins_and_does_not_end() -> None:
    assert fleet_window_start(sequence({1: 10, 3: 30, 5: 50}), 5) == 5
    assert fleet_window_start(sequence({1: 10, 2: 30}), 5) is None
    assert fleet_window_start(sequence({2: 30}), 5) == BEGINNING


def test_a_gap_in_the_fleets_numbers_between_facts_of_one_time_still_begins() -> None:
    assert fleet_window_start(sequence({1: 10, 3: 10}), 0) == 10


def test_a_number_given_twice_hides_what_may_be_lost_from_the_number_before_it_on() -> None:
    assert windows(sequence({1: 10, 2: 20, 3: 30}, repeated=[3]), 5) == ((15, OPEN),)
    assert windows(sequence({1: 10, 2: 20, 3: 30}, repeated=[1]), 5) == ((BEGINNING, OPEN),)
    assert windows(sequence({1: 10, 2: 20}, repeated=[2]), None) == ((BEGINNING, OPEN),)


def test_a_number_of_the_second_count_that_fills_a_gap_of_the_first_is_in_doubt_too() -> None:
    # First 1 2 (3 lost) 4, then again 3 4: only the 4 came twice, and the 3 looks whole.
    assert windows(sequence({1: 10, 2: 20, 3: 50, 4: 40}, repeated=[4]), 5) == ((15, OPEN),)


def test_a_number_given_twice_in_the_fleets_trail_begins_and_does_not_end() -> None:
    assert fleet_window_start(sequence({1: 10, 2: 20, 3: 30}, repeated=[2]), 5) == 5
    assert fleet_window_start(sequence({1: 10, 2: 20, 4: 40}, repeated=[4]), 5) == 15


def test_only_sources_that_say_so_are_numbered() -> None:
    assert numbering([declared(sequenced=False)], [sequence({2: 20})]) == {}
    assert numbering([declared()], []) == {"slurm": 100}


def test_of_several_declarations_the_longest_reach_counts() -> None:
    assert numbering([declared(), declared(sequenced=False, reach_ms=900)], []) == {"slurm": 900}
    assert numbering([declared(), declared(reach_ms=None)], []) == {"slurm": None}


def test_a_source_that_numbers_and_never_declared_itself_may_have_lost_its_declaration() -> None:
    assert numbering([], [sequence({2: 20})]) == {"slurm": None}


def test_a_declaration_that_is_planned_or_of_after_the_period_bounds_no_loss() -> None:
    for later in (
        declared(at=1000),
        declared(at=1000, sequenced=False),
        declared(grade=Grade.PLANNED, sequenced=False),
    ):
        assert numbering([later], [sequence({2: 20})]) == {"slurm": None}
        assert numbering([later, declared(at=999)], [sequence({2: 20})]) == {"slurm": 100}
    assert numbering([declared(sequenced=False)], [sequence({2: 20})], least=Grade.OBSERVED) == {
        "slurm": None
    }
