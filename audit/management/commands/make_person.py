"""`manage.py make_person`: someone who may sign in, and what that person may read."""

import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.management.rights import USAGE, add_rights, in_words, rights_in
from audit.models import Person
from audit.people import people
from audit.people.rights import Rights

PASSWORD_BYTES = 15  # 120 bits, twenty characters


EXAMPLES = """
examples:
  an officer of the operator, who reads every trail:
    python manage.py make_person olga --all
  a customer's auditor; the second line takes the password from a file:
    python manage.py make_person ada --reader-of-tenant st-mary
    python manage.py make_person ada --reader-of-tenant st-mary --password-from-stdin < password.txt
  she exists already, and may read this trail as well:
    python manage.py make_person ada --trail 4
  she forgot her password:
    python manage.py make_person ada --new-password

Without --password-from-stdin the command makes a password and prints it once. The operator's trail
records the person, the rights and that the password is new, never the password itself.
See also take_rights, deactivate_person and list_people.
"""


class Command(DocumentedCommand):
    help = (
        "Make a person who may sign in, or give rights or another password to one. Writes an "
        "entry into the operator's trail."
    )
    examples = EXAMPLES

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
            help="give a person who exists another password",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, rights = options["name"], rights_in(options)
        exists = Person.objects.filter(username=name).exists()
        if not exists and not rights:
            raise CommandError(
                "want --all, --reader-of-tenant KEY or --trail NUMBER, got none: "
                "a person without rights sees nothing",
                returncode=USAGE,
            )
        if exists:
            self._change(name, rights, options)
        else:
            self._make(name, rights, options)

    def _make(self, name: str, rights: Rights, options: dict[str, Any]) -> None:
        if options["new_password"]:
            raise CommandError(
                f"there is no person {name!r} to give another password to: "
                "leave --new-password out",
                returncode=USAGE,
            )
        password = _password(options)
        people.make(name, password=password, rights=rights, actor=invoker())
        self._show(password, options)
        self.stderr.write(f"{name} was made and may read {in_words(rights)}")

    def _change(self, name: str, rights: Rights, options: dict[str, Any]) -> None:
        if not rights and not options["new_password"]:
            raise CommandError(
                f"{name} exists already: want rights to give, or --new-password", returncode=USAGE
            )
        if options["password_from_stdin"] and not options["new_password"]:
            raise CommandError(
                f"{name} exists already: want --new-password with --password-from-stdin",
                returncode=USAGE,
            )
        if options["new_password"]:
            password = _password(options)
            people.set_password(name, password, actor=invoker())
            self._show(password, options)
            self.stderr.write(f"{name} has another password, and all sessions have ended")
        if rights:
            new = people.give(name, rights, actor=invoker())
            self.stderr.write(
                f"{name} may now read {in_words(new)} as well"
                if new
                else f"{name} may read all of that already"
            )
            if not options["new_password"]:
                self.stderr.write(f"{name} keeps the password")

    def _show(self, password: str, options: dict[str, Any]) -> None:
        if not options["password_from_stdin"]:
            self.stdout.write(password)
            self.stderr.write("keep the password above now: it is shown only once")


def _password(options: dict[str, Any]) -> str:
    """The one given, or one made up."""
    return (
        sys.stdin.readline().rstrip("\n")
        if options["password_from_stdin"]
        else secrets.token_urlsafe(PASSWORD_BYTES)
    )
