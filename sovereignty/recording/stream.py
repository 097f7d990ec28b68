"""Many batches in a row: while the database commits one, the next is parsed.

    read 1 · parse 1 · read 2 · write 1 · commit 1 · answer 1 · read 3 · write 2 · commit 2 · …
                                          parse 2                            parse 3

A commit on PostgreSQL, which looks through every reference that the batch has written, takes as
long as parsing does, and needs none of this process. Lines are read where the caller is, before the
batch ahead is begun: no lock is ever held while a slow sender is waited for. A sender that may
pause, as a pipe, must not hold up what it has sent: then nothing is read ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice

from audit.clock import now_ms
from sovereignty.recording.admission import ANY_SENDER, Admission, Sender
from sovereignty.recording.answers import Answers
from sovereignty.recording.gc_pause import gc_paused
from sovereignty.recording.lines import Lines, parse_lines
from sovereignty.recording.record import MOST_LINES, record_parsed


def record_stream(
    lines: Iterable[bytes],
    *,
    actor: str,
    channel: str,
    sender: Sender = ANY_SENDER,
    batch: int = MOST_LINES,
    read_ahead: bool = True,
) -> Iterator[Answers]:
    """Record lines of any number, `batch` at a time; yields the answers of each batch once it is
    committed. Raises as `sovereignty.recording.record.record`; and what `lines` raises, once all
    lines before that are recorded and answered.

    Without `read_ahead` a batch is recorded before the next line is asked for; with it the cyclic
    collector is held off until the iterator is exhausted or closed."""
    batches = _Batches(lines, batch)
    # The collector would walk the batch that is parsed already whenever it is let in between two.
    # What pauses may go on for months.
    with (
        gc_paused() if read_ahead else nullcontext(),
        ThreadPoolExecutor(1, thread_name_prefix="parse") as pool,
    ):
        parsing: Future[Lines] | None = None
        read = batches.next()
        while read is not None:
            parsed = parsing.result() if parsing else _parse(read, sender)
            ahead = batches.next() if read_ahead else None
            begun = _Begun(pool, ahead, sender)
            yield record_parsed(parsed, actor=actor, channel=channel, committing=begun.begin)
            parsing = begun.parsing
            read = ahead if read_ahead else batches.next()
    batches.raise_error()


def _parse(read: tuple[int, list[bytes]], sender: Sender) -> Lines:
    first_line, lines = read
    return parse_lines(lines, first_line, Admission(sender, now_ms()))


@dataclass(slots=True)
class _Begun:
    """The batch ahead, if there is one: parsed in the pool once `begin` was called, however
    often."""

    pool: ThreadPoolExecutor
    ahead: tuple[int, list[bytes]] | None
    sender: Sender
    parsing: Future[Lines] | None = None

    def begin(self) -> None:
        if self.parsing is None and self.ahead is not None:
            self.parsing = self.pool.submit(_parse, self.ahead, self.sender)


class _Batches:
    """Lines, some at a time, with the number of the first; what reading them raised is kept until
    all before it are recorded."""

    def __init__(self, lines: Iterable[bytes], batch: int) -> None:
        self._rest, self._batch, self._first_line = iter(lines), batch, 1
        self._error: Exception | None = None

    def next(self) -> tuple[int, list[bytes]] | None:
        """Return the first line's number and the lines; None at the end, or once reading has
        failed."""
        lines: list[bytes] = []
        try:
            if self._error is None:
                lines.extend(islice(self._rest, self._batch))
        except Exception as error:  # noqa: BLE001 - raised again by `raise_error`, in its place after the batches
            self._error = error
        first = self._first_line
        self._first_line += len(lines)
        return (first, lines) if lines else None

    def raise_error(self) -> None:
        """Raise what reading raised, if it did."""
        if self._error is not None:
            raise self._error
