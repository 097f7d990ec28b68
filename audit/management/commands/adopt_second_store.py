"""`manage.py adopt_second_store`: fill a lost second store from a database that is known to be the
newest."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import ngettext

from audit.adopt import adopt
from audit.management.command import DocumentedCommand

EXAMPLES = """
examples:
  python manage.py adopt_second_store --at-least 4120   a witness holds a checkpoint of this size
  python manage.py adopt_second_store --at-least 0      nobody outside holds a checkpoint
"""


class Command(DocumentedCommand):
    help = (
        "Fill the empty second store from this database. Do this only if you know that the "
        "database was not restored from a backup: ask a witness for the largest checkpoint, or "
        "read it from the newest bundle that a customer holds."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at-least",
            metavar="SIZE",
            type=int,
            required=True,
            help="the size of the largest checkpoint known outside; 0 if none",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        trails = adopt(at_least=options["at_least"], actor="command:adopt_second_store")
        message = ngettext(
            "the second store holds %(trails)d trail; the operator's trail records this",
            "the second store holds %(trails)d trails; the operator's trail records this",
            trails,
        )
        self.stdout.write(message % {"trails": trails})
