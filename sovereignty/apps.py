"""The domain as a Django app: who may touch what, where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SovereigntyConfig(AppConfig):
    name = "sovereignty"
    verbose_name = _("Sovereignty")
