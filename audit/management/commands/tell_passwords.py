"""`manage.py tell_passwords`: the former name of `record_passwords`, kept for one version."""

from typing import Any

from audit.management.commands import record_passwords


class Command(record_passwords.Command):
    help = "The former name of record_passwords, which does the same."
    examples = "examples:\n  python manage.py record_passwords"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write("tell_passwords is now called record_passwords; use that name")
        super().handle(*args, **options)
