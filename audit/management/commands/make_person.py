"""`manage.py make_person`: someone who may sign in, and what that person may read."""

import secrets
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.management.invoker import invoker
from audit.management.rights import USAGE, add_rights, in_words, rights_in
from audit.models import Person
from audit.people import people
from audit.people.rights import Rights

EXAMPLES = """
examples:
  python manage.py make_person olga --all                              an officer of the operator, who reads every trail
  python manage.py make_person ada --reader-of-tenant st-mary          a customer's auditor
  python manage.py make_person ada --reader-of-tenant st-mary --password-from-stdin < password.txt
  python manage.py make_person ada --trail 4                           she is there already: reads this trail as well
  python manage.py make_person ada --new-password                      she forgot it

A password that is not given is made, and printed this once. The operator's trail tells of the person, the rights and a new password,
never of the password itself. take_rights, deactivate_person and list_people do the rest.
"""
PASSWORD_BYTES = 15  # 120 bits, twenty characters


class Command(BaseCommand):
    help = "Make a person who may sign in, or let one who is there read more. Writes an entry into the operator's trail."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            formatter_class=RawDescriptionHelpFormatter,
            epilog=EXAMPLES,
            **kwargs,
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name",
            metavar="NAME",
            help="the name to sign in with; it is given once and stays in the trail",
        )
        add_rights(parser)
        parser.add_argument(
            "--password-from-stdin",
            action="store_true",
            help="the password is the first line of standard input",
        )
        parser.add_argument(
            "--new-password",
            action="store_true",
            help="give a person who is there another password",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, rights = options["name"], rights_in(options)
        found = Person.objects.filter(username=name).exists()
        if not found and not rights:
            raise CommandError(
                "want --all, --reader-of-tenant KEY or --trail NUMBER: a person who may read nothing sees nothing",
                returncode=USAGE,
            )
        if found:
            self._change(name, rights, options)
        else:
            self._make(name, rights, options)

    def _make(self, name: str, rights: Rights, options: dict[str, Any]) -> None:
        if options["new_password"]:
            raise CommandError(
                f"there is no person {name!r} to give another password: leave --new-password out",
                returncode=USAGE,
            )
        password = _password(options)
        people.make(name, password=password, rights=rights, actor=invoker())
        self._show(password, options)
        self.stderr.write(f"{name} is made and reads {in_words(rights)}")

    def _change(self, name: str, rights: Rights, options: dict[str, Any]) -> None:
        if not rights and not options["new_password"]:
            raise CommandError(
                f"{name} is there already: want rights to give, or --new-password", returncode=USAGE
            )
        if options["password_from_stdin"] and not options["new_password"]:
            raise CommandError(
                f"{name} is there already: want no password, or --new-password with it",
                returncode=USAGE,
            )
        if options["new_password"]:
            password = _password(options)
            people.set_password(name, password, actor=invoker())
            self._show(password, options)
            self.stderr.write(f"{name} has another password, and is signed out everywhere")
        if rights:
            new = people.give(name, rights, actor=invoker())
            self.stderr.write(
                f"{name} now reads {in_words(new)} as well"
                if new
                else f"{name} reads all of that already"
            )
            if not options["new_password"]:
                self.stderr.write(f"{name} keeps the password")

    def _show(self, password: str, options: dict[str, Any]) -> None:
        if not options["password_from_stdin"]:
            self.stdout.write(password)
            self.stderr.write("keep the password above now: it is shown this once")


def _password(options: dict[str, Any]) -> str:
    """The one given, or one made up."""
    return (
        sys.stdin.readline().rstrip("\n")
        if options["password_from_stdin"]
        else secrets.token_urlsafe(PASSWORD_BYTES)
    )
