"""Celery: what runs when. Messages only say *look*; the truth is in the database, so any broker
will do.

In production: `celery --app config.celery worker` and `celery --app config.celery beat`, as many
workers as there are machines, one beat, whose clock is a file in DOMICILE_VAR. Without a broker
`manage.py serve` does both.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("domicile")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # for every thread of the server, not only for the one that imported this
app.autodiscover_tasks()
