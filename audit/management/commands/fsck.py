"""`manage.py fsck`: check the whole ledger against its own bytes."""

import sys
from typing import Any

from django.utils.translation import ngettext

from audit.fsck.fsck import fsck
from audit.fsck.rights import notes
from audit.jobs.progress import bar
from audit.management.command import DocumentedCommand

EXAMPLES = """
examples:
  python manage.py fsck                   prints defects, notes and progress
  python manage.py fsck > defects.txt     one defect a line

exit code: 0 no defect, 1 defects
"""


class Command(DocumentedCommand):
    help = (
        "Compute the whole ledger again from its stored bytes, and print each defect. Notes "
        "what cannot be compared."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        with bar("fsck", sys.stderr) as progress:
            for defect in fsck(progress):
                count += 1
                self.stdout.write(str(defect))
        for note in notes():
            self.stderr.write(f"note: {note}")
        if count:
            self.stderr.write(
                ngettext("%(count)d defect", "%(count)d defects", count) % {"count": count}
            )
            raise SystemExit(1)
        self.stderr.write("no defect")
