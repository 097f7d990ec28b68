"""`manage.py tell_passwords`: from now on `fsck` compares passwords that were set before it could."""

from typing import Any

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.people import passwords

EXAMPLES = """
examples:
  python manage.py tell_passwords    prints the name of each person whose password it records

fsck notes the passwords that no entry covers.
"""


class Command(DocumentedCommand):
    help = (
        "Tell the operator's trail of each password of which no entry tells, as it stands now, by a fingerprint. They were set before "
        "entries held fingerprints, and `fsck` notes them. Whether one was put in past the commands before now, nobody can say: give "
        "whoever you doubt another one (changepassword). A password that was told is left alone."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        names = passwords.tell_untold(actor=invoker())
        for name in names:
            self.stdout.write(name)
        self.stderr.write(
            "the operator's trail tells of the passwords above"
            if names
            else "the operator's trail tells of every password already"
        )
