"""Leases: one holder at a time, and no word from one who lost it."""

from collections.abc import Callable
from threading import enumerate as enumerate_threads

import pytest

from audit import clock
from audit.jobs import lease
from audit.jobs.lease import LEASE_MS, MAX_ATTEMPTS, Lease, LeasedProgress, LeaseLost
from audit.models import Job
from tests.installation import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    return Job.objects.create(kind="mark", actor="olga", made_at=clock.now_ms())


@pytest.fixture
def held(job: Job) -> Lease:
    return _claimed(job, "first")


def _claimed(job: Job, owner: str) -> Lease:
    held = lease.claim(job.pk, owner)
    assert held is not None
    return held


def _run_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=1)


def test_a_claim_marks_the_job_running_until_the_lease_ends(job: Job, held: Lease) -> None:
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease) == (Job.RUNNING, 1, held.token)
    assert 0 < job.lease_until - clock.now_ms() <= LEASE_MS
    assert held.token.startswith("first:")


def test_a_claimed_job_is_not_claimed_again(job: Job, held: Lease) -> None:
    assert lease.claim(job.pk, "second") is None


@pytest.mark.parametrize("state", [Job.DONE, Job.FAILED])
def test_an_ended_job_is_not_claimed(job: Job, state: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=state)
    assert lease.claim(job.pk, "first") is None


def test_a_job_whose_lease_ran_out_is_claimed_by_the_next(job: Job, held: Lease) -> None:
    _run_out(job)
    second = _claimed(job, "second")
    job.refresh_from_db()
    assert (job.lease, job.attempts) == (second.token, 2)


def test_a_job_without_an_attempt_left_is_not_claimed(job: Job, held: Lease) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=1, attempts=MAX_ATTEMPTS)
    assert lease.claim(job.pk, "second") is None


def test_a_long_owner_still_fits_the_column(job: Job) -> None:
    assert len(_claimed(job, "a-machine-with-quite-a-long-name.in.some.domain:12345").token) == 64


def test_finishing_keeps_the_result_and_ends_the_lease(job: Job, held: Lease) -> None:
    lease.finish(held, {"bundle": "a.zip"})
    job.refresh_from_db()
    assert (job.state, job.result, job.lease, job.lease_until) == (
        Job.DONE,
        {"bundle": "a.zip"},
        "",
        0,
    )
    assert job.ended_at is not None


def test_failing_keeps_the_error(job: Job, held: Lease) -> None:
    lease.fail(held, "no such trail")
    job.refresh_from_db()
    assert (job.state, job.error, job.lease) == (Job.FAILED, "no such trail", "")


def test_who_lost_the_lease_can_write_nothing(job: Job, held: Lease) -> None:
    _run_out(job)
    second = _claimed(job, "second")
    writes: tuple[Callable[[], None], ...] = (
        lambda: lease.renew(held),
        lambda: lease.finish(held, {"of": "the first"}),
        lambda: lease.fail(held, "of the first"),
        lambda: lease.give_back(held),
        lambda: lease.retry(held, "of the first"),
    )
    for write in writes:
        with pytest.raises(LeaseLost, match="want its lease, got another"):
            write()
    lease.finish(second, {"of": "the second"})
    job.refresh_from_db()
    assert (job.state, job.result, job.error) == (Job.DONE, {"of": "the second"}, "")


def test_a_done_job_is_finished_once_only(job: Job, held: Lease) -> None:
    lease.finish(held, {})
    with pytest.raises(LeaseLost):
        lease.finish(held, {"again": 1})


def test_renewing_prolongs_an_unexpired_and_an_expired_lease_that_nobody_took(
    job: Job, held: Lease
) -> None:
    _run_out(job)
    lease.renew(held, step="reading")
    job.refresh_from_db()
    assert job.lease_until > clock.now_ms()
    assert job.step == "reading"


def test_giving_back_does_not_count_the_attempt(job: Job, held: Lease) -> None:
    lease.give_back(held)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease) == (Job.QUEUED, 0, "")


def test_a_passing_fault_is_retried_until_the_last_attempt_fails(job: Job) -> None:
    states = []
    for attempt in range(MAX_ATTEMPTS):
        lease.retry(_claimed(job, "runner"), f"database away {attempt}")
        job.refresh_from_db()
        states.append(job.state)
    assert states == [Job.QUEUED] * (MAX_ATTEMPTS - 1) + [Job.FAILED]
    assert job.error == f"database away {MAX_ATTEMPTS - 1}"


def test_only_expired_leases_are_taken_back(job: Job, held: Lease) -> None:
    assert lease.take_back_expired() == 0
    _run_out(job)
    assert lease.take_back_expired() == 1
    job.refresh_from_db()
    assert (job.state, job.lease, job.attempts) == (Job.QUEUED, "", 1)


def test_a_job_that_lost_its_runner_too_often_has_failed(job: Job, held: Lease) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=1, attempts=MAX_ATTEMPTS)
    assert lease.take_back_expired() == 1
    job.refresh_from_db()
    assert job.state == Job.FAILED
    assert "lost its runner 3 times" in job.error


def test_progress_is_written_with_the_lease(job: Job, held: Lease) -> None:
    _run_out(job)
    LeasedProgress(held, every_s=0)(3, 10, "reading touches")
    job.refresh_from_db()
    assert (job.done, job.total, job.step) == (3, 10, "reading touches")
    assert job.lease_until > clock.now_ms()


def test_progress_is_not_written_more_often_than_asked_but_flushed_at_the_end(
    job: Job, held: Lease
) -> None:
    progress = LeasedProgress(held, every_s=3600)
    for done in range(10):
        progress(done, 10)
    job.refresh_from_db()
    assert job.done == 0
    progress.flush()
    job.refresh_from_db()
    assert job.done == 9


def test_progress_is_told_to_every_watcher(held: Lease) -> None:
    seen: list[tuple[int, int, str]] = []
    LeasedProgress(held, lambda done, total, step="": seen.append((done, total, step)))(
        1, 2, "packing"
    )
    assert seen == [(1, 2, "packing")]


def test_progress_stops_a_step_whose_job_was_taken_back(job: Job, held: Lease) -> None:
    _run_out(job)
    _claimed(job, "second")
    with pytest.raises(LeaseLost):
        LeasedProgress(held, every_s=0)(1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_prolonged_while_its_step_is_silent(job: Job, held: Lease) -> None:
    _run_out(job)
    with lease.keeping(held, every_s=0.01):
        until(Job.objects.filter(pk=job.pk, lease_until__gt=1).exists, "the beat of the lease")


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_was_taken_back_is_left_alone(job: Job, held: Lease) -> None:
    _run_out(job)
    second = _claimed(job, "second")
    with lease.keeping(held, every_s=0.01):
        until(
            lambda: (
                not any(thread.name == f"lease of job {job.pk}" for thread in enumerate_threads())
            ),
            "the end of the beat",
        )
    job.refresh_from_db()
    assert job.lease == second.token
