"""Make a machine's token: `python manage.py make_token --purpose record slurm-collector`. It is printed once and never again."""

import hashlib
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.clock import now_ms
from audit.models import Token, Trail
from sovereignty.models import Tenant

PREFIX = "dom_"


class Command(BaseCommand):
    help = "Make a token for a machine, which records facts or reads one trail. It is printed once: only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what the machine is called, as batches and lists will say")
        parser.add_argument(
            "--purpose", choices=[Token.RECORD, Token.READ], required=True, help="record facts, or read one trail"
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--trail", type=int, metavar="N", help="the number of the trail that it may read")
        which.add_argument("--tenant", metavar="T", help="the key of the tenant whose trail it may read")

    def handle(self, *args: Any, **options: Any) -> None:
        trail = _trail(options["trail"], options["tenant"])
        if (trail is None) is (options["purpose"] == Token.READ):
            came = "neither" if trail is None else "one of them for a token that records"
            raise CommandError(f"wanted --trail or --tenant for a token that reads, and only for that, came {came}")
        token = PREFIX + secrets.token_urlsafe(32)
        Token.objects.create(
            name=options["name"],
            digest=hashlib.sha256(token.encode()).digest(),
            purpose=options["purpose"],
            trail=trail,
            made_at=now_ms(),
        )
        self.stderr.write("keep this token now: it is not shown again")
        self.stdout.write(token)


def _trail(number: int | None, tenant: str | None) -> Trail | None:
    if tenant is not None:
        found = Tenant.objects.select_related("trail").filter(key=tenant).first()
        if found is None:
            raise CommandError(f"there is no tenant {tenant!r}")
        return found.trail
    if number is None:
        return None
    trail = Trail.objects.filter(number=number).first()
    if trail is None:
        raise CommandError(f"there is no trail {number}")
    return trail
