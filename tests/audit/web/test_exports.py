"""Exports as pages: the form, the progress, the download."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from audit.exporting import bundles
from audit.jobs import lease
from audit.jobs.queue import run
from audit.models import Job, Trail
from audit.seal import seal
from tests import cast
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")
POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def hospital() -> Trail:
    trail = tenant_trail("hospital")
    write(trail.number)
    seal(actor="olga")
    return trail


@pytest.fixture
def ada(hospital: Trail) -> Client:
    return cast.signed_in(cast.reader("ada", hospital))


def started(client: Client, trail: Trail, **days: str) -> Job:
    """Start an export by the form, as without JavaScript."""
    answer = client.post("/exports/", {"trail": trail.number, **days})
    job = Job.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, f"/exports/{job.pk}/")
    return job


def finish(job: Job) -> None:
    claimed = lease.claim(job.pk, "worker")
    assert claimed is not None
    run(claimed)


def test_starts_an_export_of_days(ada: Client, hospital: Trail) -> None:
    job = started(ada, hospital, first_day="2026-10-01", end_day="2026-11-01")
    period = {"from": 1_790_812_800_000, "to": 1_793_491_200_000}
    assert (job.actor, job.trail, job.params) == (
        "ada",
        hospital,
        {"trail": hospital.number, **period},
    )
    assert "2026-11-01 00:00:00" in ada.get(f"/exports/{job.pk}/").content.decode()


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"first_day": "2026-10-01"}, "Give both the start and the end of the period"),
        (
            {"first_day": "2026-10-01", "end_day": "2026-10-01"},
            "The period must start before it ends.",
        ),
        (
            {"first_day": "2026-10-02", "end_day": "2026-10-01"},
            "The period must start before it ends.",
        ),
        ({"first_day": "soon", "end_day": "2026-10-01"}, "Enter a valid date."),
        ({"first_day": "2026-10-01", "end_day": "10000-01-01"}, "Enter a valid date."),
        ({"first_day": "2026-10-01\0", "end_day": "2026-11-01"}, "Enter a valid date."),
        (
            {"first_day": "0001-01-01", "end_day": "2026-10-01"},
            "A time must lie between 1970 and 9999 UTC.",
        ),
        (
            {"first_day": "1969-12-31", "end_day": "2026-10-01"},
            "A time must lie between 1970 and 9999 UTC.",
        ),
        (
            {"first_day": "2026-10-01", "end_day": "1969-12-31"},
            "A time must lie between 1970 and 9999 UTC.",
        ),
    ],
)
def test_says_what_is_wrong_with_the_days(
    ada: Client, hospital: Trail, days: dict[str, str], message: str
) -> None:
    """At the day that is wrong, once."""
    answer = ada.post("/exports/", {"trail": hospital.number, **days})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert page.count(message) == 1
    assert '<ul class="errorlist"' in page
    assert "errorlist nonfield" not in page
    assert not Job.objects.exists()


def test_a_trail_that_may_not_be_read_cannot_be_chosen(ada: Client) -> None:
    ministry = tenant_trail("ministry")
    answer = ada.post("/exports/", {"trail": ministry.number})
    assert answer.status_code == 400
    assert "ministry" not in answer.content.decode()
    assert not Job.objects.exists()


def test_looks_again_until_the_bundle_is_there(ada: Client, hospital: Trail) -> None:
    job = started(ada, hospital)
    assert POLLS in ada.get(f"/exports/{job.pk}/").content.decode()
    Job.objects.filter(pk=job.pk).update(done=3, total=7, step="writing")
    fragment = ada.get(f"/exports/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "3 of 7: writing" in fragment
    finish(job)
    page = ada.get(f"/exports/{job.pk}/").content.decode()
    assert POLLS not in page
    assert "Download the bundle, keep the trust file and the pin apart from it" in page
    assert "Export this trail" not in page  # it is what has just been done


def test_says_what_of_the_trail_is_not_sealed_yet(ada: Client, hospital: Trail) -> None:
    write(hospital.number, ["late", "later"])
    job = started(ada, hospital)
    finish(job)
    assert (
        "2 newer entries of the trail were not sealed yet and are not in the bundle"
        in ada.get(f"/exports/{job.pk}/").content.decode()
    )
    seal(actor="olga")
    whole = started(ada, hospital)
    finish(whole)
    assert "newer entr" not in ada.get(f"/exports/{whole.pk}/").content.decode()


def test_says_that_a_file_was_removed(ada: Client, hospital: Trail) -> None:
    job = started(ada, hospital)
    finish(job)
    job.refresh_from_db()
    (Path(settings.BUNDLES_DIR) / job.result["file"]).unlink()
    assert "The file was removed." in ada.get(f"/exports/{job.pk}/").content.decode()
    # Gone, not unknown: the page says what to do.
    assert ada.get(f"/exports/{job.pk}/download").status_code == 410


def test_says_that_an_export_has_expired(ada: Client, hospital: Trail) -> None:
    job = started(ada, hospital)
    finish(job)
    assert "Kept until" in ada.get(f"/exports/{job.pk}/").content.decode()
    Job.objects.update(ended_at=1)
    assert bundles.expire() == 1
    answer = ada.get(f"/exports/{job.pk}/download")
    assert answer.status_code == 410
    assert "Expired: the bundle was removed" in answer.content.decode()
    assert "Start a new export" in ada.get(f"/exports/{job.pk}/").content.decode()
    assert ">expired<" in ada.get("/exports/").content.decode()


def test_says_why_an_export_failed() -> None:
    trail = tenant_trail("not-sealed")
    client = cast.signed_in(cast.reader("enzo", trail))
    job = started(client, trail)
    finish(job)
    page = client.get(f"/exports/{job.pk}/").content.decode()
    assert "Failed: no bundle was made" in page
    assert "seal first" in page


def test_lists_past_exports_page_by_page(ada: Client, hospital: Trail) -> None:
    assert "Nothing has been exported yet" in ada.get("/exports/").content.decode()
    for _ in range(51):
        Job.objects.create(
            kind="export", params={"trail": hospital.number}, actor="ada", trail=hospital, made_at=1
        )
    newest = Job.objects.latest("pk").pk
    page = ada.get("/exports/").content.decode()
    assert f'href="/exports/?before={newest - 49}"' in page
    older = ada.get(f"/exports/?before={newest - 49}").content.decode()
    assert f'href="/exports/{newest - 50}/"' in older
    assert "Older exports" not in older


def test_another_tenants_export_is_not_listed(ada: Client, hospital: Trail) -> None:
    finish(started(ada, hospital))
    ruth = cast.signed_in(cast.reader("ruth", tenant_trail("ministry")))
    assert "hospital" not in ruth.get("/exports/").content.decode()
