"""How far a long step has come, as its steps tell it: `progress(done, total, "reading touches")`.

A step takes one callable and knows no more: a job's runner passes one that writes the job's row
(`lease.py`), a command adds a bar on standard error, a test passes `silent`. `total` is 0 while it
is not known.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

__all__ = ["Progress", "bar", "silent"]


class Progress(Protocol):
    """Told `done` of `total` units of the job's kind, and in words what is being done."""

    def __call__(self, done: int, total: int, step: str = "") -> None: ...


def silent(done: int, total: int, step: str = "") -> None:
    """A progress that nobody watches."""


@contextmanager
def bar(name: str, stream: TextIO) -> Iterator[Progress]:
    """Yield a progress drawn on `stream`: a live bar on a terminal, else one line for each new
    step."""
    if not stream.isatty():
        yield _Lines(name, stream)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(file=stream), transient=True) as rich:
        task = rich.add_task(name, total=None)

        def show(done: int, total: int, step: str = "") -> None:
            rich.update(
                task,
                completed=done,
                total=total or None,
                description=f"{name}: {step}" if step else name,
            )

        yield show


class _Lines:
    """One line a step, so that a log file holds a story and not ten thousand bars."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name, self._stream, self._step = name, stream, ""

    def __call__(self, done: int, total: int, step: str = "") -> None:
        if step != self._step:
            self._step = step
            self._stream.write(f"{self._name}: {step}\n")
            self._stream.flush()
