"""Attributes over time: grades, conflicts, resets."""

from typing import Any

from sovereignty.plane.statements import BELOW_GRADE, CONFLICT, UNKNOWN, Value, resolve
from sovereignty.plane.world import BEGINNING, Grade, Statement


def said(at: Any, value: Any, grade: Any = Grade.DECLARED, source: Any = "site", order: Any = 1, resets: Any = False) -> Any:
    values = {} if value is None else {"country": value}
    return Statement(("card", 0), at, grade, source, order, values, resets)


def country(*statements: Any, least: Any = Grade.DECLARED) -> Any:
    history = sorted(statements, key=lambda statement: (statement.effective_at, statement.order))
    return resolve(history, "country", least)


def test_nobody_said_anything() -> None:
    assert country() == ((BEGINNING, UNKNOWN),)


def test_a_statement_holds_to_the_next_of_its_grade() -> None:
    assert country(said(10, "CN"), said(20, "SG")) == ((BEGINNING, UNKNOWN), (10, Value("CN")), (20, Value("SG")))


def test_a_statement_of_other_attributes_changes_nothing() -> None:
    assert country(said(10, "CN"), said(20, None)) == ((BEGINNING, UNKNOWN), (10, Value("CN")))


def test_the_highest_grade_wins_over_a_later_lower_one() -> None:
    steps = country(said(0, "CN"), said(100, "SG", Grade.OBSERVED), said(200, "CN"))
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("CN")), (100, Value("SG")))


def test_below_the_least_grade_is_not_known() -> None:
    assert country(said(5, "CN", Grade.PLANNED)) == ((BEGINNING, UNKNOWN), (5, BELOW_GRADE))
    assert country(said(5, "CN", Grade.PLANNED), least=Grade.PLANNED)[-1] == (5, Value("CN"))


def test_sources_that_differ_at_one_time_and_grade_leave_it_unknown() -> None:
    steps = country(said(5, "CN"), said(5, "SG", source="scout"), said(9, "CN"))
    assert steps == ((BEGINNING, UNKNOWN), (5, CONFLICT), (9, Value("CN")))


def test_sources_that_agree_are_no_conflict() -> None:
    assert country(said(5, "CN"), said(5, "CN", source="scout"))[-1] == (5, Value("CN"))


def test_of_one_source_the_later_position_wins() -> None:
    assert country(said(5, "SG", order=1), said(5, "CN", order=2))[-1] == (5, Value("CN"))


def test_a_conflict_of_a_higher_grade_is_not_settled_by_a_lower_one() -> None:
    observed = [said(5, "CN", Grade.OBSERVED), said(5, "SG", Grade.OBSERVED, "scout")]
    assert country(said(0, "CN"), *observed)[-1] == (5, CONFLICT)


def test_a_conflict_below_the_least_grade_is_below_grade() -> None:
    planned = [said(5, "CN", Grade.PLANNED), said(5, "SG", Grade.PLANNED, "scout")]
    assert country(*planned)[-1] == (5, BELOW_GRADE)


def test_a_reset_ends_its_own_grade_and_every_lower_one() -> None:
    before = [said(0, "CN"), said(0, "CN", Grade.PLANNED), said(0, "CN", Grade.ATTESTED)]
    steps = country(*before, said(50, None, Grade.ATTESTED, resets=True), said(70, "SG"))
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("CN")), (50, UNKNOWN), (70, Value("SG")))


def test_a_planned_reset_ends_nothing_that_was_observed() -> None:
    steps = country(said(0, "SG", Grade.OBSERVED), said(50, None, Grade.PLANNED, resets=True), said(70, "CN"))
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("SG")))


def test_of_several_resets_at_one_time_the_highest_counts() -> None:
    resets = [said(50, None, Grade.PLANNED, resets=True), said(50, None, Grade.OBSERVED, "scout", resets=True)]
    assert country(said(0, "CN", Grade.OBSERVED), *resets)[-1] == (50, UNKNOWN)


def test_a_reset_with_values_states_the_new_card() -> None:
    assert country(said(0, "CN"), said(50, "SG", resets=True))[-1] == (50, Value("SG"))


def test_what_takes_effect_with_the_reset_survives_it() -> None:
    assert country(said(50, "CN", source="scout"), said(50, None, resets=True, order=2))[-1] == (50, Value("CN"))
