"""`manage.py list_people`: who may sign in, and what each may read."""

from typing import Any

from django.utils.translation import ngettext

from audit.management.command import DocumentedCommand
from audit.management.rights import in_words
from audit.management.table import table, when
from audit.models import Person
from audit.people.people import rights_of

EXAMPLES = """
examples:
  python manage.py list_people
"""


class Command(DocumentedCommand):
    help = (
        "List the people. Shows what each may read, when each was made and last signed in, and "
        "whether each may sign in."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        people = list(Person.objects.order_by("username"))
        for line in table(
            ("name", "reads", "made", "signed in last", "state"),
            [_row(person) for person in people],
        ):
            self.stdout.write(line)
        self.stderr.write(
            ngettext("%(count)d person", "%(count)d people", len(people)) % {"count": len(people)}
        )


def _row(person: Person) -> tuple[str, ...]:
    rights = rights_of(person)
    last = None if person.last_login is None else int(person.last_login.timestamp() * 1000)
    joined_ms = int(person.date_joined.timestamp() * 1000)
    state = "active" if person.is_active else "deactivated"
    return (
        person.username,
        in_words(rights) if rights else "nothing",
        when(joined_ms),
        when(last),
        state,
    )
