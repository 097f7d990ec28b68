"""A tenant's page and a workload's passport."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sovereignty.models import Tenant, Workload
from sovereignty.queries import passport
from sovereignty.web import tenants
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site
from tests.sovereignty.conftest import Judged

MOST_QUERIES = 30
URL = "/tenants/2/workloads/triage-7b/"


@pytest.fixture
def ada(judged: Judged) -> Client:
    return cast.signed_in(cast.reader("ada", judged.hospital.trail))


def text(answer: Any) -> str:
    assert answer.status_code == 200
    found: str = " ".join(answer.content.decode().split())
    return found


def test_a_tenant_shows_each_rule_and_its_workloads(ada: Client) -> None:
    page = text(ada.get("/tenants/2/"))
    assert re.findall(r"rule=([A-Z]+-\d+)", page) == ["OP-01", "PL-01", "PL-02", "PL-03", "TE-01"]
    assert f'href="{URL}"' in page
    assert "Entry" in page


def test_workloads_go_on_by_name(
    ada: Client, judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenants, "WORKLOADS_A_PAGE", 2)
    for name in ("a", "b", "c"):
        Workload.objects.create(tenant=judged.hospital, key=name)
    page = text(ada.get("/tenants/2/"))
    assert "2 on this page, of 4 in all" in page
    assert "?after=b" in page
    assert "triage-7b" in text(ada.get("/tenants/2/?after=b"))


def test_a_tenant_that_no_check_judged_says_so(ledger: None) -> None:
    b.accept_all(*site.facts())
    page = text(cast.signed_in(cast.olga()).get("/tenants/2/"))
    assert "This tenant has not been judged" in page
    assert "No workload of this tenant has been recorded yet." in page


def test_the_passport_says_where_it_ran(ada: Client) -> None:
    page = text(ada.get(URL))
    assert "–, patient" in page
    assert "cn-1: 2 touches" in page
    assert "sg-1: 1 touch" in page
    for cards in ("hz-1/0-3", "sg-1/0-1", "hz-1/4-5"):
        assert cards in page
    assert "3 touches drawn above, of 3 in all" in page


def test_the_drawing_has_a_bar_for_each_stretch_in_its_verdict(ada: Client) -> None:
    page = text(ada.get(URL))
    drawing = page[
        page.index('<svg class="lanes"') : page.index("</svg>", page.index('<svg class="lanes"'))
    ]
    assert re.findall(r"fill-([a-z_]+)", drawing) == ["compliant", "non_compliant", "non_compliant"]
    assert re.findall(r'lane-region">([^<]+)<', drawing) == ["cn-1", "sg-1"]
    assert "abroad: 2 cards, 2026-01-02 02:00:00 to 2026-01-02 03:00:00" in drawing


def test_the_passport_says_who_was_near_and_who_reached_in(ada: Client) -> None:
    page = text(ada.get(URL))
    assert "Another tenant" in page
    assert b.NEIGHBOUR not in page
    assert "2 newest accesses, of 2 in all" in page
    assert page.count(">li</th>") == 2


def test_each_rule_has_its_verdict_and_links_to_its_findings(ada: Client) -> None:
    page = text(ada.get(URL))
    rows = dict(re.findall(r'<th scope="row"> ([A-Z]+-\d+) .*?verdict-([a-z_]+)', page))
    assert rows == {
        "OP-01": "non_compliant",
        "PL-01": "non_compliant",
        "PL-02": "compliant",
        "PL-03": "non_compliant",
        "TE-01": "compliant",
    }
    assert "1 finding of 2.00 card-hours" in page


def test_touches_go_on_from_page_to_page(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passport, "TOUCHES_A_PAGE", 2)
    page = text(ada.get(URL))
    assert "2 touches drawn above, of 3 in all" in page
    (more,) = re.findall(r"\?(check=\d+&amp;before=[\d.]+)", page)
    rest = text(ada.get(f"{URL}?{more.replace('&amp;', '&')}"))
    assert "1 touch drawn above, of 3 in all" in rest
    assert "at-home" in rest


def test_touches_of_unknown_cards_and_those_still_running_are_drawn_too(ledger: None) -> None:
    b.accept_all(
        *site.facts(),
        b.touch("some", parts=[{"k": 2, "of": ["hz-1"]}]),
        b.event(
            "touch.started",
            id="open",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="open",
            workload="triage-7b",
            evidence="observed",
            parts=[{"cards": ["unknown/0"]}],
            started_at=b.START + b.HOUR,
        ),
    )
    page = text(cast.signed_in(cast.olga()).get(URL))
    assert "2 / hz-1" in page
    assert "still running" in page
    assert "Not judged" in page
    assert "No check has judged this workload yet." in page


def test_what_is_not_there_is_not_found(ada: Client) -> None:
    assert ada.get("/tenants/2/workloads/nobodys/").status_code == 404
    assert ada.get("/tenants/99/").status_code == 404
    assert ada.get("/tenants/99999999999/").status_code == 404


def test_asks_the_database_few_questions_however_many_touches(
    ada: Client, judged: Judged, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    b.accept_all(
        *(
            b.touch(f"more-{place}", ["hz-1/0"], start=b.hour(5 + place), end=b.hour(6 + place))
            for place in range(4)
        )
    )
    assert Tenant.objects.count() == 2
    with django_assert_max_num_queries(MOST_QUERIES):
        ada.get(URL)
    with django_assert_max_num_queries(MOST_QUERIES):
        ada.get("/tenants/2/")


@pytest.mark.parametrize("before", ["1", "x.1", "9.1", "1.99999999999999999999", "-1.2"])
def test_a_page_of_touches_that_is_none_is_not_found(ada: Client, before: str) -> None:
    assert ada.get(URL, {"before": before}).status_code == 404
