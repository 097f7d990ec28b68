"""What the endpoint for facts replies: the answers of a batch as JSON, written while the database
commits it.

A commit waits for the disk, and needs nothing of this process meanwhile. What each line will be
answered is known by then, but for the entries of duplicates, which are still to be read. Where the
commit fails, what was written is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec

from sovereignty.recording.answers import Accepted, Answers, Refusal, with_entries
from sovereignty.recording.lines import Lines


class _Accepted(msgspec.Struct, omit_defaults=True, gc=False):
    line: int
    id: str
    outcome: str
    trail: str
    index: int
    entry: str | None = None


class _Refused(msgspec.Struct, gc=False):
    line: int
    id: str | None
    outcome: str
    field: str
    expected: str
    received: str
    retry: bool


@dataclass(slots=True)
class Reply:
    """The reply to one batch; to be entered, so that nothing of it runs on. `entries`: with the
    text of each entry."""

    batch: Lines
    entries: bool
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="reply")
    )
    _writing: Future[msgspec.Raw] | None = None

    def __enter__(self) -> Self:
        with suppress(RuntimeError):
            # Starts the thread here: under the batch's locks, it would wait for its first turn.
            self._pool.submit(int)
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self) -> None:
        """Begin to write the answers. Call it at each attempt to commit; the last call counts."""
        lines = self.batch.decided()
        whole = not self.entries or all(
            line.entry is not None for line in lines if isinstance(line, Accepted)
        )
        self._writing = None
        if whole:
            # Without a thread, the batch still commits, and `to` writes the answers.
            with suppress(RuntimeError):
                self._writing = self._pool.submit(_written, lines, self.entries)

    def to(self, answers: Answers) -> bytes:
        """Return the reply in JSON, now that the batch is committed."""
        if self._writing is None:
            lines = _written(
                with_entries(answers.lines) if self.entries else answers.lines, self.entries
            )
        else:
            lines = self._writing.result()
        return msgspec.json.encode(
            {
                "answers": lines,
                "accepted": answers.accepted,
                "duplicates": answers.duplicates,
                "refused": len(answers.refusals),
                "receipts": [receipt.decode() for receipt in answers.receipts],
                "position": answers.position,
            }
        )


def _written(lines: Iterable[Accepted | Refusal], entries: bool) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode([_answer(line, entries) for line in lines]))


def _answer(line: Accepted | Refusal, entries: bool) -> Any:
    if isinstance(line, Refusal):
        return _Refused(
            line.line, line.id, "refused", line.field, line.expected, line.received, line.retry
        )
    entry = line.entry.decode() if entries and line.entry is not None else None
    return _Accepted(
        line.line,
        line.id,
        "duplicate" if line.duplicate else "accepted",
        str(line.trail),
        line.index,
        entry,
    )
