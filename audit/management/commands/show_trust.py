"""Print the trust file that customers keep: `python manage.py show_trust > trust.txt`."""

from typing import Any

from django.core.management.base import BaseCommand

from audit.log.keys import trust_text


class Command(BaseCommand):
    help = "Print the trust file: the public keys of the log, for whoever verifies its bundles."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(trust_text(), ending="")
