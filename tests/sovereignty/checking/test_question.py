"""What a check is asked: what is filled in, from what is known at the position alone, and what
cannot be asked."""

from typing import Any

import pytest

from audit.times import iso
from sovereignty.checking.question import MOST_NAMED, CheckError, Question, ask
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def asked(**question: Any) -> Question:
    return ask(site.home_policy(), **question)


def test_a_tenants_check_begins_at_its_own_first_touch() -> None:
    """The leak: a hospital's report that begins earlier than its first touch tells when a neighbour
    began."""
    b.accept_all(
        *site.facts(),
        b.touch("1", tenant=b.NEIGHBOUR, start=b.hour(1)),
        b.touch("1", start=b.hour(5), end=b.hour(6)),
        b.touch("2", start=b.hour(3), end=b.hour(4)),
    )
    assert asked(tenants=[b.HOSPITAL]).period[0] == b.START + 3 * b.HOUR
    assert asked(tenants=[b.NEIGHBOUR]).period[0] == b.START + b.HOUR
    assert asked(tenants=[b.HOSPITAL, b.NEIGHBOUR]).period[0] == b.START + b.HOUR
    assert asked().period[0] == b.START + b.HOUR


def test_a_touch_that_came_later_changes_no_earlier_question() -> None:
    early = b.accept_all(*site.facts(), b.touch("2", start=b.hour(3), end=b.hour(4))).position
    b.accept_all(b.touch("1", start=b.hour(1)))
    assert asked(tenants=[b.HOSPITAL], position=early).period[0] == b.START + 3 * b.HOUR
    assert asked(tenants=[b.HOSPITAL]).period[0] == b.START + b.HOUR


def test_a_touch_that_was_taken_back_begins_nothing_from_then_on() -> None:
    first = b.touch("1", start=b.hour(1))
    early = b.accept_all(
        *site.facts(), first, b.touch("2", start=b.hour(3), end=b.hour(4))
    ).position
    b.accept_all(b.correction(first))
    assert asked(tenants=[b.HOSPITAL]).period[0] == b.START + 3 * b.HOUR
    assert asked(tenants=[b.HOSPITAL], position=early).period[0] == b.START + b.HOUR


def test_a_corrected_touch_begins_once() -> None:
    first = b.touch("1", start=b.hour(1))
    b.accept_all(*site.facts(), first)
    b.accept_all(b.correction(first, replacement=b.touch("1", ["sg-1/0"])))
    assert asked().period[0] == b.START + b.HOUR


def test_it_ends_with_the_positions_own_time() -> None:
    answers = b.accept_all(*site.facts(), b.touch("1"))
    assert asked().position == answers.position
    with pytest.raises(CheckError, match="to: want at most 2"):
        asked(period=(None, asked().period[1] + 1))


def test_a_tenant_without_touches_is_asked_from_the_first_access_to_it() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", tenant=b.NEIGHBOUR, start=b.hour(0), end=b.hour(1)),
        b.access("a1"),
    )
    assert asked(tenants=[b.HOSPITAL]).period[0] == b.START + b.HOUR


def test_a_tenant_of_which_nothing_can_be_judged_says_so() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    said = (
        f"from: want a time, since position 1 knows of no touch of {b.NEIGHBOUR} and no "
        "access, got none"
    )
    with pytest.raises(CheckError, match=said):
        asked(tenants=[b.NEIGHBOUR])
    assert asked(tenants=[b.NEIGHBOUR], period=site.PERIOD).period == site.PERIOD


def test_nothing_to_judge_at_all_says_so() -> None:
    with pytest.raises(CheckError, match="nothing has been recorded yet"):
        asked()
    b.accept_all(*site.facts())
    with pytest.raises(CheckError, match="no touch of any tenant and no access"):
        asked()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            {"tenants": ["nobody", b.HOSPITAL]},
            (
                f"tenants: want tenants known at position 1 ({b.NEIGHBOUR}, {b.HOSPITAL}), "
                "got 'nobody'"
            ),
        ),
        ({"tenants": []}, "tenants: want at least one, got an empty list"),
        (
            {"period": (site.PERIOD[1], site.PERIOD[0])},
            (
                "period: want a start before its end, got one from 2026-01-02T10:00:00Z to "
                "2026-01-02T00:00:00Z"
            ),
        ),
        (
            {"period": (-1, site.PERIOD[1])},
            "from: want 1970-01-01T00:00:00Z or later, got 1969-12-31T23:59:59.999Z",
        ),
        ({"position": 99}, "position: want 1 to 1, got 99"),
    ],
)
def test_refuses_what_cannot_be_asked(question: dict[str, Any], said: str) -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    with pytest.raises(CheckError) as caught:
        asked(**({"period": site.PERIOD} | question))
    assert str(caught.value) == said


def test_a_time_that_no_calendar_holds_is_refused_all_the_same() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    with pytest.raises(CheckError, match="the time of position 1, got 1000000000000000 ms"):
        asked(period=(0, 10**15))


def test_a_tenant_that_was_declared_later_is_not_known_before() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    b.accept_all(b.stated("tenant.declared", id="t-9", tenant="later"))
    with pytest.raises(CheckError, match="got 'later'"):
        asked(tenants=["later"], period=site.PERIOD, position=1)
    assert asked(tenants=["later"], period=site.PERIOD).tenants == ("later",)


def test_of_many_tenants_some_are_named_and_the_rest_counted() -> None:
    b.accept_all(
        *[
            b.stated("tenant.declared", id=f"t-{n}", tenant=f"t{n:02d}")
            for n in range(MOST_NAMED + 3)
        ]
    )
    with pytest.raises(CheckError, match=r"\(t00, .*, t19 and 3 more\), got 'nobody'"):
        asked(tenants=["nobody"], period=site.PERIOD)


def test_times_are_written_as_the_command_line_takes_them() -> None:
    assert (iso(site.PERIOD[0]), iso(site.PERIOD[0] + 7)) == (
        "2026-01-02T00:00:00Z",
        "2026-01-02T00:00:00.007Z",
    )
