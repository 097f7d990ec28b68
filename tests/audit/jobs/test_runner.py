"""Runner processes: not more than the machine has room for, and no slot is lost with its runner."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from audit.jobs import runner
from tests.installation import until

WAITS = """
import os, pathlib, signal
pathlib.Path(__file__).with_name("pid").write_text(str(os.getpid()))
signal.pause()
"""


@pytest.fixture(autouse=True)
def _one_slot(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Room for one runner, and a `manage.py` that waits until it is stopped."""
    (tmp_path / "manage.py").write_text(WAITS)
    settings.BASE_DIR = settings.VAR_DIR = tmp_path
    settings.RUNNERS = 1
    yield
    runner.stop()


def test_a_second_runner_is_not_started_while_the_only_slot_is_taken(tmp_path: Path) -> None:
    assert runner.start(1)
    assert not runner.start(2)


def test_a_stopped_runner_frees_its_slot() -> None:
    assert runner.start(1)
    runner.stop()
    assert runner.start(2)


def test_a_killed_runner_frees_its_slot(tmp_path: Path) -> None:
    assert runner.start(1)
    os.kill(int(until(lambda: _pid(tmp_path), "the runner's start")), signal.SIGKILL)
    until(lambda: runner.start(2), "the slot of the killed runner")


def test_there_are_as_many_runners_as_slots(settings: Settings) -> None:
    settings.RUNNERS = 2
    assert [runner.start(job) for job in range(3)] == [True, True, False]


def _pid(folder: Path) -> str:
    path = folder / "pid"
    return path.read_text() if path.exists() else ""
