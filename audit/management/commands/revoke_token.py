"""`manage.py revoke_token`: a machine's token opens nothing any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.management.invoker import invoker
from audit.management.table import when
from audit.people import tokens


class Command(BaseCommand):
    help = (
        "Revoke a token, from the next request on; it cannot be taken back. Writes an entry into the operator's trail. "
        "For example: python manage.py revoke_token 7 (list_tokens shows the ids)"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "id", metavar="ID", type=int, help="the token's id, as list_tokens shows it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        token = tokens.revoke(options["id"], actor=invoker())
        self.stdout.write(
            f"token {token.pk} ({token.name}) is revoked since {when(token.revoked_at)}"
        )
