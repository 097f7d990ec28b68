"""A zip file with one spelling, so that every unpacker sees the same members with the same bytes.

Zip files say most things twice, and unpackers differ in which of the two they believe. That is how
one file shows an auditor one text and a court another. Here every header follows from a few values
(`zip_headers`). Members lie without gaps in the order of the directory. The directory and the end
records fill the rest of the file. `ArchiveReader` writes every header again and compares. Ordinary
tools (`unzip`, Python's zipfile) read these files. Bytes in full: audit/FORMATS.md, section 7.1.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from audit.tlog.errors import BundleError
from audit.tlog.zip_headers import (
    DEFLATED,
    END_SIZE,
    STORED,
    Member,
    check_name,
    end_records,
    read_central_header,
    read_end_records,
)

# How much is read, and at most unpacked, at a time.
CHUNK_SIZE = 256 * 1024
LEVEL = 6


class ArchiveWriter:
    """Writes members one after another to a file that can seek; `close` writes the directory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: dict[str, Member] = {}
        self._end = 0

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write the member `name`, whose bytes are those of all `chunks`. Raises BundleError."""
        check_name(name)
        if name in self._members:
            raise BundleError(f"member {name} is written twice")
        # The header states sizes and CRC, which are known at the end: leave its room, come back to
        # it.
        room = Member(name, DEFLATED, 0, 0, 0, self._end)
        self._file.seek(room.start_of_data)
        size, crc, packed_size = 0, 0, 0
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        for chunk in chunks:
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            packed_size += self._file.write(packer.compress(chunk))
        packed_size += self._file.write(packer.flush())
        member = Member(name, DEFLATED, crc, size, packed_size, self._end)
        self._file.seek(member.offset)
        self._file.write(member.local_header())
        self._members[name] = member
        self._end = member.end

    def close(self) -> None:
        """Write the directory and the end records. The file stays open; write nothing after."""
        directory = b"".join(member.central_header() for member in self._members.values())
        self._file.seek(self._end)
        self._file.write(directory + end_records(len(self._members), len(directory), self._end))


class ArchiveReader:
    """Reads the members of a file that can seek. Checks first that every header has its one
    spelling."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BundleError."""
        self._file = file
        self.members = {member.name: member for member in _read_directory(file)}

    def size(self, name: str) -> int:
        """Return how many bytes the member `name` has, unpacked. Raises BundleError."""
        return self._member(name).size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of the member `name`. Their size and CRC are checked only after the last
        chunk. Raises BundleError."""
        member = self._member(name)
        size, crc = 0, 0
        for chunk in _unpack(member, _packed(self._file, member)):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            if size > member.size:
                break
            yield chunk
        if size != member.size:
            raise BundleError(
                f"member {name} has not the {member.size} bytes that the directory states"
            )
        if crc != member.crc:
            raise BundleError(
                f"member {name} has CRC {crc:08x}, the directory states {member.crc:08x}"
            )

    def read(self, name: str, limit: int) -> bytes:
        """Return the whole member `name` of at most `limit` bytes. Raises BundleError."""
        member = self._member(name)
        if member.size > limit:
            raise BundleError(f"member {name} has {member.size} bytes, want at most {limit}")
        return b"".join(self.chunks(name))

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """Yield the lines of the member `name`, without the newline that ends each one.

        A line may be longer than `limit` by up to one chunk, so its reader checks again.
        Raises BundleError."""
        rest = b""
        for chunk in self.chunks(name):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
            if len(rest) > limit:
                raise BundleError(f"member {name} has a line of more than {limit} bytes")
        if rest:
            raise BundleError(f"member {name} does not end with a newline")

    def _member(self, name: str) -> Member:
        if name not in self.members:
            raise BundleError(f"bundle has no member {name}")
        return self.members[name]


def _read_directory(file: BinaryIO) -> list[Member]:
    """Return all members, after checking every byte of the file that is not packed data."""
    file_size = file.seek(0, os.SEEK_END)
    if file_size < END_SIZE:
        raise BundleError(f"bundle has {file_size} bytes, want a zip file")
    end = _read_at(file, file_size - END_SIZE, END_SIZE)
    count, directory_size, directory_offset = read_end_records(end, file_size)
    directory = _read_at(file, directory_offset, directory_size)
    members: list[Member] = []
    names: set[str] = set()
    position, offset = 0, 0
    for _ in range(count):
        member, position = read_central_header(directory, position)
        if member.name in names:
            raise BundleError(f"bundle has two members {member.name}")
        if member.offset != offset:
            raise BundleError(
                f"member {member.name} begins at {member.offset}, want {offset}: no gap, no overlap"
            )
        if member.end > directory_offset:
            raise BundleError(f"member {member.name} reaches into the directory")
        header = member.local_header()
        if _read_at(file, member.offset, len(header)) != header:
            raise BundleError(
                f"member {member.name} has a local header that disagrees with the directory"
            )
        names.add(member.name)
        members.append(member)
        offset = member.end
    if position != len(directory) or offset != directory_offset:
        raise BundleError("bundle has bytes that belong to no member")
    return members


def _packed(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the packed bytes of a member. It seeks each time: members may be read in turns."""
    for start in range(member.start_of_data, member.end, CHUNK_SIZE):
        yield _read_at(file, start, min(CHUNK_SIZE, member.end - start))


def _unpack(member: Member, packed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a member, at most a chunk at a time, however well they were packed."""
    if member.method == STORED:
        yield from packed
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed:
            if unpacker.eof:
                raise BundleError(f"member {member.name} has bytes after its end")
            while chunk and not unpacker.eof:
                yield unpacker.decompress(chunk, CHUNK_SIZE)
                chunk = unpacker.unconsumed_tail
        # What was unpacked but did not fit into the last chunk.
        while not unpacker.eof and (rest := unpacker.decompress(b"", CHUNK_SIZE)):
            yield rest
    except zlib.error as error:
        raise BundleError(f"member {member.name} does not unpack: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise BundleError(f"member {member.name} is cut short, or has bytes after its end")


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    data = file.read(size)
    if len(data) != size:
        raise BundleError(f"bundle ends at {offset + len(data)}, want {size} bytes from {offset}")
    return data
