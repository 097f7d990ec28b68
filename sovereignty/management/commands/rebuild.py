"""Make the derived tables again from the facts: `python manage.py rebuild [--check]`. See
`sovereignty/projection/rebuild.py`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import ngettext

from audit.jobs.progress import bar
from audit.management.command import DocumentedCommand
from sovereignty.projection.rebuild import Difference, RebuildError, check, rebuild

DIFFERENT = 1


EXAMPLES = """
examples:
  python manage.py rebuild            makes the tables again
  python manage.py rebuild --check    compares them, and prints rows that differ

exit code: 0 done, or no difference; 1 the tables differ (--check), or cannot be made
"""


class Command(DocumentedCommand):
    help = (
        "Make every derived table again from the recorded facts, in one transaction. Nobody can "
        "record meanwhile. With --check, compares the tables and changes nothing."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only compare, and name the rows that differ"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with bar("rebuild", sys.stderr) as progress:
                if not options["check"]:
                    count = rebuild(progress)
                    message = ngettext(
                        "the derived tables were made again from %(count)d fact",
                        "the derived tables were made again from %(count)d facts",
                        count,
                    )
                    self.stdout.write(message % {"count": count})
                    return
                differences = check(progress)
        except RebuildError as error:
            raise CommandError(str(error)) from error
        for difference in differences:
            self._print(difference)
        if differences:
            sys.exit(DIFFERENT)
        self.stdout.write("the derived tables are what the facts make them")

    def _print(self, difference: Difference) -> None:
        where = "only in the live table" if difference.live else "only in the rebuilt table"
        rows = ngettext("%(count)d row", "%(count)d rows", difference.count) % {
            "count": difference.count
        }
        self.stdout.write(f"{difference.table}: {rows} {where}, {len(difference.rows)} shown")
        for row in difference.rows:
            self.stdout.write(f"  {row}")
