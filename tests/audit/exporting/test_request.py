"""Exports through both doors, the page and the API: the same request has the same outcome."""

import hashlib
import shutil
from typing import Any, Protocol

import pytest
from django.conf import settings as live
from django.test import Client
from pytest_django import Settings

from audit.exporting import bundles
from audit.jobs import lease
from audit.jobs.queue import run
from audit.models import Entry, Job, Trail
from audit.seal import seal
from tests import cast
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")
Days = tuple[str, str]
OCTOBER: Days = ("2026-10-01", "2026-11-01")


class Door(Protocol):
    """One way to an export of one trail. `ACCEPTED` is the status of a request that is taken."""

    ACCEPTED: int

    def __init__(self, trail: Trail, reader: str = "ada") -> None: ...

    def request(self, days: Days | None = None) -> Any: ...

    def state(self, pk: int) -> Any: ...

    def download(self, pk: int) -> Any: ...


class Page:
    """A person with a browser, without JavaScript."""

    ACCEPTED = 302

    def __init__(self, trail: Trail, reader: str = "ada") -> None:
        self._trail = trail.number
        self._client = cast.signed_in(cast.reader(reader, trail))

    def request(self, days: Days | None = None) -> Any:
        form = {} if days is None else {"first_day": days[0], "end_day": days[1]}
        return self._client.post("/exports/", {"trail": self._trail, **form})

    def state(self, pk: int) -> Any:
        return self._client.get(f"/exports/{pk}/")

    def download(self, pk: int) -> Any:
        return self._client.get(f"/exports/{pk}/download")


class Api:
    """A machine with a token that reads the trail."""

    ACCEPTED = 202
    URL = "/api/v1/exports"

    def __init__(self, trail: Trail, reader: str = "ada") -> None:
        self._client = Client(headers=cast.token(trail, f"dom_{reader}"))

    def request(self, days: Days | None = None) -> Any:
        midnight = "T00:00:00Z"
        body = {} if days is None else {"from": days[0] + midnight, "to": days[1] + midnight}
        return self._client.post(self.URL, body, content_type="application/json")

    def state(self, pk: int) -> Any:
        return self._client.get(f"{self.URL}/{pk}")

    def download(self, pk: int) -> Any:
        return self._client.get(f"{self.URL}/{pk}/download")


@pytest.fixture(params=[Page, Api])
def kind(request: pytest.FixtureRequest) -> type[Door]:
    kind: type[Door] = request.param
    return kind


@pytest.fixture
def hospital() -> Trail:
    trail = tenant_trail("hospital")
    write(trail.number)
    seal(actor="olga")
    return trail


@pytest.fixture
def door(kind: type[Door], hospital: Trail) -> Door:
    return kind(hospital)


def started(door: Door, days: Days | None = None) -> Job:
    """Request an export, which is accepted."""
    answer = door.request(days)
    assert answer.status_code == door.ACCEPTED
    return Job.objects.latest("pk")


def finish(job: Job) -> None:
    """Run the job as a worker does."""
    claimed = lease.claim(job.pk, "worker")
    assert claimed is not None
    run(claimed)


def text(answer: Any) -> str:
    content: bytes = answer.content
    return content.decode()


def test_an_export_is_of_the_trail_and_the_period(door: Door, hospital: Trail) -> None:
    job = started(door, OCTOBER)
    period = {"from": 1_790_812_800_000, "to": 1_793_491_200_000}
    assert (job.kind, job.trail, job.state) == ("export", hospital, Job.QUEUED)
    assert job.params == {"trail": hospital.number, **period}


def test_the_bundle_is_the_one_that_its_trail_names(door: Door, hospital: Trail) -> None:
    job = started(door)
    assert door.download(job.pk).status_code == 404
    finish(job)
    answer = door.download(job.pk)
    digest = hashlib.sha256(b"".join(answer.streaming_content)).hexdigest()
    assert (answer.status_code, answer["X-Content-SHA256"]) == (200, digest)
    entry = Entry.objects.filter(trail_number=hospital.number).latest("index")
    assert entry.kind == "export.made/v1"
    assert digest.encode() in bytes(entry.content)
    assert digest in text(door.state(job.pk))


def test_the_same_request_again_gets_the_export_that_is_being_made(door: Door) -> None:
    job = started(door)
    for _ in range(3):
        assert started(door) == job
    assert Job.objects.count() == 1
    finish(job)
    assert started(door) != job


def test_another_period_waits_until_the_export_is_made(door: Door) -> None:
    job = started(door)
    answer = door.request(OCTOBER)
    assert answer.status_code == 409
    assert f"Your export {job.pk} of this trail is still being made." in text(answer)
    assert Job.objects.count() == 1
    finish(job)
    assert started(door, OCTOBER) != job


def test_another_readers_export_does_not_stand_in_the_way(
    kind: type[Door], door: Door, hospital: Trail
) -> None:
    assert started(door) != started(kind(hospital, "enzo"))


def test_without_space_nothing_is_queued(door: Door, settings: Settings) -> None:
    finish(started(door))
    settings.EXPORT_MOST_BYTES = 1
    answer = door.request()
    assert answer.status_code == 503
    assert "fill the space set aside for them" in text(answer)
    assert Job.objects.count() == 1


def test_a_long_wait_has_a_hint(door: Door) -> None:
    job = started(door)
    assert "perhaps none is running" not in text(door.state(job.pk))
    Job.objects.update(made_at=1)
    assert "perhaps none is running" in text(door.state(job.pk))
    finish(job)
    assert "perhaps none is running" not in text(door.state(job.pk))


def test_a_failed_export_says_why(kind: type[Door]) -> None:
    door = kind(tenant_trail("not-sealed"))
    job = started(door)
    finish(job)
    job.refresh_from_db()
    assert job.state == Job.FAILED
    assert "seal first" in text(door.state(job.pk))


def test_an_error_of_ours_shows_no_path_and_no_trace(door: Door) -> None:
    job = started(door)
    shutil.rmtree(live.KEYS_DIR)
    finish(job)
    shown = text(door.state(job.pk))
    assert "This failed because of an error on our side. " in shown
    assert f"under job {job.pk}." in shown
    assert str(live.KEYS_DIR) not in shown
    assert "Error" not in shown


def test_an_expired_export_is_gone(door: Door) -> None:
    job = started(door)
    finish(job)
    Job.objects.update(ended_at=1)
    assert bundles.expire() == 1
    assert door.download(job.pk).status_code == 410
    assert "expired" in text(door.state(job.pk)).lower()


def test_another_tenants_export_is_not_found(kind: type[Door], door: Door) -> None:
    job = started(door)
    finish(job)
    ruth = kind(tenant_trail("ministry"), "ruth")
    assert ruth.state(job.pk).status_code == 404
    assert ruth.download(job.pk).status_code == 404
