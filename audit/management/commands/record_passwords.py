"""`manage.py record_passwords`: from now on `fsck` compares passwords of an older version, too."""

from typing import Any

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.people import passwords

EXAMPLES = """
examples:
  python manage.py record_passwords    prints the name of each person whose password it records

fsck notes the passwords that no entry covers.
"""


class Command(DocumentedCommand):
    help = (
        "Record in the operator's trail a fingerprint of each stored password that no entry holds. "
        "These passwords were set before entries held fingerprints, and `fsck` notes them. Nobody "
        "can say whether somebody put one in past the commands before now: give whoever you doubt "
        "another password (changepassword). A recorded password is left alone."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        names = passwords.record_passwords(actor=invoker())
        for name in names:
            self.stdout.write(name)
        self.stderr.write(
            "the operator's trail now holds the passwords of the people above"
            if names
            else "the operator's trail holds every password already"
        )
