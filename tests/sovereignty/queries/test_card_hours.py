"""Card-hours are rounded by one rule, on pages and on the command line."""

import io

import pytest
from django.core.management import call_command

from sovereignty.queries.card_hours import card_hours
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

MORNING = ("--from", "2026-01-02T00:00:00Z", "--to", "2026-01-02T10:00:00Z")


@pytest.mark.parametrize("verdict", ["non_compliant", "unverifiable", "waived"])
def test_what_is_bad_is_rounded_up(verdict: str) -> None:
    assert [str(card_hours(seconds, verdict)) for seconds in (0, 1, 36, 37, 3600)] == [
        "0.00",
        "0.01",
        "0.01",
        "0.02",
        "1.00",
    ]


@pytest.mark.parametrize("verdict", ["", "compliant", "not_applicable"])
def test_what_is_good_and_a_total_are_rounded_down(verdict: str) -> None:
    assert [str(card_hours(seconds, verdict)) for seconds in (0, 35, 36, 71, 3600)] == [
        "0.00",
        "0.00",
        "0.01",
        "0.01",
        "1.00",
    ]


def test_seconds_that_did_not_apply_are_rounded_down() -> None:
    assert str(card_hours(64_801, "not_applicable")) == "18.00"
    assert str(card_hours(64_801, "unverifiable")) == "18.01"


def test_is_exact_where_floats_are_not() -> None:
    assert card_hours(3600 * 10**14 + 36) - 10**14 == card_hours(36)


def _touch(id: str, cards: str, seconds: int) -> b.Event:
    return b.event(
        "touch.recorded",
        id=id,
        source="slurm",
        tenant=b.HOSPITAL,
        touch=id,
        workload="triage-7b",
        parts=[{"cards": [cards]}],
        started_at=b.START,
        ended_at=b.START + 1000 * seconds,
        evidence="observed",
    )


def test_the_page_and_the_command_say_the_same_with_the_reason_why_parts_differ(
    ledger: None,
) -> None:
    b.accept_all(*site.facts(), _touch("home", "hz-1/0", 3635), _touch("abroad", "sg-1/0", 3601))
    site.home_policy()
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_policy", "home", *MORNING, stdout=out)
    page = cast.signed_in(cast.olga()).get("/").content.decode()
    assert "2 touches, 2.01 card-hours" in out.getvalue()
    assert (
        "PL-01  non_compliant   non_compliant 1.01 card-hours, compliant 1.00 card-hours; 1 finding"
        in out.getvalue()
    )
    assert "The parts may differ from the total in the last digit" in out.getvalue()
    row = next(part for part in page.split("<tr>") if ">PL-01</a>" in part)
    assert all(f">{hours}<" in row for hours in ("1.01", "1.00", "2.01"))
    assert "may differ from their total in the last digit" in page
