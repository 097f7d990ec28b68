"""Where workers come from, and the hint for a job that none of them takes.

Without a broker the server's own process works (`embedded.py`). With one, `celery` processes do;
nothing in the server knows whether any runs. A sweep sends the message of each waiting job
again, so a job that still waits after several sweeps has no worker, or all are busy. The hint asks
only the database, so it is there when the broker is not.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.models import Job

# After so many messages that no worker took, a job has a hint.
SWEEPS = 3
MEMORY = "memory:"
WORKER, BEAT, SERVE = (
    "celery --app config.celery worker",
    "celery --app config.celery beat",
    "manage.py serve",
)


def has_broker() -> bool:
    """Return whether workers are processes of their own, behind a broker."""
    return not settings.CELERY_BROKER_URL.startswith(MEMORY)


@dataclass(frozen=True, slots=True)
class Hint:
    """Why a job still waits, and the `commands` by which the operator starts what it waits for."""

    text: str
    commands: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.text, *(f"`{command}`" for command in self.commands)))


def hint(job: Job) -> Hint | None:
    """Return why the job may still wait for a worker; None for a job that does not wait, or not for
    long."""
    now = clock.now_ms()
    if job.state != Job.QUEUED or now - job.made_at < SWEEPS * settings.SWEEP_EVERY_S * 1000:
        return None
    # A lease that has run out is a dead runner's: nobody works on that job.
    if busy := Job.objects.filter(state=Job.RUNNING, lease_until__gte=now).count():
        text = ngettext(
            "Workers are busy: %(count)d other job is being done, and this one waits its turn.",
            "Workers are busy: %(count)d other jobs are being done, and this one waits its turn.",
            busy,
        )
        return Hint(text % {"count": busy})
    commands = (WORKER, BEAT) if has_broker() else (SERVE,)
    return Hint(
        _(
            "No worker has taken this job yet; perhaps none is running. "
            "The operator starts one with:"
        ),
        commands,
    )
