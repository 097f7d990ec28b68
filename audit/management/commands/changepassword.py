"""`manage.py changepassword`: another password, typed in. It replaces Django's command, which
writes no entry."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.models import Person
from audit.people import people

MOST_TRIES = 3


EXAMPLES = """
examples:
  python manage.py changepassword ada    asks for her new password, twice
  python manage.py changepassword        the person named as your account on this machine

make_person NAME --new-password makes a password up and prints it.
"""


class Command(DocumentedCommand):
    help = (
        "Give a person another password, which you type twice. All sessions of the person end. "
        "Writes an entry into the operator's trail."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name",
            metavar="NAME",
            nargs="?",
            help="the name that the person signs in with (default: your account on this machine)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = people.active(options["name"] or getpass.getuser())  # before anybody types
        people.set_password(person.username, self._typed(person), actor=invoker())
        self.stdout.write(f"{person.username} has another password, and all sessions have ended")

    def _typed(self, person: Person) -> str:
        """A password that was typed alike twice and is not weak. Raises CommandError after three
        tries."""
        for _ in range(MOST_TRIES):
            password = _read(f"Another password for {person.username}: ")
            if password != _read("The same again: "):
                self.stderr.write("the two passwords differ")
                continue
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(
            f"{person.username} keeps the old password: want one that is typed alike twice, "
            f"got none in {MOST_TRIES} tries"
        )


def _read(prompt: str) -> str:
    """What is typed, unseen. Raises CommandError where nobody types any more."""
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        raise CommandError(
            "want a password that is typed twice, got the end of the input"
        ) from error
