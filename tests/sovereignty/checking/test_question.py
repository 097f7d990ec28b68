"""What a check is asked: what is filled in, from what is known at the position alone, and what
cannot be asked."""

from typing import Any

import pytest

from audit.times import iso
from sovereignty.checking.question import MOST_NAMED, CheckError, Question, ask
from tests.sovereignty.small_site import (
    DAY,
    HOSPITAL,
    HOUR,
    NEIGHBOUR,
    PERIOD,
    access,
    corrected,
    event,
    home_policy,
    site,
    stated,
    take,
    touch,
)

pytestmark = pytest.mark.usefixtures("ledger")


def asked(**question: Any) -> Question:
    return ask(home_policy(), **question)


def test_a_tenants_check_begins_at_its_own_first_touch() -> None:
    """The leak: a hospital's report that begins earlier than its first touch tells when a neighbour
    began."""
    take(
        *site(),
        touch("1", tenant=NEIGHBOUR, start=1),
        touch("1", start=5, end=6),
        touch("2", start=3, end=4),
    )
    assert asked(tenants=[HOSPITAL]).period[0] == DAY + 3 * HOUR
    assert asked(tenants=[NEIGHBOUR]).period[0] == DAY + HOUR
    assert asked(tenants=[HOSPITAL, NEIGHBOUR]).period[0] == DAY + HOUR
    assert asked().period[0] == DAY + HOUR


def test_a_touch_that_came_later_changes_no_earlier_question() -> None:
    early = take(*site(), touch("2", start=3, end=4)).position
    take(touch("1", start=1))
    assert asked(tenants=[HOSPITAL], position=early).period[0] == DAY + 3 * HOUR
    assert asked(tenants=[HOSPITAL]).period[0] == DAY + HOUR


def test_a_touch_that_was_taken_back_begins_nothing_from_then_on() -> None:
    early = take(*site(), touch("1", start=1), touch("2", start=3, end=4)).position
    retracted = event(
        "correction", "c-1", source="slurm", tenant=HOSPITAL, reason="never ran"
    ).replace(b'"tenant"', b'"source": "slurm", "id": "st-mary-1", "tenant"')
    take(retracted)
    assert asked(tenants=[HOSPITAL]).period[0] == DAY + 3 * HOUR
    assert asked(tenants=[HOSPITAL], position=early).period[0] == DAY + HOUR


def test_a_corrected_touch_begins_once() -> None:
    take(*site(), touch("1", start=1))
    take(corrected("1", ["sg-1/0"]))
    assert asked().period[0] == DAY + HOUR


def test_it_ends_with_the_positions_own_time() -> None:
    answers = take(*site(), touch("1"))
    assert asked().position == answers.position
    with pytest.raises(CheckError, match="to: want at most 2"):
        asked(period=(None, asked().period[1] + 1))


def test_a_tenant_without_touches_is_asked_from_the_first_access_to_it() -> None:
    take(*site(), touch("1", tenant=NEIGHBOUR, start=0, end=1), access("a1"))
    assert asked(tenants=[HOSPITAL]).period[0] == DAY + HOUR


def test_a_tenant_of_which_nothing_can_be_judged_says_so() -> None:
    take(*site(), touch("1"))
    said = f"from: want a time, since position 1 knows of no touch of {NEIGHBOUR} and no access, got none"
    with pytest.raises(CheckError, match=said):
        asked(tenants=[NEIGHBOUR])
    assert asked(tenants=[NEIGHBOUR], period=PERIOD).period == PERIOD


def test_nothing_to_judge_at_all_says_so() -> None:
    with pytest.raises(CheckError, match="nothing has been recorded yet"):
        asked()
    take(*site())
    with pytest.raises(CheckError, match="no touch of any tenant and no access"):
        asked()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            {"tenants": ["nobody", HOSPITAL]},
            f"tenants: want tenants known at position 1 ({NEIGHBOUR}, {HOSPITAL}), got 'nobody'",
        ),
        ({"tenants": []}, "tenants: want at least one, got an empty list"),
        (
            {"period": (PERIOD[1], PERIOD[0])},
            "period: want a start before its end, got one from 2026-01-02T10:00:00Z to 2026-01-02T00:00:00Z",
        ),
        (
            {"period": (-1, PERIOD[1])},
            "from: want 1970-01-01T00:00:00Z or later, got 1969-12-31T23:59:59.999Z",
        ),
        ({"position": 99}, "position: want 1 to 1, got 99"),
    ],
)
def test_refuses_what_cannot_be_asked(question: dict[str, Any], said: str) -> None:
    take(*site(), touch("1"))
    with pytest.raises(CheckError) as caught:
        asked(**({"period": PERIOD} | question))
    assert str(caught.value) == said


def test_a_time_that_no_calendar_holds_is_refused_all_the_same() -> None:
    take(*site(), touch("1"))
    with pytest.raises(CheckError, match="the time of position 1, got 1000000000000000 ms"):
        asked(period=(0, 10**15))


def test_a_tenant_that_was_declared_later_is_not_known_before() -> None:
    take(*site(), touch("1"))
    take(stated("tenant.declared", "t-9", tenant="later"))
    with pytest.raises(CheckError, match="got 'later'"):
        asked(tenants=["later"], period=PERIOD, position=1)
    assert asked(tenants=["later"], period=PERIOD).tenants == ("later",)


def test_of_many_tenants_some_are_named_and_the_rest_counted() -> None:
    take(*[stated("tenant.declared", f"t-{n}", tenant=f"t{n:02d}") for n in range(MOST_NAMED + 3)])
    with pytest.raises(CheckError, match=r"\(t00, .*, t19 and 3 more\), got 'nobody'"):
        asked(tenants=["nobody"], period=PERIOD)


def test_times_are_written_as_the_command_line_takes_them() -> None:
    assert (iso(PERIOD[0]), iso(PERIOD[0] + 7)) == (
        "2026-01-02T00:00:00Z",
        "2026-01-02T00:00:00.007Z",
    )
