"""Print the trust file that customers keep: `python manage.py show_trust > trust.txt`."""

from typing import Any

from audit.log.keys import trust_text
from audit.management.command import DocumentedCommand

EXAMPLES = """
examples:
  python manage.py show_trust > trust.txt

Give the file to customers by another way than the bundles.
"""


class Command(DocumentedCommand):
    help = "Print the trust file: the public keys of the log, which its bundles are verified with."
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(trust_text(), ending="")
