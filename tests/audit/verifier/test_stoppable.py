"""A program that is stopped by hand ends with one line and 130; any other with its own code."""

import sys
from types import ModuleType

import pytest

from audit.verifier.stoppable import run_stoppable


class Program(ModuleType):
    """A module whose `run` returns a code, or is stopped."""

    code: int | None = 3

    def run(self) -> int:
        if self.code is None:
            raise KeyboardInterrupt
        return self.code


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    module = Program("a_program")
    monkeypatch.setitem(sys.modules, "a_program", module)
    return module


def test_returns_the_programs_own_code(program: Program) -> None:
    assert run_stoppable("verifier", "a_program", "stopped") == 3


def test_stopped_by_hand_is_one_line_and_130(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    program.code = None
    assert run_stoppable("verifier", "a_program", "stopped; nothing is said") == 130
    assert capsys.readouterr().err == "verifier: stopped; nothing is said\n"
