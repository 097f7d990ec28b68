"""How long bundles are kept, and that nothing is left of an export killed between file and row."""

import os
from pathlib import Path

import pytest
from django.conf import settings as current
from pytest_django import Settings

from audit import clock
from audit.exporting import bundles
from audit.exporting.bundles import LEFT_OVER_MS
from audit.jobs import lease
from audit.jobs.queue import enqueue, run
from audit.models import Job, Trail
from audit.seal import seal
from audit.tasks import expire
from audit.times import DAY_MS
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def hospital() -> Trail:
    trail = tenant_trail("hospital")
    write(trail.number)
    seal(actor="olga")
    return trail


def exported(trail: Trail) -> tuple[Job, Path]:
    held = lease.claim(
        enqueue("export", {"trail": trail.number}, actor="ada", trail=trail).pk, "worker"
    )
    assert held is not None
    job = run(held)
    path = bundles.path_of(job)
    assert path is not None
    return job, path


def age(path: Path, millis: int) -> None:
    at = (clock.now_ms() - millis) / 1000 - 60
    os.utime(path, (at, at))


def put(name: str) -> Path:
    path = Path(current.BUNDLES_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"0123456789")
    return path


def test_a_bundle_goes_when_its_days_are_over(hospital: Trail, settings: Settings) -> None:
    (old, old_path), (new, new_path) = exported(hospital), exported(hospital)
    Job.objects.filter(pk=old.pk).update(ended_at=clock.now_ms() - 30 * DAY_MS - 1)
    expire()
    assert (Job.objects.get(pk=old.pk).state, old_path.exists()) == (Job.EXPIRED, False)
    assert (Job.objects.get(pk=new.pk).state, new_path.exists()) == (Job.DONE, True)
    settings.EXPORT_DAYS = 40
    assert bundles.expires_at(new) == (new.ended_at or 0) + 40 * DAY_MS


def test_the_newest_of_each_trail_are_kept(hospital: Trail, settings: Settings) -> None:
    ministry = tenant_trail("ministry")
    seal(actor="olga")
    settings.EXPORTS_KEPT = 2
    made = [exported(trail) for trail in (ministry, hospital, hospital, hospital)]
    assert bundles.expire() == 1
    assert [path.exists() for _, path in made] == [True, False, True, True]


def test_a_file_that_no_export_names_goes_after_a_day(hospital: Trail) -> None:
    """The runner died after it had put the file in its place, or the sweep died between row and
    file."""
    _, path = exported(hospital)
    orphan, young = (
        put("trail-2-epoch-1-0123456789abcdef.zip"),
        put("trail-2-epoch-1-fedcba9876543210.zip"),
    )
    part, young_part = put(".trail-2-0123.part"), put(".trail-2-4567.part")
    for old in (orphan, part, path):
        age(old, LEFT_OVER_MS)
    assert bundles.expire() == 0
    assert [file.exists() for file in (orphan, part, young, young_part, path)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_nothing_else_in_the_folder_is_touched(hospital: Trail) -> None:
    others = [
        put("notes.zip"),
        put("trail-2.zip"),
        put("heads/2.bin"),
        put("trail-2-epoch-1-0123456789abcdef.zip.bak"),
    ]
    for path in others:
        age(path, 400 * DAY_MS)
    bundles.expire()
    assert all(path.exists() for path in others)


def test_what_the_bundles_take_together_is_counted_on_the_disk(hospital: Trail) -> None:
    assert bundles.total_bytes() == 0
    _, path = exported(hospital)
    put("trail-2-epoch-1-0123456789abcdef.zip")
    put("notes.zip")
    assert bundles.total_bytes() == path.stat().st_size + 10


@pytest.mark.parametrize("state", [Job.QUEUED, Job.RUNNING, Job.FAILED, Job.EXPIRED])
def test_a_job_that_is_not_done_has_no_bundle(state: str) -> None:
    put("x.zip")
    assert bundles.path_of(Job(kind="export", state=state, result={"file": "x.zip"})) is None


def test_a_bundle_is_looked_for_in_its_folder_only() -> None:
    assert (
        bundles.path_of(Job(kind="export", state=Job.DONE, result={"file": "../../etc/passwd"}))
        is None
    )
