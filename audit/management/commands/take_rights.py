"""`manage.py take_rights`: a person may read less from now on."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.management.invoker import invoker
from audit.management.rights import USAGE, add_rights, in_words, rights_in
from audit.people import people

EXAMPLES = """
examples:
  python manage.py take_rights ada --reader-of-tenant st-mary          she no longer reads this tenant's trail
  python manage.py take_rights olga --all                              she is no officer any more; single trails given to her stay

Whoever shall not sign in at all: deactivate_person.
"""


class Command(BaseCommand):
    help = "Take rights away from a person, from the next page on. Writes an entry into the operator's trail."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            formatter_class=RawDescriptionHelpFormatter,
            epilog=EXAMPLES,
            **kwargs,
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name that the person signs in with")
        add_rights(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name, rights = options["name"], rights_in(options)
        if not rights:
            raise CommandError(
                "want --all, --reader-of-tenant KEY or --trail NUMBER: what to take",
                returncode=USAGE,
            )
        taken = people.take(name, rights, actor=invoker())
        said = (
            f"{name} no longer reads {in_words(taken)}"
            if taken
            else f"{name} does not hold that; nothing changed"
        )
        self.stdout.write(said)
