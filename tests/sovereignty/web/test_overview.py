"""The overview: card-hours by verdict, as of when, and why there is nothing."""

import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from audit import clock
from sovereignty.queries.freshness import MISSED_CHECKS
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site
from tests.sovereignty.conftest import Judged

MOST_QUERIES = 14


def text(answer: Any) -> str:
    assert answer.status_code == 200
    found: str = " ".join(answer.content.decode().split())
    return found


def numbers(page: str, row: str) -> list[str]:
    """The numbers of the first table row that holds `row`."""
    found = next(part for part in page.split("<tr>") if row in part)
    return [
        re.sub(r"<[^>]+>", "", cell).strip()
        for cell in re.findall(r'<td class="number.*?</td>', found)
    ]


def numbers_head(page: str, row: str) -> str:
    """What the first table row that holds `row` says before its numbers."""
    return next(part for part in page.split("<tr>") if row in part).partition('<td class="number')[
        0
    ]


def test_shows_card_hours_by_verdict_for_each_tenant(judged: Judged) -> None:
    page = text(cast.signed_in(cast.olga()).get("/"))
    assert "St Mary Hospital" in page
    # 4 cards at home, 2 abroad, 2 beside a neighbour, an hour each; the neighbour shared one of
    # these two.
    assert numbers(page, 'href="/tenants/2/"') == [
        "8.00",
        "2.00",
        "0.00",
        "0.00",
        "6.00",
        "0.00",
        "3",
    ]
    assert "as of position 1" in page
    assert "Epoch 1" in page


def test_shows_accesses_apart_from_card_hours(judged: Judged) -> None:
    page = text(cast.signed_in(cast.olga()).get("/"))
    assert numbers(page, ">OP-01</a>") == ["1", "0", "0", "1", "0", "2"]


def test_says_that_access_rules_count_gaps_too(judged: Judged) -> None:
    """A time in which accesses were not fully reported is no access."""
    olga = cast.signed_in(cast.olga())
    assert "accesses and gaps" in numbers_head(text(olga.get("/")), ">OP-01</a>")
    for address in ("/", "/tenants/2/", "/findings/"):
        assert re.search(
            r"<caption>[^<]*A gap is a time in which accesses were not fully reported",
            text(olga.get(address)),
        )


def test_a_reader_sees_its_own_tenant_only(judged: Judged) -> None:
    page = text(cast.signed_in(cast.reader("ada", judged.hospital.trail)).get("/"))
    assert "St Mary Hospital" in page
    assert "qinghe" not in page
    assert numbers(page, ">PL-03</a>") == ["1.00", "0.00", "0.00", "7.00", "0.00", "8.00"]


def test_every_verdict_is_a_word_and_an_icon(judged: Judged) -> None:
    page = text(cast.signed_in(cast.olga()).get("/"))
    for word in ("Non-compliant", "Unverifiable", "Waived"):
        assert re.search(rf'<use href="#icon-[a-z_]+" ?/> ?</svg> ?{word}', page)


def test_says_when_facts_are_not_judged_yet(judged: Judged) -> None:
    olga = cast.signed_in(cast.olga())
    assert "not judged yet" not in text(olga.get("/"))
    b.accept_all(b.touch("later", start=b.hour(5), end=b.hour(6)))
    assert "Newer facts are recorded and not judged yet." in text(olga.get("/"))


def test_says_stale_when_checks_were_missed(
    judged: Judged, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = cast.signed_in(cast.olga())
    assert "Stale" not in text(olga.get("/"))
    late = judged.check.made_at + MISSED_CHECKS * settings.CHECK_EVERY_S * 1000 + 1000
    monkeypatch.setattr(clock, "read_ns", lambda: late * 1_000_000)
    assert "Stale: checks were missed" in text(olga.get("/"))


def test_says_why_there_is_nothing(ledger: None) -> None:
    enzo, olga = cast.signed_in(cast.reader("enzo")), cast.signed_in(cast.olga())
    assert "There is no tenant that you may see" in text(enzo.get("/"))
    b.accept_all(*site.facts())
    assert "Nothing has been checked yet" in text(olga.get("/"))
    site.home_policy()
    assert "Nothing has been checked yet" in text(olga.get("/"))
    assert "There is no tenant that you may see" in text(enzo.get("/"))


def test_tells_an_officer_that_no_tenant_is_declared_yet(ledger: None) -> None:
    officer = cast.signed_in(cast.olga())
    for url in ("/", "/findings/"):
        page = text(officer.get(url))
        assert "No tenant has been declared yet" in page
        assert "reading rights" not in page


def test_another_policy_has_a_view_of_its_own(judged: Judged) -> None:
    site.home_policy(name="abroad-too")
    olga = cast.signed_in(cast.olga())
    assert "/?policy=abroad-too" in text(olga.get("/"))
    assert "Nothing has been checked yet" in text(olga.get("/?policy=abroad-too"))
    assert olga.get("/?policy=nobodys").status_code == 404


def test_asks_the_database_few_questions(
    judged: Judged, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    olga = cast.signed_in(cast.olga())
    with django_assert_max_num_queries(MOST_QUERIES):
        olga.get("/")
