"""`manage.py open_ledger`: open the fleet's and the operator's trails and the global log, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from audit.models import Trail
from audit.trails import open_ledger


class Command(BaseCommand):
    help = "Open the ledger under DOMICILE_ORIGIN: fleet trail, operator trail and the global log's genesis. Harmless when it is open."

    def handle(self, *args: Any, **options: Any) -> None:
        open_ledger()
        for trail in Trail.objects.filter(number__lte=1).order_by("number"):
            self.stdout.write(f"trail {trail} ({trail.name})")
        self.stdout.write(f"origin {settings.LOG_ORIGIN}")
