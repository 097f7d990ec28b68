"""What the beat asks of the domain. Each task may run twice."""

from celery import shared_task

from sovereignty.checking.schedule import queue_due_checks


@shared_task(name="sovereignty.tasks.check_due")
def check_due() -> None:
    """Queue the check of every policy in force whose answer is not of the newest position."""
    queue_due_checks()
