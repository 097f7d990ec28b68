"""`manage.py open_ledger`: open the fleet's and the operator's trails and the global log, and make
the log's keys, once."""

from typing import Any

from django.conf import settings

from audit.log.keys import log_signer, receipts_signer
from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.models import OPERATOR_NUMBER, Trail
from audit.trails import open_ledger

EXAMPLES = """
examples:
  DOMICILE_ORIGIN=cloud.example/domicile python manage.py open_ledger

The origin is signed into every checkpoint and cannot be changed afterwards.
"""


class Command(DocumentedCommand):
    help = (
        "Open the ledger under DOMICILE_ORIGIN. Makes the fleet's and the operator's trails, "
        "the genesis of the global log, and the two keys that sign for it. Changes nothing when "
        "the ledger is open."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        open_ledger(actor=invoker())
        keys = [log_signer().verifier_key, receipts_signer().verifier_key]
        for trail in Trail.objects.filter(number__lte=OPERATOR_NUMBER).order_by("number"):
            self.stdout.write(f"trail {trail} ({trail.name})")
        for key in keys:
            self.stdout.write(f"key {key.text()}")
        self.stdout.write(f"origin {settings.LOG_ORIGIN}")
