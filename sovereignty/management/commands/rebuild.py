"""Make the projection again from the facts: `python manage.py rebuild [--check]`. See
`sovereignty/projection/rebuild.py`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from audit.jobs.progress import bar
from sovereignty.projection.rebuild import Difference, RebuildError, check, rebuild

DIFFERENT = 1


class Command(BaseCommand):
    help = (
        "Make every derived table again from the recorded facts, in one transaction in which nobody can record. With --check: "
        "compare with what is there and change nothing; exit status 1 where the two differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only compare, and name the rows that differ"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with bar("rebuild", sys.stderr) as progress:
                if not options["check"]:
                    count = rebuild(progress)
                    said = ngettext(
                        "the projection was made again from %(count)d fact",
                        "the projection was made again from %(count)d facts",
                        count,
                    )
                    self.stdout.write(said % {"count": count})
                    return
                differences = check(progress)
        except RebuildError as error:
            raise CommandError(str(error)) from error
        for difference in differences:
            self._print(difference)
        if differences:
            sys.exit(DIFFERENT)
        self.stdout.write("the projection is what its facts make it")

    def _print(self, found: Difference) -> None:
        where = "only in the live table" if found.live else "only in the rebuilt table"
        rows = ngettext("%(count)d row", "%(count)d rows", found.count) % {"count": found.count}
        self.stdout.write(f"{found.table}: {rows} {where}, {len(found.rows)} shown")
        for row in found.rows:
            self.stdout.write(f"  {row}")
