"""`/api/v1/exports`: 202, then status and download, under a token that reads one trail and nothing
else."""

import hashlib
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.exporting import bundles
from audit.jobs import lease
from audit.jobs.queue import run
from audit.models import Job, Trail
from audit.seal import seal
from tests import cast
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")
URL = "/api/v1/exports"


@pytest.fixture
def hospital() -> Trail:
    trail = tenant_trail("hospital")
    write(trail.number)
    seal(actor="olga")
    return trail


def post(headers: dict[str, str], body: Any = None) -> Any:
    return Client(headers=headers).post(URL, body or {}, content_type="application/json")


def finish(pk: int) -> None:
    """Run the job as a worker does."""
    claimed = lease.claim(pk, "worker")
    assert claimed is not None
    run(claimed)


def test_is_accepted_with_where_to_look(hospital: Trail) -> None:
    answer = post(cast.token(hospital))
    job = Job.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "id": job.pk,
        "state": "queued",
        "status_url": f"http://testserver{URL}/{job.pk}",
    }
    assert answer["Location"] == answer.json()["status_url"]
    assert (job.kind, job.trail, job.actor, job.params) == (
        "export",
        hospital,
        "token:machine",
        {"trail": hospital.number},
    )


def test_takes_a_period_with_both_its_ends(hospital: Trail) -> None:
    post(cast.token(hospital), {"from": "2026-10-01T00:00:00Z", "to": "2026-10-01T09:00:00+08:00"})
    period = {"from": 1_790_812_800_000, "to": 1_790_816_400_000}
    assert Job.objects.get().params == {"trail": hospital.number, **period}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-10-01T00:00:00Z"}, "from"),
        ({"from": "2026-10-02T00:00:00Z", "to": "2026-10-01T00:00:00Z"}, "from"),
        ({"from": "yesterday", "to": "2026-10-01T00:00:00Z"}, "from"),
        ({"from": "1969-12-31T23:59:59Z", "to": "2026-10-01T00:00:00Z"}, "from"),
        ({"from": "2026-10-01T00:00:00Z", "to": "1969-10-01T00:00:00Z"}, "to"),
        ({"from": "2026-10-01T00:00:00Z", "to": "9999-12-31T23:59:59-14:00"}, "to"),
        ({"from": "0001-01-01T00:00:00+14:00", "to": "2026-10-01T00:00:00Z"}, "from"),
        ({"from": "2026-10-01T00:00:00Z", "to": "10000-01-01T00:00:00Z"}, "to"),
        ({"trail": 0}, "trail"),
        ([], "non_field_errors"),
    ],
)
def test_refuses_a_body_that_it_cannot_follow(hospital: Trail, body: Any, field: str) -> None:
    answer = Client(headers=cast.token(hospital)).post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not Job.objects.exists()


def test_status_then_download(hospital: Trail) -> None:
    headers = cast.token(hospital)
    client = Client(headers=headers)
    url = post(headers).json()["status_url"]
    before = client.get(url).json()
    assert (before["state"], before["result"], before["download_url"]) == ("queued", None, None)
    assert (before["hint"], before["error"], before["expires_at"]) == (None, None, None)
    assert client.get(f"{url}/download").status_code == 404
    finish(before["id"])
    after = client.get(url).json()
    assert (after["state"], after["error"], after["hint"]) == ("done", None, None)
    assert (after["result"]["epoch"], after["result"]["unsealed"]) == (1, 0)
    bundle = client.get(after["download_url"])
    content = b"".join(bundle.streaming_content)  # type: ignore[attr-defined]  # a streamed answer
    assert (bundle.status_code, bundle["Content-Type"]) == (200, "application/zip")
    assert (
        bundle["X-Content-SHA256"]
        == hashlib.sha256(content).hexdigest()
        == after["result"]["sha256"]
    )
    assert bundle["Repr-Digest"].startswith("sha-256=:")
    assert bundle["Content-Disposition"].startswith('attachment; filename="trail-2-epoch-1-')


def test_the_same_export_asked_for_again_is_the_one_being_made(hospital: Trail) -> None:
    headers = cast.token(hospital)
    first = post(headers)
    again = post(headers)
    assert (again.status_code, again.json()) == (202, first.json())
    finish(first.json()["id"])
    assert post(headers).json()["id"] != first.json()["id"]


def test_another_period_is_answered_with_where_the_first_is(hospital: Trail) -> None:
    headers = cast.token(hospital)
    first = post(headers).json()
    answer = post(headers, {"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"})
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert (error["code"], error["status_url"], answer["Location"]) == (
        "conflict",
        first["status_url"],
        first["status_url"],
    )
    assert Job.objects.count() == 1


def test_an_expired_export_is_gone(hospital: Trail) -> None:
    headers = cast.token(hospital)
    client = Client(headers=headers)
    url = post(headers).json()["status_url"]
    finish(Job.objects.get().pk)
    job = Job.objects.get()
    assert job.ended_at is not None
    assert client.get(url).json()["expires_at"] == job.ended_at + 30 * 24 * 3_600_000
    Job.objects.update(ended_at=1)
    bundles.expire()
    state = client.get(url).json()
    assert (state["state"], state["download_url"], state["expires_at"]) == ("expired", None, None)
    answer = client.get(f"{url}/download")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "expired")


def test_without_space_it_says_when_to_ask_again(hospital: Trail, settings: Settings) -> None:
    headers = cast.token(hospital)
    finish(post(headers).json()["id"])
    settings.EXPORT_MOST_BYTES = 1
    answer = post(headers)
    assert (answer.status_code, answer["Retry-After"], answer.json()["error"]["code"]) == (
        503,
        "3600",
        "exports_full",
    )


def test_another_tenants_token_finds_nothing(hospital: Trail) -> None:
    url = post(cast.token(hospital)).json()["status_url"]
    finish(Job.objects.get().pk)
    others = Client(headers=cast.token(tenant_trail("ministry"), "dom_ruth"))
    for address in (url, f"{url}/download", f"{URL}/999"):
        answer = others.get(address)
        assert answer.status_code == 404
        assert answer.json()["error"] == {
            "code": "not_found",
            "message": "There is nothing at this address.",
        }


def test_a_token_that_records_may_not_read(hospital: Trail) -> None:
    answer = post(cast.token(None))
    assert answer.status_code == 403
    assert "reads a trail" in answer.json()["error"]["message"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer dom_unknown"}, {"Authorization": "Basic x"}]
)
def test_without_a_live_token_nobody_is_let_in(hospital: Trail, headers: dict[str, str]) -> None:
    assert post(headers).status_code == 401


def test_a_revoked_token_is_not_let_in(hospital: Trail) -> None:
    assert post(cast.token(hospital, revoked_at=1)).status_code == 401


def test_a_signed_in_person_uses_the_pages_not_the_api(hospital: Trail) -> None:
    assert (
        cast.signed_in(cast.olga()).post(URL, {}, content_type="application/json").status_code
        == 401
    )
