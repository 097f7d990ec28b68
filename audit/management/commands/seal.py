"""`manage.py seal`: close an epoch now, and publish what an earlier one left pending."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import LedgerError
from audit.seal import seal


class Command(BaseCommand):
    help = "Close an epoch now: all trail heads into the global log, whose checkpoint is signed. Prints the checkpoint."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            closed = seal(actor="command:seal")
        except LedgerError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"epoch {closed.epoch} holds the heads of {closed.trails} trails")
        self.stdout.write(bytes(closed.checkpoint or b"").decode(), ending="")
