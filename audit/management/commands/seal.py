"""`manage.py seal`: close an epoch now, and publish what an earlier one left pending."""

from typing import Any

from django.utils.translation import ngettext

from audit.management.command import DocumentedCommand
from audit.seal import seal

EXAMPLES = """
examples:
  python manage.py seal                     the checkpoint on standard output
  python manage.py seal > checkpoint.txt    keep it, or give it to a witness
"""


class Command(DocumentedCommand):
    help = (
        "Close an epoch now. Puts all trail heads into the global log, signs its checkpoint and "
        "prints it."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        closed = seal(actor="command:seal")
        message = ngettext(
            "epoch %(epoch)d holds the head of %(trails)d trail",
            "epoch %(epoch)d holds the heads of %(trails)d trails",
            closed.trails,
        )
        self.stderr.write(message % {"epoch": closed.epoch, "trails": closed.trails})
        self.stdout.write(bytes(closed.checkpoint or b"").decode(), ending="")
