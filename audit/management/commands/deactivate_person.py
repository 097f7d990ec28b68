"""`manage.py deactivate_person`: someone may no longer sign in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.management.invoker import invoker
from audit.people import people


class Command(BaseCommand):
    help = (
        "Let a person in no longer, and end its sessions. The name and the rights stay on record, and are never another's. "
        "Writes an entry into the operator's trail. For example: python manage.py deactivate_person ada"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name that the person signs in with")
        parser.add_argument(
            "--undo",
            action="store_true",
            help="let it in again, with the password and the rights that it had",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, undo = options["name"], options["undo"]
        changed = (people.reactivate if undo else people.deactivate)(name, actor=invoker())
        state = "may sign in" if undo else "may not sign in"
        self.stdout.write(f"{name} {state}" + ("" if changed else ", as before; nothing changed"))
