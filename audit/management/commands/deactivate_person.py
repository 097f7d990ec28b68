"""`manage.py deactivate_person`: someone may no longer sign in."""

from argparse import ArgumentParser
from typing import Any

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.people import people

EXAMPLES = """
examples:
  python manage.py deactivate_person ada           she may not sign in
  python manage.py deactivate_person ada --undo    she may again, with the same password and rights
"""


class Command(DocumentedCommand):
    help = (
        "Stop a person from signing in, and end all sessions of the person. The name and the "
        "rights stay on record; nobody else gets the name. Writes an entry into the operator's "
        "trail."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name that the person signs in with")
        parser.add_argument(
            "--undo",
            action="store_true",
            help="let the person sign in again, with the same password and rights",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, undo = options["name"], options["undo"]
        changed = (people.reactivate if undo else people.deactivate)(name, actor=invoker())
        state = "may sign in" if undo else "may not sign in"
        unchanged = "" if changed else "; this was so before, and nothing changed"
        self.stdout.write(f"{name} {state}{unchanged}")
