"""Times as people write them, and back again."""

import re

import pytest

from audit.times import iso, millis_of, parse


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1970-01-01", 0),
        ("2026-10-01", 1_790_812_800_000),
        ("2026-10-01T08:00:00+08:00", 1_790_812_800_000),
        ("2026-10-01T00:00:00.001Z", 1_790_812_800_001),
        ("9998-12-31T23:59:59.999Z", 253_370_764_799_999),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_text_and_milliseconds_agree(text: str, millis: int) -> None:
    assert millis_of(parse(text)) == millis
    assert millis_of(parse(iso(millis))) == millis


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-10-01T25:00:00Z"])
def test_what_is_no_time_is_told_what_one_is(text: str) -> None:
    with pytest.raises(ValueError, match=f"want a time such as .*, got {re.escape(repr(text))}"):
        parse(text)


def test_a_time_that_no_calendar_holds_is_its_milliseconds() -> None:
    assert iso(2**62) == f"{2**62} ms"
    assert iso(253_402_300_800_000) == "253402300800000 ms"
