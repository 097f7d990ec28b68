"""Record facts from files: `python manage.py record facts.jsonl`. The same step as the HTTP door; see `sovereignty/record.py`."""

import getpass
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import LedgerError
from audit.progress import Progress, bar
from sovereignty.answers import Answers, Refusal
from sovereignty.collect import lines as stream
from sovereignty.collect.lines import StreamError
from sovereignty.record import record_stream

DOOR = "command"
SOME_REFUSED, UNREADABLE = 1, 2
EXAMPLES = """examples:
  python manage.py record facts.jsonl            JSON, one CloudEvent a line
  python manage.py record batch.json             one JSON array of CloudEvents
  python manage.py record 2026-11-*.jsonl.gz     gzipped, several files
  collector | python manage.py record -          standard input

Facts that are there already are answered as duplicates, so a file may be sent again at any time.
exit status: 0 every fact is recorded, 1 some were refused (each is printed with its line), 2 a file could not be read on
"""


class Command(BaseCommand):
    help = "Record facts from files: CloudEvents as JSON lines or as one JSON array, plain or gzipped."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLES, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a file of facts; - is standard input")
        parser.add_argument("--actor", default=None, help="who records them, as the batch will say (default: this user)")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = options["actor"] or f"user:{getpass.getuser()}"
        counts = [self._record(name, actor) for name in options["files"]]
        accepted, duplicates, refused = (sum(count[place] for count in counts) for place in range(3))
        self.stdout.write(f"{accepted} facts recorded, {duplicates} were there already, {refused} refused")
        if refused:
            sys.exit(SOME_REFUSED)

    def _record(self, name: str, actor: str) -> tuple[int, int, int]:
        """Record one file; returns how many facts were accepted, duplicates and refused."""
        accepted = duplicates = refused = 0
        began = time.monotonic()
        try:
            with _opened(name) as chunks, bar(name, sys.stderr) as progress:
                for answers in record_stream(stream.either(chunks), actor=actor, door=DOOR):
                    accepted += answers.accepted
                    duplicates += answers.duplicates
                    refused += self._print_refusals(name, answers)
                    _tell(progress, accepted + duplicates + refused, time.monotonic() - began)
        except StreamError as error:
            known = f"{accepted} facts before it were recorded, {duplicates} were there already, {refused} were refused"
            raise CommandError(
                f"{name}:{error.line}: wanted {error.wanted}, came {error.came}; {known}", returncode=UNREADABLE
            ) from error
        except OSError as error:
            raise CommandError(f"{name}: cannot be read: {error.strerror}", returncode=UNREADABLE) from error
        except LedgerError as error:
            raise CommandError(f"{name}: {error}", returncode=UNREADABLE) from error
        return accepted, duplicates, refused

    def _print_refusals(self, name: str, answers: Answers) -> int:
        for refusal in answers.refusals:
            self.stderr.write(_sentence(name, refusal))
        return len(answers.refusals)


def _sentence(name: str, refusal: Refusal) -> str:
    again = " (may be accepted later)" if refusal.retry else ""
    told = f" {refusal.id!r}" if refusal.id else ""
    return f"{name}:{refusal.line}: refused{told}: {refusal.field}: wanted {refusal.wanted}, came {refusal.came}{again}"


def _tell(progress: Progress, done: int, seconds: float) -> None:
    progress(done, 0, f"{done} facts, {done / max(seconds, 0.001):,.0f} a second")


@contextmanager
def _opened(name: str) -> Iterator[Iterator[bytes]]:
    """The bytes of a file, unpacked where its name ends in .gz."""
    if name == "-":
        yield stream.read_chunks(sys.stdin.buffer.read)
        return
    with Path(name).open("rb") as file:
        chunks = stream.read_chunks(file.read)
        yield iter(stream.gunzipped(chunks)) if name.endswith(".gz") else chunks
