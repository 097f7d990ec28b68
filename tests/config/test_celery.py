"""What the beat runs, and that every process and thread talks to our broker."""

from pathlib import Path
from threading import Thread

from celery import current_app
from django.conf import settings

from config.celery import app


def test_what_is_planned_runs_at_the_intervals_of_the_settings() -> None:
    planned = {
        name: (entry["task"], entry["schedule"]) for name, entry in app.conf.beat_schedule.items()
    }
    assert planned == {
        "seal": ("audit.tasks.seal", settings.SEAL_EVERY_S),
        "sweep": ("audit.tasks.sweep", settings.SWEEP_EVERY_S),
        "expire": ("audit.tasks.expire", settings.EXPIRE_EVERY_S),
        "check": ("sovereignty.tasks.check_due", settings.CHECK_EVERY_S),
    }


def test_every_planned_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_the_beat_keeps_its_clock_with_the_other_data() -> None:
    assert Path(app.conf.beat_schedule_filename).parent == settings.VAR_DIR


def test_messages_of_any_thread_go_to_our_broker() -> None:
    seen: list[str] = []
    thread = Thread(target=lambda: seen.append(current_app.main))
    thread.start()
    thread.join()
    assert seen == ["domicile"]
    assert app.conf.broker_url == settings.CELERY_BROKER_URL
