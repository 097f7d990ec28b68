"""`manage.py open_ledger`: open the fleet's and the operator's trails and the global log, and make
the log's keys, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from audit.log.keys import log_signer, receipts_signer
from audit.management.invoker import invoker
from audit.models import OPERATOR_NUMBER, Trail
from audit.trails import open_ledger


class Command(BaseCommand):
    help = (
        "Open the ledger under DOMICILE_ORIGIN: fleet trail, operator trail, the global log's genesis, and the two keys that sign "
        "for it. Harmless when it is open."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        open_ledger(actor=invoker())
        keys = [log_signer().verifier_key, receipts_signer().verifier_key]
        for trail in Trail.objects.filter(number__lte=OPERATOR_NUMBER).order_by("number"):
            self.stdout.write(f"trail {trail} ({trail.name})")
        for key in keys:
            self.stdout.write(f"key {key.text()}")
        self.stdout.write(f"origin {settings.LOG_ORIGIN}")
