"""A step puts its number in front of every error of the ledger's formats, and of no other."""

import inspect
import re

import pytest

from audit.tlog.errors import EntryError, TlogError
from audit.verifier import steps, verify
from audit.verifier.steps import NEEDED_FOR, StepError, step


def test_a_step_without_an_error_does_nothing() -> None:
    with step(1, "container"):
        pass


@pytest.mark.parametrize("number", NEEDED_FOR)
def test_an_error_gets_step_name_and_claim(number: int) -> None:
    with pytest.raises(StepError) as raised, step(number, "entries of trail 2", 2):
        raise EntryError("want 10 entries, got 9")
    assert str(raised.value) == f"step {number}: entries of trail 2: want 10 entries, got 9"
    assert (raised.value.step, raised.value.trail) == (number, 2)
    assert raised.value.claim == NEEDED_FOR[number]
    assert isinstance(raised.value.__cause__, EntryError)


def test_a_step_within_a_step_keeps_its_own_number() -> None:
    with pytest.raises(StepError) as raised, step(5, "anchor"), step(4, "checkpoint 3"):
        raise TlogError("bad")
    assert str(raised.value) == "step 4: checkpoint 3: bad"


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("a bug"), KeyboardInterrupt()])
def test_other_errors_pass_unchanged(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, step(1, "container"):
        raise error
    assert raised.value is error


def test_the_table_of_steps_says_what_the_code_says() -> None:
    rows = re.findall(r"^\| +(\d+) +\|.*\| (C\d) +\|$", steps.__doc__ or "", re.M)
    assert {int(number): claim for number, claim in rows} == NEEDED_FOR


def test_every_step_is_worked_through_under_its_number() -> None:
    numbers = re.findall(r"with step\((\d+), ", inspect.getsource(verify))
    assert sorted(map(int, numbers)) == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10]
