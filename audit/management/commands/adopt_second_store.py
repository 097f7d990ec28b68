"""`manage.py adopt_second_store`: fill a lost second store from a database that is known to be the
newest."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from audit.adopt import adopt


class Command(BaseCommand):
    help = (
        "Fill the empty second store from this database. Only whoever knows that the database was not restored from a backup "
        "may do this: ask a witness, or look into the newest bundle that a customer holds, for the largest checkpoint."
    )

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
        said = ngettext(
            "the second store knows %(trails)d trail; the operator's trail tells of it",
            "the second store knows %(trails)d trails; the operator's trail tells of it",
            trails,
        )
        self.stdout.write(said % {"trails": trails})
