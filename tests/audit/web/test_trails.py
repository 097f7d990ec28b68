"""Trails and entries as pages."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import Entry, Trail
from audit.seal import seal
from audit.tlog.entry import entry_leaf
from tests import cast
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")
MOST_QUERIES = 8


@pytest.fixture
def hospital() -> Trail:
    trail = tenant_trail("hospital")
    write(trail.number, [f"note {place}" for place in range(60)])
    return Trail.objects.get(pk=trail.pk)


@pytest.fixture
def ada(hospital: Trail) -> Client:
    return cast.signed_in(cast.reader("ada", hospital))


def text(answer: Any) -> str:
    assert answer.status_code == 200
    found: str = answer.content.decode()
    return found


def test_lists_the_trails_that_one_may_read(ada: Client) -> None:
    tenant_trail("ministry")
    page = text(ada.get("/trails/"))
    assert 'href="/trails/2/"' in page
    assert "ministry" not in page
    assert "2 trails" in page


def test_says_why_there_is_none() -> None:
    page = text(cast.signed_in(cast.reader("enzo")).get("/trails/"))
    assert "There is no trail that you may read" in page


def test_a_trail_goes_on_from_page_to_page(ada: Client, hospital: Trail) -> None:
    page = text(ada.get("/trails/2/"))
    assert "50 entries from index 60 downwards, of 61 in the trail" in page
    assert 'href="/trails/2/?before=11"' in page
    older = text(ada.get("/trails/2/?before=11"))
    assert "Entries before 11" in older
    assert "Older entries" not in older
    assert "There is no entry below this index." in text(ada.get("/trails/2/?before=0"))


def test_htmx_gets_the_list_that_the_page_includes(ada: Client) -> None:
    fragment = text(ada.get("/trails/2/?before=11", headers={"HX-Request": "true"}))
    assert "<html" not in fragment
    assert fragment.strip() in text(ada.get("/trails/2/?before=11"))
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in text(ada.get("/trails/2/?before=11", headers=restored))


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "99999999999999999999", "٣"])
def test_a_page_that_cannot_be_is_not_found(ada: Client, before: str) -> None:
    assert ada.get("/trails/2/", {"before": before}).status_code == 404


def test_the_owner_and_a_subject_link_home_or_stay_words(ada: Client) -> None:
    page = text(ada.get("/trails/2/"))
    assert '<a href="/tenants/2/">hospital</a>' in page
    assert "tenant <a" in page
    assert ">note</span>" in page


def test_an_entry_shows_its_exact_bytes_and_their_hash(ada: Client, hospital: Trail) -> None:
    stored = Entry.objects.get(trail_number=2, index=7)
    page = text(ada.get("/trails/2/entries/7/"))
    assert entry_leaf(bytes(stored.content)).hex() in page
    assert bytes(stored.content).decode().replace('"', "&quot;") in page
    assert "no epoch yet: the next seal covers it" in page
    assert f"--pin 2:{bytes(hospital.trail_id).hex()}" in page
    assert ada.get("/trails/2/entries/7/content").content == bytes(stored.content)
    seal(actor="olga")
    assert 'href="/seals/1/"' in text(ada.get("/trails/2/entries/7/"))


def test_an_entry_that_is_not_there_is_not_found(ada: Client) -> None:
    assert ada.get("/trails/2/entries/61/").status_code == 404
    assert ada.get("/trails/2/entries/61/content").status_code == 404


def test_a_text_in_an_entry_stays_a_text(hospital: Trail, ada: Client) -> None:
    write(2, ["<script>alert(1)</script>"])
    assert "<script>alert" not in text(ada.get("/trails/2/entries/61/"))


@pytest.mark.parametrize("url", ["/trails/", "/trails/2/", "/trails/2/entries/7/"])
def test_asks_the_database_few_questions(
    ada: Client, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        ada.get(url)
