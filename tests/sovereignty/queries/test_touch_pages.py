"""The order of a workload's touches: no page of the newest hides an older breach."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check, Finding, Touch, Workload
from sovereignty.queries.touch_pages import Before, page_of
from tests import builders as b
from tests.sovereignty import small_site as site

WORST_FIRST = ["abroad-2", "abroad-1", "unknown", "home-4", "home-3", "home-2", "home-1"]


@pytest.fixture
def checked(ledger: None) -> Check:
    b.accept_all(
        *site.facts(),
        b.touch("abroad-1", ["sg-1/0"], start=b.hour(0), end=b.hour(1)),
        b.touch("home-1", ["hz-1/0"], start=b.hour(0), end=b.hour(1)),
        b.touch("unknown", ["elsewhere/0"], start=b.hour(0), end=b.hour(1)),
        b.touch("home-2", ["hz-1/1"], start=b.hour(1), end=b.hour(2)),
        b.touch("abroad-2", ["sg-1/1"], start=b.hour(1), end=b.hour(2)),
        b.touch("home-3", ["hz-1/2"], start=b.hour(2), end=b.hour(3)),
        b.touch("home-4", ["hz-1/3"], start=b.hour(3), end=b.hour(4)),
        b.access(
            "home-1", office_country="SG"
        ),  # the id of a touch too, which makes that touch no worse
    )
    return check(ask(site.home_policy(), period=site.PERIOD), actor="olga")


def _pages(found: Check | None, size: int) -> list[list[str]]:
    workload = Workload.objects.select_related("tenant").get()
    live = Touch.objects.filter(workload=workload, superseded_by__isnull=True)
    pages: list[list[str]] = []
    before = None
    while before is not None or not pages:
        page, before = page_of(workload, live, found, before, size)
        pages.append([each.touch_id for each in page])
    return pages


@pytest.mark.parametrize("size", range(1, 9))
def test_the_worst_come_first_and_each_once_whatever_the_size_of_a_page(
    checked: Check, size: int
) -> None:
    pages = _pages(checked, size)
    assert [name for page in pages for name in page] == WORST_FIRST
    assert all(len(page) == size for page in pages[:-1])


def test_without_a_check_they_come_newest_first(checked: Check) -> None:
    assert _pages(None, 3)[0] == ["home-4", "home-3", "abroad-2"]


def test_many_newest_with_findings_are_skipped_in_few_questions(checked: Check) -> None:
    b.accept_all(
        *(
            b.touch(f"far-{number}", [f"sg-1/{number % 8}"], start=b.hour(5), end=b.hour(6))
            for number in range(120)
        )
    )
    found = check(ask(checked.policy, period=site.PERIOD), actor="olga")
    workload = Workload.objects.select_related("tenant").get()
    live = Touch.objects.filter(workload=workload, superseded_by__isnull=True)
    last = max(
        Finding.objects.filter(check_of=found, verdict="unverifiable"), key=lambda each: each.pk
    )
    known = Touch.objects.get(touch_id=last.touch_id)
    with CaptureQueriesContext(connection) as asked:
        page, _ = page_of(workload, live, found, Before(1, known.key), 4)
    assert [each.touch_id for each in page] == ["home-4", "home-3", "home-2", "home-1"]
    assert len(asked) < 10


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "x.1",
        "1.x",
        "9.1",
        "1.",
        ".1",
        "1.99999999999999999999",
        "1.9999999999999999999",
        "-1.2",
        "1.2.3",
    ],
)
def test_refuses_a_place_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="want a rank"):
        Before.parse(text)


def test_a_place_is_read_as_it_is_written() -> None:
    assert Before.parse(str(Before(0, 812))) == Before(0, 812)
