"""`manage.py revoke_token`: a machine's token opens nothing any more."""

from argparse import ArgumentParser
from typing import Any

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.management.table import when
from audit.people import tokens

EXAMPLES = """
examples:
  python manage.py revoke_token 7    list_tokens shows the ids
"""


class Command(DocumentedCommand):
    help = (
        "Revoke a token, from the next request on. This cannot be undone. Writes an entry into "
        "the operator's trail."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "id", metavar="ID", type=int, help="the token's id, as list_tokens shows it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        token = tokens.revoke(options["id"], actor=invoker())
        self.stdout.write(
            f"token {token.pk} ({token.name}) has been revoked since {when(token.revoked_at)}"
        )
