"""Attributes over time: grades, conflicts, resets."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sovereignty.plane.inventory.statements import (
    BELOW_GRADE,
    CONFLICT,
    UNKNOWN,
    Value,
    deciding,
    resolve,
)
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import BEGINNING, Grade, Statement


def stated(
    at: Any,
    value: Any,
    grade: Any = Grade.DECLARED,
    source: Any = "site",
    order: Any = 1,
    resets: Any = False,
) -> Any:
    values = {} if value is None else {"country": value}
    return Statement(("card", 0), at, grade, source, order, values, resets)


def country(*statements: Any, least: Any = Grade.DECLARED) -> Any:
    history = sorted(statements, key=lambda statement: (statement.effective_at, statement.order))
    return resolve(history, "country", least)


def test_what_nobody_stated_is_unknown() -> None:
    assert country() == ((BEGINNING, UNKNOWN),)


def test_a_statement_holds_to_the_next_of_its_grade() -> None:
    assert country(stated(10, "CN"), stated(20, "SG")) == (
        (BEGINNING, UNKNOWN),
        (10, Value("CN")),
        (20, Value("SG")),
    )


def test_a_statement_of_other_attributes_changes_nothing() -> None:
    assert country(stated(10, "CN"), stated(20, None)) == ((BEGINNING, UNKNOWN), (10, Value("CN")))


def test_the_highest_grade_wins_over_a_later_lower_one() -> None:
    steps = country(stated(0, "CN"), stated(100, "SG", Grade.OBSERVED), stated(200, "CN"))
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("CN")), (100, Value("SG")))


def test_below_the_least_grade_is_not_known() -> None:
    assert country(stated(5, "CN", Grade.PLANNED)) == ((BEGINNING, UNKNOWN), (5, BELOW_GRADE))
    assert country(stated(5, "CN", Grade.PLANNED), least=Grade.PLANNED)[-1] == (5, Value("CN"))


def test_sources_that_differ_at_one_time_and_grade_leave_it_unknown() -> None:
    steps = country(stated(5, "CN"), stated(5, "SG", source="scout"), stated(9, "CN"))
    assert steps == ((BEGINNING, UNKNOWN), (5, CONFLICT), (9, Value("CN")))


def test_sources_that_agree_are_no_conflict() -> None:
    assert country(stated(5, "CN"), stated(5, "CN", source="scout"))[-1] == (5, Value("CN"))


def test_of_one_source_the_later_position_wins() -> None:
    assert country(stated(5, "SG", order=1), stated(5, "CN", order=2))[-1] == (5, Value("CN"))


def test_a_conflict_of_a_higher_grade_is_not_settled_by_a_lower_one() -> None:
    observed = [stated(5, "CN", Grade.OBSERVED), stated(5, "SG", Grade.OBSERVED, "scout")]
    assert country(stated(0, "CN"), *observed)[-1] == (5, CONFLICT)


def test_a_conflict_below_the_least_grade_is_below_grade() -> None:
    planned = [stated(5, "CN", Grade.PLANNED), stated(5, "SG", Grade.PLANNED, "scout")]
    assert country(*planned)[-1] == (5, BELOW_GRADE)


def test_a_reset_ends_its_own_grade_and_every_lower_one() -> None:
    before = [stated(0, "CN"), stated(0, "CN", Grade.PLANNED), stated(0, "CN", Grade.ATTESTED)]
    steps = country(*before, stated(50, None, Grade.ATTESTED, resets=True), stated(70, "SG"))
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("CN")), (50, UNKNOWN), (70, Value("SG")))


def test_a_planned_reset_ends_nothing_that_was_observed() -> None:
    steps = country(
        stated(0, "SG", Grade.OBSERVED),
        stated(50, None, Grade.PLANNED, resets=True),
        stated(70, "CN"),
    )
    assert steps == ((BEGINNING, UNKNOWN), (0, Value("SG")))


def test_of_several_resets_at_one_time_the_highest_counts() -> None:
    resets = [
        stated(50, None, Grade.PLANNED, resets=True),
        stated(50, None, Grade.OBSERVED, "scout", resets=True),
    ]
    assert country(stated(0, "CN", Grade.OBSERVED), *resets)[-1] == (50, UNKNOWN)


def test_a_reset_with_values_states_the_new_card() -> None:
    assert country(stated(0, "CN"), stated(50, "SG", resets=True))[-1] == (50, Value("SG"))


def test_what_takes_effect_with_the_reset_survives_it() -> None:
    assert country(stated(50, "CN", source="scout"), stated(50, None, resets=True, order=2))[
        -1
    ] == (
        50,
        Value("CN"),
    )


def decided(start: int, end: int, *statements: Any) -> list[int]:
    """The orders of the statements that decided over [start, end)."""
    history = sorted(statements, key=lambda statement: (statement.effective_at, statement.order))
    return [statement.order for statement in deciding(history, "country", start, end)]


def test_nothing_in_force_decides_nothing() -> None:
    assert decided(0, 100) == []
    assert decided(0, 10, stated(10, "CN")) == []
    assert decided(20, 30, stated(10, "CN"), stated(15, None, Grade.OBSERVED, resets=True)) == []


def test_what_was_in_force_in_a_part_of_the_time_decides_too() -> None:
    history = (
        stated(0, "CN", order=1),
        stated(10, "CN", order=2),
        stated(20, "CN", order=3),
        stated(30, "CN", order=4),
    )
    assert decided(10, 21, *history) == [2, 3]
    assert decided(9, 10, *history) == [1]
    assert decided(500, 501, *history) == [4]


def test_all_that_contradict_each_other_decide_and_of_one_source_the_last() -> None:
    history = (
        stated(5, "CN", order=1),
        stated(5, "SG", order=2),
        stated(5, "CN", source="scout", order=3),
    )
    assert decided(5, 6, *history) == [2, 3]


def test_a_lower_grade_decides_nothing_under_a_higher_one() -> None:
    assert decided(0, 50, stated(0, "CN", Grade.OBSERVED, order=1), stated(10, "SG", order=2)) == [
        1
    ]


ANY_STATEMENT = st.builds(
    stated,
    st.integers(0, 5),
    st.sampled_from(["CN", "SG", None]),
    st.sampled_from(Grade),
    st.sampled_from(["a", "b"]),
    resets=st.booleans(),
)


@given(st.lists(ANY_STATEMENT, max_size=8))
def test_what_decides_gives_by_itself_the_value_that_the_whole_history_gives(
    statements: list[Any],
) -> None:
    history = sorted(statements, key=lambda statement: (statement.effective_at, statement.order))
    for at in range(7):
        alone = deciding(history, "country", at, at + 1)
        assert value_at(resolve(alone, "country", Grade.DECLARED), at) == value_at(
            resolve(history, "country", Grade.DECLARED), at
        )


def value_at(steps: Steps[Value], at: int) -> Value:
    return [value for since, value in steps if since <= at][-1]
