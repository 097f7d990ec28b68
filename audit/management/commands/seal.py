"""`manage.py seal`: close an epoch now, and publish what an earlier one left pending."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from audit.seal import seal


class Command(BaseCommand):
    help = "Close an epoch now: all trail heads into the global log, whose checkpoint is signed. Prints the checkpoint."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = seal(actor="command:seal")
        said = ngettext(
            "epoch %(epoch)d holds the head of %(trails)d trail",
            "epoch %(epoch)d holds the heads of %(trails)d trails",
            closed.trails,
        )
        self.stderr.write(said % {"epoch": closed.epoch, "trails": closed.trails})
        self.stdout.write(bytes(closed.checkpoint or b"").decode(), ending="")
