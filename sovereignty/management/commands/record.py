"""Record facts from files: `python manage.py record facts.jsonl`. The API runs the same step:
see `sovereignty/recording/record.py`."""

import getpass
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import ngettext

from audit.errors import LedgerError
from audit.jobs.progress import Progress, bar
from audit.log.genesis import check_settings
from audit.management.command import DocumentedCommand
from sovereignty.collect import lines as stream
from sovereignty.collect.lines import StreamError
from sovereignty.recording.answers import Answers, Refusal
from sovereignty.recording.stream import record_stream

CHANNEL = "command"
SOME_REFUSED, UNREADABLE = 1, 2
GZIP_MAGIC, BOM = b"\x1f\x8b", b"\xef\xbb\xbf"
TABLE_MARKS = (b",", b";", b"\t", b"|")


EXAMPLES = """
examples:
  python manage.py record facts.jsonl           JSON, one CloudEvent a line
  python manage.py record batch.json            one JSON array of CloudEvents
  python manage.py record 2026-11-*.jsonl.gz    gzipped, several files
  collector | python manage.py record -         standard input

Facts that exist already are counted as duplicates, so you may send a file again at any time.

exit code: 0 every fact is recorded, 1 some were refused (each is printed with its line), 2 a file
could not be read to its end (what came before stays recorded, and the other files are read), or the
ledger refuses
"""


class Command(DocumentedCommand):
    help = (
        "Record facts from files: CloudEvents as JSON lines or as one JSON array, plain or gzipped."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="a file of facts; - is standard input"
        )
        parser.add_argument(
            "--actor",
            default=None,
            help="who records them, as the batch names them (default: this user)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # In a shell without the ledger's DOMICILE_ORIGIN, facts would go into a ledger that nobody
        # meant.
        check_settings()
        actor = options["actor"] or f"user:{getpass.getuser()}"
        count = _Count()
        try:
            unreadable = [name for name in options["files"] if not self._record(name, actor, count)]
        finally:  # Whatever stopped it: what was recorded stays, and the count says so.
            self.stdout.write(count.in_words())
        if unreadable or count.refused:
            sys.exit(UNREADABLE if unreadable else SOME_REFUSED)

    def _record(self, name: str, actor: str, count: "_Count") -> bool:
        """Record one file, adding to `count`. Returns whether it could be read to its end."""
        before, began = count.total, time.monotonic()
        try:
            with _opened(name) as chunks, bar(name, sys.stderr) as progress:
                facts = stream.either(_no_table(chunks))
                for answers in record_stream(
                    facts, actor=actor, channel=CHANNEL, read_ahead=name != "-"
                ):
                    count.add(answers)
                    self._print_refusals(name, answers)
                    _show_rate(progress, count.total - before, time.monotonic() - began)
        except StreamError as error:
            problem = (
                f"{name}:{error.line}: want {error.expected}, got {error.received}; "
                "the rest of it was not read"
            )
        except OSError as error:
            problem = f"{name}: cannot be read: {error.strerror}"
        except LedgerError as error:
            raise CommandError(f"{name}: {error}", returncode=UNREADABLE) from error
        else:
            if count.total == before:
                self.stderr.write(f"{name}: holds no facts")
            return True
        self.stderr.write(problem)
        return False

    def _print_refusals(self, name: str, answers: Answers) -> None:
        for refusal in answers.refusals:
            self.stderr.write(_sentence(name, refusal))


@dataclass(slots=True)
class _Count:
    """How many facts of all files were accepted, existed already, or were refused."""

    accepted: int = 0
    duplicates: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        return self.accepted + self.duplicates + self.refused

    def add(self, answers: Answers) -> None:
        self.accepted += answers.accepted
        self.duplicates += answers.duplicates
        self.refused += len(answers.refusals)

    def in_words(self) -> str:
        """All three counts: none is left out."""
        accepted = ngettext("%(count)d fact recorded", "%(count)d facts recorded", self.accepted)
        duplicates = ngettext(
            "%(count)d existed already", "%(count)d existed already", self.duplicates
        )
        refused = ngettext("%(count)d refused", "%(count)d refused", self.refused)
        counts = (self.accepted, self.duplicates, self.refused)
        return ", ".join(
            phrase % {"count": count}
            for phrase, count in zip((accepted, duplicates, refused), counts, strict=True)
        )


def _sentence(name: str, refusal: Refusal) -> str:
    fact_id = f" {refusal.id!r}" if refusal.id else ""
    retry = " (may be accepted later)" if refusal.retry else ""
    return (
        f"{name}:{refusal.line}: refused{fact_id}: {refusal.field}: "
        f"want {refusal.expected}, got {refusal.received}{retry}"
    )


def _show_rate(progress: Progress, done: int, seconds: float) -> None:
    progress(done, 0, f"{done} facts, {done / max(seconds, 0.001):,.0f} a second")


def _no_table(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks. Raises StreamError where the first two lines look like a table: the
    recorder would refuse each line of it alone."""
    first = next(chunks, b"")
    lines = first.removeprefix(BOM).split(b"\n", 2)[:2]
    if any(
        all(mark in line and line.lstrip()[:1] not in (b"{", b"[") for line in lines)
        for mark in TABLE_MARKS
    ):
        raise StreamError("facts as JSON", "what looks like a table: use import_trace")
    return chain([first], chunks)


@contextmanager
def _opened(name: str) -> Iterator[Iterator[bytes]]:
    """The bytes of a file, unpacked where they are gzip or its name says so."""
    if name == "-":
        yield stream.read_chunks(sys.stdin.buffer.read)
        return
    with Path(name).open("rb") as file:
        packed = file.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC) or name.endswith(".gz")
        chunks = stream.read_chunks(file.read)
        yield stream.gunzipped(chunks) if packed else chunks
