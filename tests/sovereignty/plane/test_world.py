"""The words of a world: grades, and what has no end."""

from typing import get_args

import numpy as np

from sovereignty.facts import kinds
from sovereignty.plane.world import BEGINNING, OPEN, Grade, Touches
from tests.sovereignty.policy.small_worlds import touches_of


def touches(*grades: tuple[Grade, Grade]) -> Touches:
    """Touches of these grades, each that of its start and that of its end."""
    return touches_of([(f"j{n}", 0, 0, 10, 90, *pair) for n, pair in enumerate(grades)])


def test_a_touch_is_judged_by_the_lower_grade_of_its_start_and_its_end() -> None:
    judged = touches(
        (Grade.OBSERVED, Grade.OBSERVED),
        (Grade.OBSERVED, Grade.PLANNED),
        (Grade.DECLARED, Grade.ATTESTED),
    ).judged_grade()
    assert judged.tolist() == [Grade.OBSERVED, Grade.PLANNED, Grade.DECLARED]


def test_no_touches_have_no_grades() -> None:
    assert touches().judged_grade().tolist() == []


def test_grades_are_those_that_facts_may_state_and_rise_with_the_evidence() -> None:
    assert {grade.name.lower() for grade in Grade} == set(get_args(kinds.Grade))
    assert sorted(Grade) == [Grade.PLANNED, Grade.DECLARED, Grade.ATTESTED, Grade.OBSERVED]


def test_open_and_beginning_lie_outside_every_time_and_survive_arithmetic() -> None:
    """A reach is subtracted from times, and a period of up to 69 years is added: int64 holds it."""
    latest = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
    assert BEGINNING < 0 < latest < OPEN
    assert np.int64(BEGINNING) - latest < BEGINNING
    assert np.int64(OPEN) + (1 << 41) > OPEN
