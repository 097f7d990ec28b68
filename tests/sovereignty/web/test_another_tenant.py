"""Ruth, in another tenant, sees nothing of the hospital: no name, no count, no hint, at any
address."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from audit.jobs.queue import enqueue
from audit.models import Job
from sovereignty.models import Finding
from tests import cast
from tests.sovereignty.conftest import Judged

# Open to everyone who is signed in: they hold nothing of a single tenant.
COMMON = {"sign-in", "sign-out", "seal", "checkpoint", "trust"}
LISTS = {"overview", "findings", "findings-each", "trails", "seals", "exports"}


@pytest.fixture
def ruth(judged: Judged) -> Client:
    return cast.signed_in(cast.reader("ruth", judged.neighbour.trail))


@pytest.fixture
def hidden(judged: Judged) -> dict[str, str]:
    """Every address of something of the hospital's, by its name."""
    number = judged.hospital.trail_id
    job = enqueue("export", {"trail": number}, actor="ada", trail=judged.hospital.trail)
    finding = Finding.objects.filter(tenant=judged.hospital).latest("pk")
    return {
        "trail": f"/trails/{number}/",
        "entry": f"/trails/{number}/entries/1/",
        "entry-content": f"/trails/{number}/entries/1/content",
        "export": f"/exports/{job.pk}/",
        "export-download": f"/exports/{job.pk}/download",
        "finding": f"/findings/{finding.pk}/",
        "tenant": f"/tenants/{number}/",
        "workload": f"/tenants/{number}/workloads/triage-7b/",
    }


def names(patterns: "list[URLPattern | URLResolver]") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        found |= (
            names(pattern.url_patterns) if isinstance(pattern, URLResolver) else {str(pattern.name)}
        )
    return found


def test_no_address_is_forgotten_here(hidden: dict[str, str]) -> None:
    every = names(get_resolver(settings.ROOT_URLCONF).url_patterns)
    pages = {name for name in every if not name.startswith(("api-", "subject-"))}
    assert pages == COMMON | LISTS | hidden.keys()


def test_what_is_the_hospitals_is_not_found_as_what_is_not_there(
    ruth: Client, hidden: dict[str, str]
) -> None:
    nowhere = ruth.get("/nowhere/").content
    for url in hidden.values():
        answer = ruth.get(url)
        assert (url, answer.status_code) == (url, 404)
        assert answer.content == nowhere


def test_lists_say_nothing_of_the_hospital(
    ruth: Client, judged: Judged, hidden: dict[str, str]
) -> None:
    secrets = (
        "st-mary",
        "St Mary",
        bytes(judged.hospital.trail.trail_id).hex(),
        "at-home",
        "from-abroad",
        'href="/tenants/2/',
    )
    for url in (
        "/",
        "/findings/",
        "/findings/each/",
        "/trails/",
        "/seals/",
        "/seals/1/",
        "/exports/",
        "/trails/0/",
        "/tenants/3/",
    ):
        page = ruth.get(url)
        assert page.status_code == 200
        assert [secret for secret in secrets if secret in page.content.decode()] == []


def test_counts_are_of_her_own_tenant(ruth: Client) -> None:
    assert re.search(r">\s*1 finding\s*<", ruth.get("/findings/").content.decode())
    assert "1 on this page, of 1 in all" in ruth.get("/findings/each/").content.decode()
    assert ruth.get("/findings/each/?tenant=2").status_code == 404


def test_a_bundle_of_the_hospital_cannot_be_asked_for(ruth: Client, judged: Judged) -> None:
    assert ruth.post("/exports/", {"trail": judged.hospital.trail_id}).status_code == 400
    assert not Job.objects.exists()
