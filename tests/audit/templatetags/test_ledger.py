"""How times look on a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.templatetags.ledger import when


def test_a_time_is_written_to_the_second_and_marked_up_to_the_millisecond() -> None:
    assert (
        when(1_790_812_800_123)
        == '<time datetime="2026-10-01T00:00:00.123Z">2026-10-01 00:00:00</time>'
    )
    assert when(None) == "–"


@pytest.mark.parametrize(
    "millis", [253_402_300_800_000, -62_135_596_800_001, 2**63 - 1, -(2**63), 10**400]
)
def test_a_time_beyond_any_calendar_is_said_as_its_number(millis: int) -> None:
    assert when(millis) == f"{millis} ms since 1970"


@given(st.integers())
def test_no_number_is_a_fault(millis: int) -> None:
    assert when(millis)
