"""Scheduled checks: the newest version of every policy, over everything recorded so far."""

from audit.jobs.queue import enqueue
from audit.models import Job
from sovereignty.checking.check import stored
from sovereignty.checking.policies import policies_in_force
from sovereignty.checking.question import CheckError, ask

ACTOR = "schedule"


def queue_due_checks() -> list[Job]:
    """Queue a check of each policy's newest version as of the newest position, unless it is
    answered or already waiting."""
    due: list[Job] = []
    for policy in policies_in_force():
        try:
            question = ask(policy)
        except CheckError:
            return due  # nothing has been recorded yet
        waiting = Job.objects.filter(
            kind="check", state__in=[Job.QUEUED, Job.RUNNING], params__policy=policy.pk
        ).exists()
        if not waiting and stored(question) is None:
            params = {
                "policy": policy.pk,
                "from": question.period[0],
                "to": question.period[1],
                "position": question.position,
            }
            due.append(enqueue("check", params, actor=ACTOR))
    return due
