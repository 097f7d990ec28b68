"""`manage.py take_rights`: a person may read less from now on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.management.rights import USAGE, add_rights, in_words, rights_in
from audit.people import people

EXAMPLES = """
examples:
  she no longer reads this tenant's trail:
    python manage.py take_rights ada --reader-of-tenant st-mary
  she is no officer any more; single trails given to her stay:
    python manage.py take_rights olga --all

deactivate_person stops a person from signing in at all.
"""


class Command(DocumentedCommand):
    help = (
        "Take rights away from a person, from the next page on. Writes an entry into the "
        "operator's trail."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name that the person signs in with")
        add_rights(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name, rights = options["name"], rights_in(options)
        if not rights:
            raise CommandError(
                "want --all, --reader-of-tenant KEY or --trail NUMBER, got none",
                returncode=USAGE,
            )
        taken = people.take(name, rights, actor=invoker())
        message = (
            f"{name} may no longer read {in_words(taken)}"
            if taken
            else f"{name} does not have these rights; nothing changed"
        )
        self.stdout.write(message)
