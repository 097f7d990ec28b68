"""Jobs: queued with the transaction, run to exactly one result, made good by the sweep; runners
that are really killed."""

import json
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from celery import current_app
from django.db import IntegrityError, OperationalError, connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from audit import clock
from audit.errors import ExportError, KeyFileError
from audit.jobs import lease, queue
from audit.jobs.lease import Lease
from audit.jobs.progress import Progress
from audit.jobs.queue import JobError
from audit.models import Job, Trail
from tests.installation import Installation, until


def away(job: Job, progress: Progress) -> dict[str, object]:
    """A step that finds the database away."""
    raise OperationalError("server closed the connection")


def unsealed(job: Job, progress: Progress) -> dict[str, object]:
    """A step that fails with words for its reader."""
    raise ExportError("trail 7 is in no sealed epoch yet: seal first")


def keyless(job: Job, progress: Progress) -> dict[str, object]:
    """A step that finds a key of another log."""
    raise KeyFileError(
        "/keys/log.key is the key a.example/log, want b.example/log, as DOMICILE_ORIGIN says"
    )


def usurped(job: Job, progress: Progress) -> dict[str, object]:
    """A step during which the lease runs out and another runner does the job."""
    Job.objects.filter(pk=job.pk).update(lease_until=1)
    other = lease.claim(job.pk, "other")
    assert other is not None
    lease.finish(other, {"of": "the other"})
    return {"of": "the slow one"}


def stopped(job: Job, progress: Progress) -> dict[str, object]:
    """A step during which somebody presses Ctrl-C."""
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _kinds(settings: Settings) -> None:
    here = "tests.audit.jobs.test_queue"
    settings.JOB_KINDS = {
        "mark": "tests.job_kinds.mark",
        "refuse": "tests.job_kinds.refuse",
        "away": f"{here}.away",
        "unsealed": f"{here}.unsealed",
        "keyless": f"{here}.keyless",
        "usurped": f"{here}.usurped",
        "stopped": f"{here}.stopped",
        "lost": f"{here}.no_such_step",
    }


def _claimed(kind: str, trail: Trail | None = None, **params: object) -> Lease:
    job = Job.objects.create(
        kind=kind, params=params, actor="olga", trail=trail, made_at=clock.now_ms()
    )
    held = lease.claim(job.pk, "test")
    assert held is not None
    return held


@pytest.mark.django_db
def test_a_queued_job_waits_with_what_it_was_given() -> None:
    job = queue.enqueue("mark", {"units": 2}, actor="olga")
    job.refresh_from_db()
    assert (job.state, job.kind, job.params, job.actor, job.trail) == (
        Job.QUEUED,
        "mark",
        {"units": 2},
        "olga",
        None,
    )
    assert list(queue.waiting()) == [job]


@pytest.mark.django_db
def test_a_worker_is_told_of_the_job_once_it_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with (
        current_app.connection_for_read() as connection,
        connection.SimpleQueue("celery") as messages,
    ):
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            job = queue.enqueue("mark", {}, actor="olga")
        assert len(callbacks) == 1
        sent = []
        while (queue.LOOK, job.pk) not in sent:  # other tests' messages may lie before it
            message = messages.get(timeout=10)
            sent.append((message.headers["task"], message.payload[0][0]))
            message.ack()


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_broker_that_is_down_does_not_fail_what_was_committed(
    installation: Installation, broker: str
) -> None:
    code = "from audit.jobs import queue; print(queue.enqueue('mark', {}, actor='olga').state)"
    done = installation.manage("shell", "--no-imports", "--command", code, DOMICILE_BROKER=broker)
    assert (done.returncode, done.stdout) == (0, "queued\n")
    assert re.search(
        r"job \d+ waits: the broker could not take its message: .*refused", done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_the_database_refuses_a_second_job_under_the_same_key() -> None:
    def make(state: str) -> Job:
        return Job.objects.create(
            kind="mark", actor="olga", dedup_key="mark/7", state=state, made_at=0
        )

    for state in (Job.DONE, Job.FAILED, Job.EXPIRED, Job.QUEUED):
        make(state)
    with pytest.raises(IntegrityError):
        make(Job.RUNNING)


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="the threads of a test share one SQLite database in memory",
)
@pytest.mark.django_db(transaction=True)
def test_of_many_processes_that_queue_one_thing_once_one_does() -> None:
    """Several at the same instant, each with a connection of its own."""
    start = Barrier(6)

    def ask(number: int) -> int:
        try:
            start.wait(10)
            return queue.enqueue("mark", {"of": number}, actor="olga", dedup_key="mark/7").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(ask, range(6)))
    assert found == {Job.objects.get().pk}


@pytest.mark.django_db
def test_what_was_queued_once_may_be_queued_again_when_it_has_ended() -> None:
    first = queue.enqueue("mark", {}, actor="olga", dedup_key="mark/7")
    assert queue.enqueue("mark", {}, actor="olga", dedup_key="mark/8") != first
    assert queue.enqueue("mark", {}, actor="olga") != first
    Job.objects.filter(pk=first.pk).update(state=Job.RUNNING)
    assert queue.enqueue("mark", {}, actor="olga", dedup_key="mark/7") == first
    Job.objects.filter(pk=first.pk).update(state=Job.FAILED)
    assert queue.enqueue("mark", {}, actor="olga", dedup_key="mark/7") != first


@pytest.mark.django_db
def test_refuses_a_kind_that_nobody_runs() -> None:
    with pytest.raises(JobError, match=r"job kind: want one of mark, .*, got 'dance'"):
        queue.enqueue("dance", {}, actor="olga")
    with pytest.raises(JobError, match="got 'dance'"):
        queue.run_here("dance", {}, actor="olga")
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_running_does_the_step_and_keeps_its_result_and_progress(tmp_path: Path) -> None:
    job = queue.run(_claimed("mark", folder=str(tmp_path), units=2))
    assert (job.state, job.result, job.error) == (Job.DONE, {"units": 2}, "")
    assert (job.done, job.total, job.step) == (2, 2, "unit 2")
    assert (tmp_path / "unit-1").exists()


@pytest.mark.django_db
def test_a_step_that_raises_has_failed_with_its_words() -> None:
    job = queue.run(_claimed("refuse", wrong=1))
    assert (job.state, job.error) == (
        Job.FAILED,
        "ValueError: want better params, got {'wrong': 1}",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state"),
    [("refuse", Job.FAILED), ("away", Job.QUEUED), ("lost", Job.FAILED), ("keyless", Job.FAILED)],
)
def test_a_tenant_is_not_told_the_words_of_an_error_that_is_not_for_it(
    kind: str, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = queue.run(_claimed(kind, trail=_trail(), of="/etc/keys"))
    assert (job.state, job.error) == (state, Job.FAULT)
    assert job.public_error.endswith(f"under job {job.pk}.")
    assert f"job {job.pk}" in caplog.text


@pytest.mark.django_db
def test_a_tenant_is_told_an_export_error_word_by_word() -> None:
    job = queue.run(_claimed("unsealed", trail=_trail()))
    assert (job.state, job.public_error) == (
        Job.FAILED,
        "trail 7 is in no sealed epoch yet: seal first",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "lines"), [("unsealed", 0), ("keyless", 1)])
def test_what_the_ledger_refuses_is_logged_without_a_traceback(
    kind: str, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    queue.run(_claimed(kind, trail=_trail()))
    assert [record.exc_info for record in caplog.records] == [None] * lines


@pytest.mark.django_db
def test_a_step_that_is_not_there_has_failed_with_its_name() -> None:
    job = queue.run(_claimed("lost"))
    assert job.state == Job.FAILED
    assert "no_such_step" in job.error


@pytest.mark.django_db
def test_a_database_that_is_away_for_a_moment_puts_the_job_back() -> None:
    job = queue.run(_claimed("away"))
    assert (job.state, job.attempts) == (Job.QUEUED, 1)
    assert job.error == "OperationalError: server closed the connection"


@pytest.mark.django_db
def test_the_result_of_the_runner_that_holds_the_lease_stands() -> None:
    job = queue.run(_claimed("usurped"))
    assert (job.state, job.result) == (Job.DONE, {"of": "the other"})


@pytest.mark.django_db
def test_a_command_runs_its_job_itself_and_says_its_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = queue.run_here("mark", {"folder": str(tmp_path), "units": 1}, actor="enzo")
    assert (job.state, job.attempts, job.actor) == (Job.DONE, 1, "enzo")
    assert capsys.readouterr().err == "mark: unit 0\nmark: unit 1\n"


@pytest.mark.django_db
def test_a_command_whose_job_fails_says_why() -> None:
    with pytest.raises(
        JobError,
        match=r"job \d+ \(refuse\): want done, got failed: ValueError: want better params",
    ):
        queue.run_here("refuse", {}, actor="enzo")


@pytest.mark.django_db
def test_a_command_is_told_the_ledgers_refusal_word_by_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(KeyFileError, match="as DOMICILE_ORIGIN says"):
        queue.run_here("keyless", {}, actor="enzo", trail=_trail())
    assert Job.objects.get().error == Job.FAULT
    assert not caplog.records


@pytest.mark.django_db
def test_a_command_stopped_by_hand_leaves_no_job_waiting() -> None:
    with pytest.raises(KeyboardInterrupt):
        queue.run_here("stopped", {}, actor="enzo")
    assert [(job.state, job.error) for job in Job.objects.all()] == [
        (Job.FAILED, "stopped by hand")
    ]


@pytest.mark.django_db
def test_a_job_may_belong_to_a_trail() -> None:
    trail = _trail()
    assert queue.enqueue("mark", {}, actor="ada", trail=trail).trail == trail


def _trail() -> Trail:
    return Trail.objects.create(
        number=7, trail_id=bytes(32), owner="tenant:health", size=1, received_at=0
    )


def _queued(installation: Installation, folder: Path, **params: object) -> int:
    folder.mkdir(exist_ok=True)
    given = json.dumps({"folder": str(folder), "units": 3} | params)
    return int(
        installation.python(
            f"from audit.jobs import queue; print(queue.enqueue('mark', {given}, actor='olga').pk)"
        )
    )


def _row(installation: Installation, job: int) -> tuple[object, ...]:
    return installation.sql(f"SELECT state, attempts, lease FROM audit_job WHERE id = {job}")[0]


def _sweep_after_the_lease(installation: Installation) -> None:
    installation.sql("UPDATE audit_job SET lease_until = 1 WHERE state = 'running'")
    installation.python("from audit.jobs import queue; queue.sweep()")


def _assert_done_once(installation: Installation, job: int, folder: Path, attempts: int) -> None:
    state, counted, held = _row(installation, job)
    assert (state, counted, held) == ("done", attempts, "")
    assert sorted(path.name for path in folder.glob("unit-*")) == ["unit-0", "unit-1", "unit-2"]


@pytest.mark.crash
@pytest.mark.parametrize(
    "at", [0, 2, 3], ids=["before the first unit", "between units", "after the last unit"]
)
def test_a_runner_that_dies_leaves_a_job_that_is_done_once(
    installation: Installation, tmp_path: Path, at: int
) -> None:
    folder = tmp_path / "marks"
    job = _queued(installation, folder, at=at, act="die")
    assert installation.manage("run_job", str(job)).returncode == -signal.SIGKILL
    assert _row(installation, job)[:2] == ("running", 1)
    _sweep_after_the_lease(installation)
    assert _row(installation, job) == ("queued", 1, "")
    assert installation.manage("run_job", str(job)).returncode == 0
    _assert_done_once(installation, job, folder, attempts=2)


@pytest.mark.crash
def test_a_runner_killed_from_outside_is_replaced_only_after_its_lease(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    job = _queued(installation, folder, at=1, act="hang")
    with installation.start("run_job", str(job)) as runner:
        pid = int(until(lambda: _read(folder / "hanging"), "the runner to hang", runner))
        # finds it claimed and leaves it alone
        assert installation.manage("run_job", str(job)).returncode == 0
        assert (folder / "attempts").read_text() == "1\n"
        os.kill(pid, signal.SIGKILL)
    assert runner.returncode == -signal.SIGKILL
    installation.sql("UPDATE audit_job SET lease_until = 1")
    assert installation.manage("run_job", str(job)).returncode == 0
    _assert_done_once(installation, job, folder, attempts=2)


@pytest.mark.crash
def test_a_runner_asked_to_stop_gives_its_job_back(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    job = _queued(installation, folder, at=1, act="hang")
    with installation.start("run_job", str(job)) as runner:
        until(lambda: _read(folder / "hanging"), "the runner to hang", runner)
        runner.terminate()
    assert runner.returncode == 143
    assert _row(installation, job) == ("queued", 0, "")


@pytest.mark.crash
def test_of_two_runners_at_once_one_runs_the_job(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    job = _queued(installation, folder)
    with (
        installation.start("run_job", str(job)) as one,
        installation.start("run_job", str(job)) as two,
    ):
        pass
    assert (one.returncode, two.returncode) == (0, 0)
    assert (folder / "attempts").read_text() == "1\n"
    _assert_done_once(installation, job, folder, attempts=1)


def test_a_runner_that_ends_takes_the_jobs_that_wait(
    installation: Installation, tmp_path: Path
) -> None:
    first, second = (_queued(installation, tmp_path / name) for name in ("one", "two"))
    assert installation.manage("run_job", str(second)).returncode == 0
    _assert_done_once(installation, first, tmp_path / "one", attempts=1)
    _assert_done_once(installation, second, tmp_path / "two", attempts=1)


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_run_job_says_that_a_job_is_done_and_that_there_is_none(
    installation: Installation, tmp_path: Path
) -> None:
    job = installation.python(
        "from audit.jobs import queue; print(queue.enqueue('mark', "
        f"{{'folder': {str(tmp_path)!r}, 'units': 1}}, actor='olga').pk)"
    )
    assert installation.manage("run_job", job).stderr == ""
    again = installation.manage("run_job", job)
    assert (again.returncode, again.stderr) == (
        0,
        f"job {job} is done already: there is nothing to run\n",
    )
    none = installation.manage("run_job", "999")
    assert (none.returncode, none.stderr) == (
        2,
        "run_job: want the number of a job, got 999: there is none\n",
    )
