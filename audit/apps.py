"""The ledger as a Django app."""

from django.apps import AppConfig
from django.db.models import Field, ForeignKey
from django.utils.translation import gettext_lazy as _

from audit.storage.among import Among


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Audit ledger")

    def ready(self) -> None:
        """Register the lookups that every app may use."""
        Field.register_lookup(Among)
        ForeignKey.register_lookup(Among)
