"""Findings as pages: grouped, one by one, filtered by the URL, and one in full."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Finding
from sovereignty.web import findings
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site
from tests.sovereignty.conftest import Judged

MOST_QUERIES, MOST_QUERIES_OF_ONE = 12, 20


@pytest.fixture
def olga(judged: Judged) -> Client:
    return cast.signed_in(cast.olga())


def text(answer: Any) -> str:
    assert answer.status_code == 200
    found: str = " ".join(answer.content.decode().split())
    return found


def test_are_grouped_by_rule_and_tenant_with_totals(olga: Client) -> None:
    page = text(olga.get("/findings/"))
    assert "4 findings" in page
    assert page.count("tenant=2&amp;rule=") == 3
    assert page.count("tenant=3&amp;rule=") == 1


def test_come_one_by_one_in_sentences(olga: Client) -> None:
    page = text(olga.get("/findings/each/"))
    assert "Touch abroad of workload triage-7b used 2 cards: sg-1/0-1." in page
    assert "The cards stood in region sg-1 in SG, a country that the policy does not allow." in page
    assert "The policy allows: CN." in page
    assert "Access from-abroad by li reached into workload triage-7b." in page
    assert "4 on this page, of 4 in all" in page


def test_the_filter_stands_in_the_url(olga: Client, judged: Judged) -> None:
    page = text(olga.get("/findings/each/?rule=PL-01"))
    assert "1 finding" in page
    assert '<option value="PL-01" selected>' in page
    assert "3 findings" in text(olga.get("/findings/each/?tenant=2"))
    assert "4 findings" in text(
        olga.get(f"/findings/?check={judged.check.pk}&verdict=non_compliant")
    )


@pytest.mark.parametrize("url", ["/findings/each/", "/findings/"])
def test_a_filter_that_nothing_matches_says_what_there_is_without_it(
    olga: Client, judged: Judged, url: str
) -> None:
    page = text(olga.get(f"{url}?verdict=unverifiable"))
    assert "No finding matches this filter" in page
    assert "Without the filter, this check has 4 findings that you may see." in page
    assert f'href="{url}?check={judged.check.pk}">Clear the filter' in page
    ada = cast.signed_in(cast.reader("ada", judged.hospital.trail))
    assert "this check has 3 findings that you may see." in text(ada.get(f"{url}?workload=nobodys"))


def test_a_place_behind_the_last_finding_is_not_told_as_none(olga: Client) -> None:
    page = text(olga.get("/findings/each/?after=waived.999999"))
    assert "The list ends before this place" in page
    assert "This check found nothing" not in page


@pytest.mark.parametrize(
    "query",
    [
        "rule=PL-99",
        "verdict=bad",
        "tenant=x",
        "tenant=99",
        "check=99",
        "after=x",
        "after=unverifiable.x",
        "after=bad.1",
    ],
)
def test_a_filter_that_stands_for_nothing_is_not_found(olga: Client, query: str) -> None:
    assert olga.get(f"/findings/each/?{query}").status_code == 404


def test_go_on_from_page_to_page(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "FINDINGS_A_PAGE", 3)
    page = text(olga.get("/findings/each/"))
    last = list(Finding.objects.order_by("verdict", "pk"))[2]
    assert f"after={last.verdict}.{last.pk}" in page
    rest = text(olga.get(f"/findings/each/?after={last.verdict}.{last.pk}"))
    assert "1 on this page, of 4 in all" in rest
    assert "Next page" not in rest


def test_htmx_gets_the_list_that_the_page_includes(olga: Client) -> None:
    for url in ("/findings/", "/findings/each/"):
        fragment = olga.get(url, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in fragment
        assert fragment.strip() in olga.get(url).content.decode()


def test_one_says_what_where_when_and_how_to_verify(olga: Client, judged: Judged) -> None:
    abroad = Finding.objects.get(reason="region_foreign")
    page = text(olga.get(f"/findings/{abroad.pk}/"))
    for said in (
        "Region outside the allowed countries",
        "sg-1/0-1",
        "2026-01-02 02:00:00",
        "2026-01-02 03:00:00",
        "2.00",
        "境内",
        '<dt class="mono">allowed_countries</dt>',
        f"--pin 2:{bytes(judged.hospital.trail.trail_id).hex()}",
        "sealed in epoch 1",
        "touch.recorded/v1",
        "/tenants/2/workloads/triage-7b/",
    ):
        assert said in page


def _ledger_rows(page: str) -> list[list[str]]:
    """The cells of each entry below the finding, without their marks."""
    table = page[page.index("Where it stands in the ledger") :].split("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]


def test_each_entry_says_its_source_and_its_seal(olga: Client, judged: Judged) -> None:
    url = f"/findings/{Finding.objects.get(reason='region_foreign').pk}/"
    heads, fact, carrier = _ledger_rows(text(olga.get(url)))
    assert heads == ["Entry", "Kind", "Source", "Happened", "Seal"]
    assert (fact[1], fact[2], fact[4]) == ("touch.recorded/v1", "slurm", "sealed")
    assert (carrier[1], carrier[2], carrier[4]) == (
        "check.slice/v1",
        "domicile",
        "sealed in epoch 1",
    )


def test_an_entry_that_is_not_sealed_says_so(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("abroad", ["sg-1/0"]))
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    page = text(
        cast.signed_in(cast.olga()).get(f"/findings/{Finding.objects.get(rule='PL-01').pk}/")
    )
    assert [row[4] for row in _ledger_rows(page)] == ["Seal", "not sealed yet", "not sealed yet"]


def test_a_shared_card_names_the_neighbour_by_pseudonym_only(olga: Client, judged: Judged) -> None:
    shared = Finding.objects.get(reason="shared_card", tenant=judged.hospital)
    page = text(olga.get(f"/findings/{shared.pk}/"))
    assert shared.block["other"]["tenant"] in page
    assert b.NEIGHBOUR not in page
    assert "neighbours-own" not in page


def test_a_check_that_found_nothing_says_so(ledger: None) -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    olga = cast.signed_in(cast.olga())
    Finding.objects.all().delete()
    for url in ("/findings/", "/findings/each/", "/findings/?verdict=unverifiable"):
        assert "This check found nothing" in text(olga.get(url))


@pytest.mark.parametrize("url", ["/findings/", "/findings/each/"])
def test_asks_the_database_few_questions(
    olga: Client, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        olga.get(url)
    with django_assert_max_num_queries(MOST_QUERIES_OF_ONE):
        olga.get(f"/findings/{Finding.objects.earliest('pk').pk}/")
