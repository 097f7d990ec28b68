"""The deployment as a Django app: its import brings the system checks and the Celery app into every
process, and nothing runs."""

from django.apps import AppConfig

from config import checks
from config.celery import app as celery_app

__all__ = ["DeploymentConfig", "celery_app", "checks"]


class DeploymentConfig(AppConfig):
    name = "config"
