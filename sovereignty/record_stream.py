"""Many batches in a row: while the database commits one, the next is parsed.

    read 1 · parse 1 · read 2 · write 1 · commit 1 · answer 1 · read 3 · write 2 · commit 2 · …
                                          parse 2                            parse 3

A commit on PostgreSQL, which looks through every reference that the batch has written, takes as long as parsing does, and needs none
of this process. Lines are read where the caller is, before the batch ahead is begun: no lock is ever held while a slow sender is
waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from audit.clock import now_ms
from sovereignty.admit import Admission
from sovereignty.answers import Answers
from sovereignty.batch_lines import Lines, parse_lines
from sovereignty.record import MOST_LINES, record_parsed


def record_stream(
    lines: Iterable[bytes], *, actor: str, door: str, sources: frozenset[str] | None = None, batch: int = MOST_LINES
) -> Iterator[Answers]:
    """Record lines of any number, `batch` at a time; yields the answers of each batch once it is committed. Raises as
    `sovereignty.record.record`; and what `lines` raises, once the whole batches before that are recorded and answered."""
    with ThreadPoolExecutor(1, thread_name_prefix="parse") as pool:
        ahead = _Ahead(pool, sources, _batches(lines, batch))
        while (found := ahead.take()) is not None:
            yield record_parsed(found, actor=actor, door=door, committing=ahead.begin)


def _batches(lines: Iterable[bytes], batch: int) -> Iterator[list[bytes]]:
    rest = iter(lines)
    while found := list(islice(rest, batch)):
        yield found


class _Ahead:
    """The batch after the one that is being recorded: read, and parsed once `begin` was called."""

    def __init__(self, pool: ThreadPoolExecutor, sources: frozenset[str] | None, batches: Iterator[list[bytes]]) -> None:
        self._pool, self._sources, self._batches = pool, sources, batches
        self._first_line = 1
        self._lines: list[bytes] | None = None
        self._parsing: Future[Lines] | None = None
        self._error: Exception | None = None
        self._read()

    def begin(self) -> None:
        """Start to parse; nothing where that was done already."""
        if self._parsing is None and self._lines is not None:
            self._parsing = self._pool.submit(self._parse, self._lines, self._first_line)

    def take(self) -> Lines | None:
        """Return the batch, None at the end, and read the next one. Raises what reading this one raised."""
        if self._error is not None:
            raise self._error
        if self._lines is None:
            return None
        found = self._parsing.result() if self._parsing else self._parse(self._lines, self._first_line)
        self._first_line += len(self._lines)
        self._parsing = None
        self._read()
        return found

    def _read(self) -> None:
        self._lines = None
        try:
            self._lines = next(self._batches, None)
        except Exception as error:  # noqa: BLE001 - raised again by `take`, in its place between the batches
            self._error = error

    def _parse(self, lines: list[bytes], first_line: int) -> Lines:
        return parse_lines(lines, first_line, Admission(self._sources, now_ms()))
