"""`manage.py run_job N`: claim job N and run it, then the jobs that wait, then end. A worker starts
it; so may a person."""

import signal
import sys
from argparse import ArgumentParser
from contextlib import suppress
from types import FrameType
from typing import Any

from django.core.management.base import CommandError

from audit.jobs import lease, queue
from audit.jobs.lease import LeaseLost
from audit.management.command import DocumentedCommand
from audit.models import Job

EXAMPLES = """
examples:
  python manage.py run_job 12    the number of a job, as its page shows it

exit code: 0 done, 1 a job failed for good, 2 there is no such job, 143 stopped by SIGTERM
"""


class Command(DocumentedCommand):
    help = (
        "Claim one job and run it, then the jobs that wait. Workers start this command; so may you."
    )
    examples = EXAMPLES
    requires_system_checks = ()  # the server that started it has made them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", type=int, help="the job's number")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        if reason := _why_not_run(options["job"]):
            self.stderr.write(reason)
        states = [_run(options["job"])]
        # A job put back after a passing fault waits for the next sweep: running it again at once
        # would meet the same fault.
        while states[-1] != Job.QUEUED and (waiting := queue.waiting().first()):
            states.append(_run(waiting.pk))
        sys.exit(1 if Job.FAILED in states else 0)


def _why_not_run(job_id: int) -> str:
    """Why the job will not be run, for a person who waits for it; empty for one that waits or runs.
    Raises CommandError."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise CommandError(f"want the number of a job, got {job_id}: there is none", returncode=2)
    if job.state == Job.DONE:
        return f"job {job_id} is done already: there is nothing to run"
    return f"job {job_id} has failed for good: {job.error}" if job.state == Job.FAILED else ""


def _run(job_id: int) -> str:
    """Run the job unless another has it. Returns its state afterwards: *running* where another has
    it or it has ended."""
    claimed = lease.claim(job_id, queue.owner())
    if claimed is None:
        return Job.RUNNING
    try:
        return queue.run(claimed).state
    except (KeyboardInterrupt, SystemExit):
        with suppress(LeaseLost):  # the stop may have come just after the job was done
            lease.give_back(claimed)
        raise


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)  # 128 + SIGTERM, as a shell says it
