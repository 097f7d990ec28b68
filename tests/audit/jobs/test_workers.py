"""What is said of a job that no worker takes: why it may still wait, and only once that is no
longer a matter of course."""

import pytest
from django.conf import settings
from pytest_django import Settings

from audit import clock
from audit.jobs import lease, queue, workers
from audit.models import Job

pytestmark = pytest.mark.django_db
REDIS = "redis://127.0.0.1:1/0"  # nobody listens there, and nobody asks


def waiting(sweeps: int) -> Job:
    """A job that was queued so many sweeps ago."""
    return Job.objects.create(
        kind="export", actor="ada", made_at=clock.now_ms() - sweeps * settings.SWEEP_EVERY_S * 1000
    )


@pytest.mark.parametrize(
    ("broker", "ending"),
    [
        ("memory://localhost", "starts one with: `manage.py serve`"),
        (
            REDIS,
            "one with: `celery --app config.celery worker` `celery --app config.celery beat`",
        ),
    ],
)
def test_says_how_to_start_a_worker_where_none_seems_to_run(
    settings: Settings, broker: str, ending: str
) -> None:
    settings.CELERY_BROKER_URL = broker
    hint = str(workers.hint(waiting(sweeps=4)))
    assert "perhaps none is running" in hint
    assert hint.endswith(ending)


def test_says_nothing_before_a_worker_was_told_several_times() -> None:
    assert workers.hint(waiting(sweeps=2)) is None


def test_says_that_others_come_first_where_workers_are_busy() -> None:
    job = waiting(sweeps=4)
    assert lease.claim(waiting(sweeps=4).pk, queue.owner())
    assert str(workers.hint(job)).startswith("Workers are busy: 1 other job is being done")
    assert lease.claim(waiting(sweeps=4).pk, queue.owner())
    assert str(workers.hint(job)).startswith("Workers are busy: 2 other jobs are being done")


def test_a_runner_whose_lease_ran_out_is_no_busy_worker() -> None:
    job = waiting(sweeps=4)
    assert lease.claim(waiting(sweeps=4).pk, queue.owner())
    Job.objects.filter(state=Job.RUNNING).update(lease_until=clock.now_ms() - 1)
    assert "perhaps none is running" in str(workers.hint(job))


@pytest.mark.parametrize("state", [Job.RUNNING, Job.DONE, Job.FAILED, Job.EXPIRED])
def test_says_nothing_of_a_job_that_does_not_wait(state: str) -> None:
    job = waiting(sweeps=4)
    job.state = state
    assert workers.hint(job) is None
