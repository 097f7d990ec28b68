"""Events out of a stream, however it is cut into chunks, and every stream that is no such thing."""

import gzip
import json
import re
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereignty.collect.lines import (
    CHUNK_BYTES,
    DEEPEST,
    LONGEST_LINE_BYTES,
    MOST_MEMBERS,
    StreamError,
    StreamTooLong,
    bounded,
    either,
    events,
    gunzipped,
    lines,
    one,
    read_chunks,
)

MARK = b"\xef\xbb\xbf"


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a\r", b"b"]),
        (b"\n\na", [b"", b"", b"a"]),
        (MARK + b"a\n" + MARK + b"b", [b"a", MARK + b"b"]),
    ],
)
def test_lines(data: bytes, found: list[bytes], size: int) -> None:
    assert list(lines(cut(data, size))) == found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"[]", []),
        (b" [ ] \n", []),
        (b"[{}]", [b"{}"]),
        (b'[{"a":"}]"} , {"b":[1,{"c":"\\""}]}]\n', [b'{"a":"}]"}', b'{"b":[1,{"c":"\\""}]}']),
        (b'[{"a":"\\\\"},\r\n{"[":"{"}]', [b'{"a":"\\\\"}', b'{"[":"{"}']),
        (MARK + b"[{}]", [b"{}"]),
    ],
)
def test_events_of_an_array(data: bytes, found: list[bytes], size: int) -> None:
    assert list(events(cut(data, size))) == found


json_objects = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
    ),
    max_size=4,
)


@given(st.lists(json_objects, max_size=5), st.integers(1, 40), st.booleans())
def test_an_array_s_elements_are_what_json_reads(
    values: list[object], size: int, indented: bool
) -> None:
    data = json.dumps(values, ensure_ascii=size % 2 == 0, indent=2 if indented else None).encode()
    assert [json.loads(text) for text in events(cut(data, size))] == values


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize(
    ("data", "line", "expected", "received"),
    [
        (b"", 1, "an array, which begins with [", "the end of the stream"),
        (b"{}", 1, "an array, which begins with [", "'{'"),
        (b'"a"', 1, "an array, which begins with [", "'\"a\"'"),
        (b"nope", 1, "an array, which begins with [", "'nope'"),
        (b"[1]", 1, "an object, or the array's end", "'1]'"),
        (b'["a"]', 1, "an object, or the array's end", "'\"a\"'"),
        (b"[[{}]]", 1, "an object, or the array's end", "'['"),
        (b"[}", 1, "an object, or the array's end", "'}'"),
        (b"[,{}]", 1, "an object, or the array's end", "',{'"),
        (b"[", 1, "an object, or the array's end", "the end of the stream"),
        (b"[{},]", 2, "a comma and an object, or the array's end", "',]'"),
        (b"[{}{}]", 2, "a comma and an object, or the array's end", "'{'"),
        (b"[{}", 2, "a comma and an object, or the array's end", "the end of the stream"),
        (b'[{},"a"]', 2, "a comma and an object, or the array's end", "',\"a\"'"),
        (b'[{"a":1', 1, "the end of the object", "the end of the stream"),
        (b'[{"a":"', 1, "the end of the object", "the end of the stream"),
        (b"[{}] x", 2, "nothing after the array", "'x'"),
        (b"[{}][", 2, "nothing after the array", "'['"),
        (b'[{}]"a"', 2, "nothing after the array", "'\"a\"'"),
    ],
)
def test_refuses_what_is_no_array_of_objects(
    data: bytes, line: int, expected: str, received: str, size: int
) -> None:
    with pytest.raises(StreamError) as caught:
        list(events(cut(data, size)))
    assert (caught.value.line, caught.value.expected, caught.value.received) == (
        line,
        expected,
        received,
    )


def test_takes_a_single_event_over_several_lines() -> None:
    assert list(one(cut(MARK + b'{\n "id": 1\n}\n', 3))) == [b'{\n "id": 1\n}\n']


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b" \n [{}]", [b"{}"]),
        (b"{}\n{}", [b"{}", b"{}"]),
        (b"\n\n", [b"", b""]),
        (b"", []),
        (MARK + b"[{}]", [b"{}"]),
        (b"x\n[", [b"x", b"["]),
    ],
)
def test_tells_an_array_from_lines_by_its_first_character(
    data: bytes, found: list[bytes], size: int
) -> None:
    assert list(either(cut(data, size))) == found


@pytest.mark.parametrize("form", [lines, events, one, either])
def test_refuses_utf_16(form: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
    with pytest.raises(StreamError, match="want UTF-8, got UTF-16"):
        list(form(cut('{"a":1}'.encode("utf-16"), 1)))


@pytest.mark.parametrize(
    ("form", "begin"), [(lines, b"{}\n"), (events, b"[{},{"), (one, b""), (either, b"{}\n")]
)
def test_stops_at_a_line_without_end_and_reads_no_further(
    form: Callable[[Iterator[bytes]], Iterator[bytes]], begin: bytes
) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield begin
        while True:
            read += CHUNK_BYTES
            yield b"x" * CHUNK_BYTES

    with pytest.raises(StreamTooLong) as caught:
        list(form(endless()))
    assert caught.value.line == (1 if form is one else 2)
    assert read <= LONGEST_LINE_BYTES + 2 * CHUNK_BYTES


@pytest.mark.parametrize("size", [1, 10, 100_000])
def test_unpacks_gzip_of_several_members(size: int) -> None:
    data = Random(1).randbytes(3 * CHUNK_BYTES) + bytes(5 * CHUNK_BYTES)
    packed = gzip.compress(data[:100]) + gzip.compress(b"") + gzip.compress(data[100:])
    chunks = list(gunzipped(cut(packed, max(size, len(packed) // 5_000))))
    assert b"".join(chunks) == data
    assert max(map(len, chunks)) < 2 * CHUNK_BYTES


def test_refuses_gzip_that_is_cut_anywhere() -> None:
    packed = gzip.compress(b'{"id":1}\n' * 3)
    for length in range(len(packed)):
        with pytest.raises(StreamError, match="want gzip"):
            list(gunzipped(cut(packed[:length], 5)))


def test_refuses_gzip_with_other_bytes_after_it() -> None:
    with pytest.raises(
        StreamError, match="want another gzip member, or the end, got bytes that are not"
    ):
        list(gunzipped([gzip.compress(b"a") + b"rest"]))


def test_broken_gzip_is_reported_at_the_line_where_it_breaks() -> None:
    packed = gzip.compress(b"".join(b'{"id":%d}\n' % number for number in range(50_000)))
    with pytest.raises(StreamError) as caught:
        for _ in lines(gunzipped(cut(packed[: len(packed) // 2], 1000))):
            pass
    assert 10_000 < caught.value.line < 40_000


def peak_of(events: Iterator[bytes]) -> tuple[int, str]:
    """The most memory, in bytes, that reading the events took, and what it ended with."""
    tracemalloc.start()
    try:
        with pytest.raises(StreamTooLong) as refused:
            deque(events, maxlen=0)
        return tracemalloc.get_traced_memory()[1], str(refused.value)
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_is_refused_in_flat_memory() -> None:
    packed = gzip.compress((b" " * 999 + b"\n") * 64_000)
    peak, said = peak_of(lines(gunzipped(cut(packed, CHUNK_BYTES))))
    assert re.search(
        r"line \d+: want gzip that unpacks to at most 250 times its bytes, got \d+ bytes out of",
        said,
    )
    assert peak < 16_000_000


def test_gzip_of_facts_is_no_bomb() -> None:
    fact = (
        b'{"specversion":"1.0","type":"domicile.heartbeat.v1","source":"slurm","id":"%08d",'
        b'"time":"2026-01-01T00:00:00Z"}\n'
    )
    said = b"".join(fact % number for number in range(100_000))
    assert sum(1 for _ in lines(gunzipped(cut(gzip.compress(said, 9), CHUNK_BYTES)))) == 100_000


def test_gzip_of_many_members_is_read_as_one_and_has_a_bound() -> None:
    member = gzip.compress(b"a\n")
    assert sum(1 for _ in lines(gunzipped(cut(member * MOST_MEMBERS, CHUNK_BYTES)))) == MOST_MEMBERS
    peak, said = peak_of(lines(gunzipped(cut(member * (MOST_MEMBERS + 1), CHUNK_BYTES))))
    assert f"line {MOST_MEMBERS + 1}: want at most {MOST_MEMBERS} gzip members, got more" in said
    assert peak < 4_000_000


def test_brackets_of_an_array_go_no_deeper_than_a_bound() -> None:
    fits = b'[{"a":' + b"[" * (DEEPEST - 2) + b"]" * (DEEPEST - 2) + b"}]"
    assert len(list(events([fits]))) == 1
    peak, said = peak_of(events(cut(b'[{},{"a":' + b"[" * 4_000_000, CHUNK_BYTES)))
    assert said == f"line 2: want at most {DEEPEST} brackets inside one another, got more"
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "endless",
    [
        b'[{"a":"' + b"x" * 4_000_000,
        b"[{}" + b" " * 4_000_000,
        b"[" + b'{"a":1,' + b" " * 4_000_000,
    ],
)
def test_an_element_without_end_is_refused_in_flat_memory(endless: bytes) -> None:
    peak, said = peak_of(events(cut(endless, CHUNK_BYTES)))
    assert f"want a line of at most {LONGEST_LINE_BYTES} bytes" in said
    assert peak < 4 * LONGEST_LINE_BYTES


def test_blank_space_without_end_is_refused() -> None:
    peak, _ = peak_of(either(cut(b" " * 4_000_000, CHUNK_BYTES)))
    assert peak < 4 * LONGEST_LINE_BYTES


@pytest.mark.parametrize("data", ["[{}]".encode("utf-16-le"), b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_file_that_is_binary_is_refused_as_one(data: bytes) -> None:
    with pytest.raises(
        StreamError,
        match="line 1: want JSON text in UTF-8, got a NUL byte: a binary file, or UTF-16",
    ):
        list(either([data]))


def test_a_stream_of_just_its_bound_passes_and_one_byte_more_does_not() -> None:
    assert b"".join(bounded(cut(b"12345", 2), 5)) == b"12345"
    with pytest.raises(StreamTooLong, match="at most 4 bytes"):
        list(bounded(cut(b"12345", 2), 4))


def test_reads_chunks_until_there_are_no_more() -> None:
    parts = [b"a", b"b", b""]
    assert list(read_chunks(lambda size: parts.pop(0))) == [b"a", b"b"]
