"""Long work: queued in the database, run under a lease, exactly one result.

    job = queue.enqueue("export", {"trail": 7}, actor="olga")     # page, endpoint or beat
    job = queue.run_here("export", {"trail": 7}, actor="olga")    # a command, in its own process

The job's row is the truth. A broker's message only says *look at job N*: a lost one is made good by
the sweep, a doubled one finds the job claimed. `settings.JOB_KINDS` names the step of each kind:
`(job, progress) -> dict`, which must bear being run again after a kill at any point.
"""

import logging
import os
import platform
import sys
from collections.abc import Callable
from typing import Any, cast

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerError

from audit import clock
from audit.errors import ExportError, LedgerError
from audit.jobs import lease, progress
from audit.jobs.lease import Lease, LeasedProgress, LeaseLost
from audit.jobs.progress import Progress
from audit.models import Job, Trail

LOOK = "audit.tasks.look_at_job"
LOOKS_A_SWEEP = 100
ENQUEUE_TRIES = 3

Step = Callable[[Job, Progress], dict[str, Any]]
logger = logging.getLogger(__name__)


class JobError(LedgerError):
    """Raised when a job is of a kind that nobody runs, or when a job run by a command did not get
    done."""


def enqueue(
    kind: str,
    params: dict[str, Any],
    *,
    actor: str,
    trail: Trail | None = None,
    dedup_key: str = "",
) -> Job:
    """Queue a job; once the transaction is committed, a worker gets a message. `trail`: whose
    readers may see it. `dedup_key`: a job queued or running under that key is returned instead.
    Raises JobError."""
    _check_kind(kind)
    for _ in range(ENQUEUE_TRIES):
        if dedup_key and (earlier := _unfinished(dedup_key)):
            return earlier
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    params=params,
                    actor=actor,
                    trail=trail,
                    dedup_key=dedup_key,
                    made_at=clock.now_ms(),
                )
            break
        except IntegrityError:
            # Another process queued it between our look and our insert: look again.
            continue
    else:
        raise JobError(
            f"job {dedup_key!r}: want to find or queue it, "
            f"got another process {ENQUEUE_TRIES} times"
        )
    transaction.on_commit(lambda: _send_unless_the_broker_is_down(job.pk))
    return job


def _unfinished(dedup_key: str) -> Job | None:
    jobs = Job.objects.filter(dedup_key=dedup_key, state__in=(Job.QUEUED, Job.RUNNING))
    return jobs.first()


def run(claimed: Lease, *watchers: Progress) -> Job:
    """Run the claimed job's step and complete it. Returns the job as it then stands; a failure is
    in its `error`."""
    job, refusal = _run(claimed, *watchers)
    # An ExportError's message is for its reader: the job holds it.
    if refusal is not None and not isinstance(refusal, ExportError):
        logger.warning("job %s: %s", job.pk, refusal)
    return job


def _run(claimed: Lease, *watchers: Progress) -> tuple[Job, LedgerError | None]:
    """As `run`. Returns the ledger's refusal too, where the job failed by one: a command shows it
    word by word."""
    refusal = None
    job = Job.objects.select_related("trail").get(pk=claimed.job_id)
    leased = LeasedProgress(claimed, *watchers)
    try:
        with lease.keeping(claimed):
            result = _step(job.kind)(job, leased)
            leased.flush()
        lease.finish(claimed, result)
    except LeaseLost:
        logger.warning(
            "job %s was taken back while it ran; the other runner's result stands", job.pk
        )
    except OperationalError as error:
        # The database was away or busy: that passes. If it still is, this raises too, and the lease
        # runs out by itself.
        logger.warning("job %s: %s", job.pk, error)
        lease.retry(claimed, _stored_error(job, error))
    except LedgerError as error:
        refusal = error
        lease.fail(claimed, _stored_error(job, error))
    except Exception as error:
        # The edge: whatever a step raises must reach the one who waits for the job.
        logger.error("job %s failed", job.pk, exc_info=error)
        lease.fail(claimed, _stored_error(job, error))
    job.refresh_from_db()
    return job, refusal


def run_here(kind: str, params: dict[str, Any], *, actor: str, trail: Trail | None = None) -> Job:
    """Run a new job in this process, its progress on standard error. Returns it when done.

    The job is claimed from its beginning, so no worker takes it meanwhile. Where this process is
    killed, a worker takes the job after its lease. Raises JobError, or the LedgerError by which the
    step refuses: a command is the operator's own, so it shows more than the job's row keeps.
    """
    _check_kind(kind)
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, params=params, actor=actor, trail=trail, made_at=clock.now_ms()
        )
        claimed = cast(
            Lease, lease.claim(job.pk, owner())
        )  # never None: nobody else sees the row yet
    try:
        with progress.bar(kind, sys.stderr) as bar:
            job, refusal = _run(claimed, bar)
    except KeyboardInterrupt:
        lease.fail(claimed, "stopped by hand")
        raise
    if refusal is not None:
        raise refusal
    if job.state != Job.DONE:
        raise JobError(f"job {job.pk} ({kind}): want done, got {job.state}: {job.public_error}")
    return job


def sweep() -> None:
    """Take back expired leases, and send the messages of waiting jobs again: of the oldest, and of
    the rest at later sweeps."""
    lease.take_back_expired()
    for job in waiting()[:LOOKS_A_SWEEP]:
        # The next sweep sends another message, so nobody need keep this one.
        _send(job.pk, expires=settings.SWEEP_EVERY_S)


def waiting() -> QuerySet[Job]:
    """Return the queued jobs, oldest first."""
    return Job.objects.filter(state=Job.QUEUED).order_by("pk")


def owner() -> str:
    """Return this machine and process, as a lease names its holder."""
    return f"{platform.node()}:{os.getpid()}"


def _send_unless_the_broker_is_down(job_id: int) -> None:
    """Send the message; what was committed must not fail by it. The sweep sends it again."""
    try:
        _send(job_id)
    except BrokerError as error:
        logger.warning("job %s waits: the broker could not take its message: %s", job_id, error)


def _send(job_id: int, expires: float | None = None) -> None:
    # By name: the task's module imports this one.
    current_app.send_task(LOOK, [job_id], expires=expires)


def _check_kind(kind: str) -> None:
    if kind not in settings.JOB_KINDS:
        raise JobError(f"job kind: want one of {', '.join(settings.JOB_KINDS)}, got {kind!r}")


def _step(kind: str) -> Step:
    _check_kind(kind)
    return cast(Step, import_string(settings.JOB_KINDS[kind]))


def _stored_error(job: Job, error: Exception) -> str:
    """Return what the job's row keeps of an error. A tenant reads the row of its own job: it gets a
    message that we wrote for it, and no path, query or name from any other error. The log has
    those."""
    if isinstance(error, ExportError):
        return str(error)
    return f"{type(error).__name__}: {error}" if job.trail is None else Job.FAULT
