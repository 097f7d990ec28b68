"""`manage.py changepassword`: another password, typed in. In the place of Django's, which would
tell nobody."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from audit.management.invoker import invoker
from audit.models import Person
from audit.people import people

MOST_TRIES = 3


class Command(BaseCommand):
    help = (
        "Give a person another password, typed in twice; it is signed out everywhere. Writes an entry into the operator's trail. "
        "To have a password made up: make_person NAME --new-password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name",
            metavar="NAME",
            nargs="?",
            help="the name that the person signs in with; your account's on this machine if left out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = people.active(options["name"] or getpass.getuser())  # before anybody types
        people.set_password(person.username, self._typed(person), actor=invoker())
        self.stdout.write(f"{person.username} has another password, and is signed out everywhere")

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
            f"{person.username} keeps its password: want one that is typed alike twice, got none in {MOST_TRIES} tries"
        )


def _read(prompt: str) -> str:
    """What is typed, unseen. Raises CommandError where nobody types any more."""
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        raise CommandError(
            "want a password that is typed twice, got the end of the input"
        ) from error
