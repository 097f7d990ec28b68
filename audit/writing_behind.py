"""Rows on their way into an SQLite file while the caller makes the next ones.

    with transaction.atomic():
        with writing_behind():
            rows.insert(…)          # returns at once; another thread writes
            …                       # any other statement on the connection waits for the rows first
        # all rows are in their tables, or the error is raised here

SQLite writes in the caller's own process, and Python lets another thread run only while it is inside one statement. So rows are put
into long statements of many rows each, whose texts are few and stay prepared, and a second thread executes them. PostgreSQL's
server is a process of its own already: there rows are written at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from threading import local
from typing import Any

from django.db import connection

MOST_PARAMETERS = 32_766  # of one statement, unless SQLite was built otherwise
MOST_ROWS, FEWEST_ROWS = 2_048, 64  # of a statement that is worth keeping prepared; in between, powers of two
SWITCH_S = 0.001  # how long a thread that computes makes the one that writes wait for the interpreter

_here = local()


@contextmanager
def writing_behind(meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
    """While this is open, `rows.insert` may return before its rows are written. Raises what writing raised, at the latest at its end.

    `meanwhile` is called whenever there is nothing to do but wait for rows: what it starts runs while they are written."""
    if connection.vendor != "sqlite" or current() is not None:
        yield
        return
    usual = sys.getswitchinterval()
    sys.setswitchinterval(min(usual, SWITCH_S))
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="rows") as pool:
            writer = _here.writer = _Writer(pool, meanwhile)
            try:
                with connection.execute_wrapper(writer.settle_first):
                    yield
                writer.settle()
            finally:
                _here.writer = None
    finally:
        sys.setswitchinterval(usual)


def current() -> _Writer | None:
    """The writer of this thread, where `writing_behind` is open."""
    return getattr(_here, "writer", None)


def afterwards(action: Callable[[], None]) -> None:
    """Run `action`, statements of its own, once the rows before it are written: now, unless they are being written behind."""
    writer = current()
    if writer is None:
        action()
    else:
        writer.actions.append(action)


@dataclass(slots=True)
class _Writer:
    """One thread that writes in the order in which it is told, on the caller's connection and in its transaction."""

    pool: ThreadPoolExecutor
    meanwhile: Callable[[], None]
    waiting: list[Future[None]] = field(default_factory=list)
    actions: list[Callable[[], None]] = field(default_factory=list)

    def insert(self, table: str, names: Sequence[str], found: Sequence[Sequence[Any]]) -> None:
        """Begin to write; `table` and `names` are quoted."""
        if found:
            self.waiting.append(self.pool.submit(_insert, connection.connection, table, tuple(names), found))

    def settle(self) -> None:
        """Return once all is written. Raises what Django raises for what the database raised."""
        waiting, self.waiting = self.waiting, []
        actions, self.actions = self.actions, []
        if waiting:
            self.meanwhile()
        with connection.wrap_database_errors:
            for one in waiting:
                one.result()
        for action in actions:
            action()

    def settle_first(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Wait, then execute: as Django's wrappers are called."""
        self.settle()
        return execute(sql, params, many, context)


def _insert(raw: Any, table: str, names: tuple[str, ...], found: Sequence[Sequence[Any]]) -> None:
    most = MOST_ROWS
    while most * len(names) > MOST_PARAMETERS:
        most //= 2
    place = 0
    while rest := len(found) - place:
        count = rest if rest < FEWEST_ROWS else min(most, 1 << rest.bit_length() - 1)
        raw.execute(_statement(table, names, count), list(chain.from_iterable(found[place : place + count])))
        place += count


@lru_cache(maxsize=1_024)
def _statement(table: str, names: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names from our models
