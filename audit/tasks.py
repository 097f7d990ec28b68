"""What the broker's messages mean. Each may come twice, late or never."""

from celery import shared_task

from audit.exporting import bundles
from audit.jobs import queue, runner
from audit.people import login_throttle
from audit.seal import seal as close_epoch


@shared_task
def look_at_job(job_id: int) -> None:
    """Look at job N: if it waits, start a runner for it."""
    if queue.waiting().filter(pk=job_id).exists():
        runner.start(job_id)


@shared_task
def sweep() -> None:
    """Take back expired leases and tell of waiting jobs again."""
    queue.sweep()


@shared_task
def seal() -> None:
    """Close an epoch."""
    close_epoch(actor="beat")


@shared_task
def expire() -> None:
    """Remove the bundles whose time is over, and old tries to sign in."""
    bundles.expire()
    login_throttle.forget()
