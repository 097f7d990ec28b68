"""The strict zip file: ordinary tools read it, and no second spelling of it is read."""

import io
import random
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.archive import CHUNK_SIZE, ArchiveReader, ArchiveWriter
from audit.tlog.errors import BundleError
from audit.tlog.zip_headers import DEFLATED, STORED, Member, end_records

CONTENT = {
    "one.txt": b"first line\nsecond line\n",
    "dir/two": b"",
    "dir/three": bytes(range(256)) * 5,
}


def archive(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    for name, data in content.items():
        writer.write(name, [data[:7], data[7:]])
    writer.close()
    return file.getvalue()


def read_all(data: bytes) -> dict[str, bytes]:
    reader = ArchiveReader(io.BytesIO(data))
    return {name: b"".join(reader.chunks(name)) for name in reader.members}


def forged(*members: tuple[Member, bytes], count: int | None = None, between: bytes = b"") -> bytes:
    """A file of these members and packed bytes, with whatever headers the members give
    themselves."""
    body = b"".join(member.local_header() + packed + between for member, packed in members)
    directory = b"".join(member.central_header() for member, _ in members)
    return (
        body
        + directory
        + end_records(len(members) if count is None else count, len(directory), len(body))
    )


def stored(name: str, data: bytes, offset: int = 0) -> tuple[Member, bytes]:
    return Member(name, STORED, zlib.crc32(data), len(data), len(data), offset), data


def deflated(name: str, data: bytes, packed: bytes) -> tuple[Member, bytes]:
    return Member(name, DEFLATED, zlib.crc32(data), len(data), len(packed), 0), packed


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def test_reads_back_what_it_wrote() -> None:
    assert read_all(archive(CONTENT)) == CONTENT


@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8})?", fullmatch=True), st.binary(max_size=300)
    )
)
def test_reads_back_any_members(content: dict[str, bytes]) -> None:
    assert read_all(archive(content)) == content


def test_ordinary_tools_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(archive(CONTENT))) as ordinary:
        assert ordinary.testzip() is None
        assert {name: ordinary.read(name) for name in ordinary.namelist()} == CONTENT


def test_the_same_members_are_the_same_bytes() -> None:
    assert archive(CONTENT) == archive(CONTENT)


def test_reads_stored_members() -> None:
    assert read_all(forged(stored("a", b"plain"))) == {"a": b"plain"}


def test_unpacks_a_little_at_a_time() -> None:
    data = bytes(20 * CHUNK_SIZE)
    reader = ArchiveReader(io.BytesIO(archive({"zeros": data})))
    sizes = [len(chunk) for chunk in reader.chunks("zeros")]
    assert sum(sizes) == len(data)
    assert max(sizes) <= CHUNK_SIZE


def test_members_can_be_read_in_turns() -> None:
    noise = random.Random(1).randbytes(3 * CHUNK_SIZE)
    reader = ArchiveReader(io.BytesIO(archive({"a": noise, "b": noise[::-1]})))
    pairs = list(zip(reader.chunks("a"), reader.chunks("b"), strict=True))
    assert b"".join(chunk for chunk, _ in pairs) == noise
    assert b"".join(chunk for _, chunk in pairs) == noise[::-1]


@pytest.mark.parametrize("index", range(len(archive(CONTENT))))
def test_no_changed_byte_goes_unnoticed(index: int) -> None:
    honest = archive(CONTENT)
    members = ArchiveReader(io.BytesIO(honest)).members.values()
    packed = any(member.start_of_data <= index < member.end for member in members)
    for flip in (0x01, 0x80, 0xFF):
        changed = bytearray(honest)
        changed[index] ^= flip
        try:
            content = read_all(bytes(changed))
        except BundleError:
            continue
        # Deflated data has spare bits at its end; nothing else may vary.
        assert packed
        assert content == CONTENT


@pytest.mark.parametrize("size", range(len(archive({"a": b"x"}))))
def test_refuses_a_file_cut_anywhere(size: int) -> None:
    with pytest.raises(BundleError):
        read_all(archive({"a": b"x"})[:size])


@pytest.mark.parametrize("extra", [b"\x00", b"PK\x05\x06" + bytes(18), b"{}"])
def test_refuses_bytes_before_and_after(extra: bytes) -> None:
    with pytest.raises(BundleError):
        read_all(archive(CONTENT) + extra)
    with pytest.raises(BundleError):
        read_all(extra + archive(CONTENT))


def test_refuses_bytes_between_members() -> None:
    with pytest.raises(BundleError, match="belong to no member"):
        read_all(forged(stored("a", b"x"), between=b"hidden"))
    second = Member("b", STORED, 0, 0, 0, stored("a", b"x")[0].end + 6)
    with pytest.raises(BundleError, match="no gap, no overlap"):
        read_all(forged(stored("a", b"x"), (second, b""), between=b"hidden"))


def test_refuses_members_that_overlap() -> None:
    with pytest.raises(BundleError, match="member b begins at 0, want"):
        read_all(forged(stored("a", b"x"), stored("b", b"x", 0)))


def test_refuses_two_members_of_one_name() -> None:
    first = stored("a", b"x")
    with pytest.raises(BundleError, match="two members a"):
        read_all(forged(first, stored("a", b"y", first[0].end)))


def test_refuses_an_ordinary_zip_file() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as ordinary:
        ordinary.writestr("a", b"x")
    with pytest.raises(BundleError, match="does not end with its directory"):
        read_all(file.getvalue())


def test_refuses_a_local_header_that_disagrees() -> None:
    honest = forged(stored("a", b"x"))
    other = Member("a", STORED, 1, 1, 1, 0).local_header()
    with pytest.raises(BundleError, match="local header that disagrees"):
        read_all(other + honest[len(other) :])


def test_refuses_another_method_and_impossible_sizes() -> None:
    with pytest.raises(BundleError, match="another spelling"):
        read_all(forged((Member("a", 9, 0, 1, 1, 0), b"x")))
    with pytest.raises(BundleError, match="cannot unpack 1 bytes to 2"):
        read_all(forged((Member("a", STORED, 0, 2, 1, 0), b"x")))
    with pytest.raises(BundleError, match="cannot unpack 1 bytes to 1033"):
        read_all(forged((Member("a", DEFLATED, 0, 1033, 1, 0), b"x")))


def test_refuses_a_member_that_reaches_into_the_directory() -> None:
    with pytest.raises(BundleError, match="reaches into the directory"):
        read_all(forged((Member("a", STORED, 0, 99, 99, 0), b"x")))


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (deflate(b"hello")[:-1], "cut short"),
        (deflate(b"hello") + b"\x00", "bytes after its end"),
        (deflate(b"hello") + deflate(b"x"), "bytes after its end"),
        (b"\xff\xff\xff\xff\xff", "does not unpack"),
        (deflate(b"hell"), "has not the 5 bytes"),
        (deflate(b"hello!"), "has not the 5 bytes"),
        (deflate(b"help!"), "has CRC"),
    ],
)
def test_refuses_packed_bytes_that_are_not_the_member(packed: bytes, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        read_all(forged(deflated("a", b"hello", packed)))


def test_refuses_bytes_in_a_chunk_after_the_end() -> None:
    packed = deflate(b"hello")
    with pytest.raises(BundleError, match="bytes after its end"):
        read_all(forged(deflated("a", b"hello", packed + bytes(2 * CHUNK_SIZE - len(packed)))))


def test_refuses_a_directory_that_ends_inside_a_header() -> None:
    member, data = stored("abc", b"x")
    directory = member.central_header()
    for size in range(len(directory)):
        body = member.local_header() + data + directory[:size]
        with pytest.raises(BundleError):
            read_all(body + end_records(1, size, member.end))


def test_refuses_a_directory_larger_than_its_members_need() -> None:
    directory = bytes(500)
    with pytest.raises(BundleError, match="bundle has 1 members, want at most"):
        read_all(directory + end_records(1, len(directory), 0))


def test_takes_a_name_of_the_greatest_length() -> None:
    assert read_all(archive({"a" * 120: b"x"})) == {"a" * 120: b"x"}


def test_refuses_bytes_between_the_directory_and_the_end_records() -> None:
    member, data = stored("a", b"x")
    directory = member.central_header() + b"hidden"
    with pytest.raises(BundleError, match="belong to no member"):
        read_all(
            member.local_header() + data + directory + end_records(1, len(directory), member.end)
        )


def test_refuses_bytes_after_a_stream_that_fills_its_chunk() -> None:
    blocks = [bytes(65_535)] * 3 + [bytes(CHUNK_SIZE - 3 * 65_540 - 5)]
    packed = b"".join(
        struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block
        for last, block in zip((0, 0, 0, 1), blocks, strict=True)
    )
    data = b"".join(blocks)
    assert len(packed) == CHUNK_SIZE
    assert read_all(forged(deflated("a", data, packed))) == {"a": data}
    with pytest.raises(BundleError, match="bytes after its end"):
        read_all(forged(deflated("a", data, packed + b"\x00")))


def test_refuses_a_file_that_shrinks_while_it_is_read() -> None:
    file = io.BytesIO(forged(stored("a", b"x" * 100)))
    reader = ArchiveReader(file)
    file.truncate(80)
    with pytest.raises(BundleError, match="bundle ends at 80"):
        list(reader.chunks("a"))


def test_refuses_a_wrong_count_of_members() -> None:
    for count in (0, 2):
        with pytest.raises(BundleError):
            read_all(forged(stored("a", b"x"), count=count))


def test_refuses_more_members_than_it_will_hold() -> None:
    with pytest.raises(BundleError, match="want at most 1000000"):
        read_all(forged(count=1_000_001))


def test_refuses_end_records_that_point_nowhere() -> None:
    far = end_records(0, 0, 0)[:48] + struct.pack("<Q", 2**64 - 1) + end_records(0, 0, 0)[56:]
    with pytest.raises(BundleError, match="does not end with its directory"):
        read_all(far)


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "A", "a b", "ä", "a\\b", "a" * 121, "a\x00"],
)
def test_refuses_an_unsafe_name(name: str) -> None:
    with pytest.raises(BundleError, match="member name"):
        ArchiveWriter(io.BytesIO()).write(name, [])


def test_refuses_to_read_an_unsafe_name() -> None:
    data = forged(stored("..aa", b"x")).replace(b"..aa", b"../a")
    with pytest.raises(BundleError, match="member name"):
        read_all(data)


def test_refuses_to_write_a_member_twice() -> None:
    writer = ArchiveWriter(io.BytesIO())
    writer.write("a", [])
    with pytest.raises(BundleError, match="member a is written twice"):
        writer.write("a", [])


def test_refuses_a_member_that_is_absent_or_longer_than_asked() -> None:
    reader = ArchiveReader(io.BytesIO(archive(CONTENT)))
    assert reader.size("one.txt") == 23
    assert reader.read("one.txt", 23) == CONTENT["one.txt"]
    with pytest.raises(BundleError, match="has 23 bytes, want at most 22"):
        reader.read("one.txt", 22)
    with pytest.raises(BundleError, match="no member absent"):
        reader.read("absent", 22)


def test_lines_end_with_newlines() -> None:
    reader = ArchiveReader(io.BytesIO(archive({"a": b"one\n\ntwo\n", "b": b"one\ntwo", "c": b""})))
    assert list(reader.lines("a", 10)) == [b"one", b"", b"two"]
    assert list(reader.lines("c", 10)) == []
    with pytest.raises(BundleError, match="does not end with a newline"):
        list(reader.lines("b", 10))


def test_lines_cross_chunks() -> None:
    lines = [b"%d" % number * 50 for number in range(20_000)]
    reader = ArchiveReader(io.BytesIO(archive({"a": b"".join(line + b"\n" for line in lines)})))
    assert list(reader.lines("a", 1000)) == lines


def test_refuses_a_line_without_end() -> None:
    reader = ArchiveReader(io.BytesIO(archive({"a": b"x" * (2 * CHUNK_SIZE)})))
    with pytest.raises(BundleError, match="a line of more than 1000 bytes"):
        list(reader.lines("a", 1000))
