"""`manage.py make_person`: someone who may sign in, and what that person may read."""

import secrets
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.models import Person, Trail, TrailReader

EXAMPLES = """
examples:
  python manage.py make_person olga --all                              an officer of the operator, who reads every trail
  python manage.py make_person ada --reader-of-tenant st-mary          a customer's auditor
  python manage.py make_person ada --reader-of-tenant st-mary --password-from-stdin < password.txt

A password that is not given is made and printed once. Naming a person who is there already only adds to what it may read.
"""
PASSWORD_BYTES = 15  # 120 bits, twenty characters


class Command(BaseCommand):
    help = "Make a person who may sign in, and say which trails that person may read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("name", help="the name to sign in with")
        parser.add_argument("--all", action="store_true", help="reads all trails: for the operator's own officers")
        parser.add_argument("--reader-of-tenant", action="append", default=[], metavar="KEY", help="reads this tenant's trail")
        parser.add_argument(
            "--trail", action="append", default=[], type=int, metavar="NUMBER", help="reads the trail of this number"
        )
        parser.add_argument("--password-from-stdin", action="store_true", help="the password is the first line of standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        owners = [f"tenant:{key}" for key in options["reader_of_tenant"]]
        trails = [_trail(owner=owner) for owner in owners] + [_trail(number=number) for number in options["trail"]]
        if not trails and not options["all"]:
            raise CommandError(
                "wanted --all, --reader-of-tenant KEY or --trail NUMBER: a person who may read nothing sees nothing"
            )
        with transaction.atomic():
            person, password = self._person(options["name"], from_stdin=options["password_from_stdin"])
            if options["all"]:
                Person.objects.filter(pk=person.pk).update(reads_all_trails=True)
            for trail in trails:
                TrailReader.objects.get_or_create(person=person, trail=trail)
        if password:
            self.stdout.write(password)
            self.stderr.write(f"{person.username} signs in with the password above, which is shown this once")

    def _person(self, name: str, *, from_stdin: bool) -> tuple[Person, str]:
        """The person, made where there is none; and the password to print, if one was made up."""
        found = Person.objects.filter(username=name).first()
        if found is not None:
            if from_stdin:
                raise CommandError(f"{name} is there already: wanted no password")
            return found, ""
        given = sys.stdin.readline().rstrip("\n") if from_stdin else ""
        password = given or secrets.token_urlsafe(PASSWORD_BYTES)
        person = Person(username=name)
        try:
            validate_password(password, person)
            person.set_password(password)
            person.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        person.save()
        return person, "" if given else password


def _trail(**wanted: Any) -> Trail:
    trail = Trail.objects.filter(**wanted).first()
    if trail is None:
        ((name, value),) = wanted.items()
        raise CommandError(f"there is no trail whose {name} is {value!r}")
    return trail
