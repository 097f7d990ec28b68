"""Leases: who is running a job, and until when.

A runner claims a job by one UPDATE that compares the state it expects, and gets a token that nobody
else holds. Each later write compares the token, so a runner whose lease ran out, and whose job
another has taken, can change nothing any more. A killed runner says nothing: its lease runs out,
and a sweep puts the job back. Nothing else is ever asked about a runner, not its process, not its
machine.

    queued --claim--> running --finish--> done
       ^                 |------fail----> failed
       |----- give_back, retry, sweep ----'
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import Any

from django.db import OperationalError, connection
from django.db.models import F, Q, QuerySet

from audit import clock
from audit.errors import LedgerError
from audit.jobs.progress import Progress
from audit.models import Job

LEASE_MS = 60_000
BEAT_S = LEASE_MS / 4000  # three beats may be missed
NOTE_EVERY_S = 0.5
MAX_ATTEMPTS = 3
OWNER_LENGTH = 31  # owner, a colon and 32 hexadecimal digits fill the column

logger = logging.getLogger(__name__)


class LeaseLost(LedgerError):
    """Raised when a runner writes to a job whose lease ran out and was taken back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one job, until it is taken back."""

    job_id: int
    token: str

    @classmethod
    def new(cls, job_id: int, owner: str) -> Lease:
        """A token that begins with `owner` (machine and process), for the eye; its random part is
        what counts."""
        return cls(job_id, f"{owner[:OWNER_LENGTH]}:{secrets.token_hex(16)}")


def claim(job_id: int, owner: str) -> Lease | None:
    """Take the job, if it is queued or its runner's lease has run out. Returns None where another
    was first."""
    lease, now = Lease.new(job_id, owner), clock.now_ms()
    # Compare the state in the UPDATE itself: two runners may both have read *queued*.
    free = Q(state=Job.QUEUED) | Q(
        state=Job.RUNNING, lease_until__lt=now, attempts__lt=MAX_ATTEMPTS
    )
    taken = Job.objects.filter(free, pk=job_id).update(
        state=Job.RUNNING,
        lease=lease.token,
        lease_until=now + LEASE_MS,
        attempts=F("attempts") + 1,
        error="",
    )
    return lease if taken else None


def renew(lease: Lease, /, **columns: Any) -> None:
    """Prolong the lease, and write `columns` with it. Raises LeaseLost."""
    _write(lease, lease_until=clock.now_ms() + LEASE_MS, **columns)


def finish(lease: Lease, result: dict[str, Any]) -> None:
    """The job is done. Raises LeaseLost: then another runner has it, and its result stands."""
    _write(
        lease,
        state=Job.DONE,
        result=result,
        error="",
        ended_at=clock.now_ms(),
        lease="",
        lease_until=0,
    )


def fail(lease: Lease, error: str) -> None:
    """The job failed for good: running it again would fail again. Raises LeaseLost."""
    _write(lease, state=Job.FAILED, error=error, ended_at=clock.now_ms(), lease="", lease_until=0)


def give_back(lease: Lease) -> None:
    """An orderly stop: back to the queue, the attempt not counted. Raises LeaseLost."""
    _write(lease, state=Job.QUEUED, attempts=F("attempts") - 1, lease="", lease_until=0)


def retry(lease: Lease, error: str) -> None:
    """Back to the queue after a passing fault, or failed with `error` when it was the last attempt.
    Raises LeaseLost."""
    if _held(lease).filter(attempts__gte=MAX_ATTEMPTS).exists():
        fail(lease, error)
    else:
        _write(lease, state=Job.QUEUED, error=error, lease="", lease_until=0)


def take_back_expired() -> int:
    """Put jobs whose lease has run out back in the queue; those without an attempt left have
    failed. Returns how many."""
    now = clock.now_ms()
    expired = Job.objects.filter(state=Job.RUNNING, lease_until__lt=now)
    error = f"lost its runner {MAX_ATTEMPTS} times: each time the lease ran out without a word"
    failed = expired.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=Job.FAILED, error=error, ended_at=now, lease="", lease_until=0
    )
    return failed + expired.update(state=Job.QUEUED, lease="", lease_until=0)


def _held(lease: Lease) -> QuerySet[Job]:
    return Job.objects.filter(pk=lease.job_id, state=Job.RUNNING, lease=lease.token)


def _write(lease: Lease, /, **columns: Any) -> None:
    if not _held(lease).update(**columns):
        raise LeaseLost(
            f"job {lease.job_id}: want its lease, got another: it ran out and was taken back"
        )


class LeasedProgress:
    """A progress that writes the job's row at most every `every_s` seconds, and prolongs the lease
    as it does.

    Inside a step's own transaction the figures show only when it commits; report between
    transactions.
    """

    def __init__(self, lease: Lease, *watchers: Progress, every_s: float = NOTE_EVERY_S) -> None:
        self._lease, self._watchers, self._every_s = lease, watchers, every_s
        self._next = monotonic()
        self._unwritten: dict[str, Any] = {}

    def __call__(self, done: int, total: int, step: str = "") -> None:
        """Raises LeaseLost where the job was taken back: the step should stop."""
        for watcher in self._watchers:
            watcher(done, total, step)
        self._unwritten = {"done": done, "total": total, "step": step}
        if monotonic() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Write what was told last. Raises LeaseLost."""
        if self._unwritten:
            renew(self._lease, **self._unwritten)
            self._unwritten, self._next = {}, monotonic() + self._every_s


@contextmanager
def keeping(lease: Lease, every_s: float = BEAT_S) -> Iterator[None]:
    """Prolong the lease from a thread of its own, for steps that are silent for long. It ends with
    its process."""
    stop = Event()
    thread = Thread(
        target=_beat, args=(lease, stop, every_s), name=f"lease of job {lease.job_id}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(lease: Lease, stop: Event, every_s: float) -> None:
    try:
        while not stop.wait(every_s):
            _renew_quietly(lease, stop)
    finally:
        connection.close()


def _renew_quietly(lease: Lease, stop: Event) -> None:
    try:
        renew(lease)
    except LeaseLost:
        stop.set()  # the step learns it at its next report
    except OperationalError as error:
        logger.warning("job %s: lease not prolonged, trying again: %s", lease.job_id, error)
