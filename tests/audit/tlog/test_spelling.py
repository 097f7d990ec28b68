"""Numbers and base64 have one spelling; every other one is refused with the caller's error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.errors import CheckpointError, NoteError
from audit.tlog.spelling import MAX_DECIMAL, encode_base64, parse_base64, parse_decimal


@given(st.integers(0, MAX_DECIMAL) | st.just(9223372036854775807))
def test_reads_every_number_it_should(number: int) -> None:
    assert parse_decimal(str(number), "size", NoteError) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "01",
        "00",
        "1_0",
        "1.0",
        "0x1",
        "1e3",
        "٥",
        "²",
        "9223372036854775808",
        "9" * 30,
        "9" * 5000,
    ],
)
def test_refuses_other_spellings_of_numbers(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"^size: want a decimal 0 … 2"):
        parse_decimal(text, "size", CheckpointError)


@given(st.binary())
def test_reads_the_base64_it_wrote(data: bytes) -> None:
    assert parse_base64(encode_base64(data), "key", NoteError) == data
    assert parse_base64(encode_base64(data), "key", NoteError, len(data)) == data


@given(st.text(st.sampled_from("ABCDwxyz0189+/=-_ \n")))
def test_reads_no_base64_it_would_not_write(text: str) -> None:
    try:
        data = parse_base64(text, "key", NoteError)
    except NoteError:
        return
    assert encode_base64(data) == text


@pytest.mark.parametrize(
    "text", ["A", "AA", "AAA", "AA=A", "AA==AA==", "AA-_", "AA A", "AAAA\n", "AAé="]
)
def test_refuses_what_is_not_base64(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"^root: not base64"):
        parse_base64(text, "root", CheckpointError)


@pytest.mark.parametrize("text", ["AB==", "AAB=", "AAAA="])
def test_refuses_base64_with_spare_bits_or_padding(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"^root: base64 in a second spelling"):
        parse_base64(text, "root", CheckpointError)


def test_refuses_another_length() -> None:
    with pytest.raises(CheckpointError, match=r"^root: want 32 bytes, got 3"):
        parse_base64("AAAA", "root", CheckpointError, 32)
