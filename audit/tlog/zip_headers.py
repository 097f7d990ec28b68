"""The headers of a zip file, each in one spelling.

Every header follows from the values of a `Member`. All are in Zip64 form: no flags, no data
descriptors, no comments, one date, one file mode. Reading a header takes those values out, writes
it again, and compares. APPNOTE.TXT 6.3.10; audit/FORMATS.md, section 7.1.
"""

import struct
from dataclasses import dataclass

from audit.tlog.errors import BundleError

STORED = 0
DEFLATED = 8
METHODS = (STORED, DEFLATED)

# Ten years of quarter-hour epochs are 350,400 checkpoints, each a member.
MAX_MEMBERS = 1_000_000
MAX_NAME_SIZE = 120
# Deflated bytes cannot unpack to more than this many each; a greater claim is a lie. zlib, "Maximum
# Expansion Factor".
MAX_RATIO = 1_032

_IN_ZIP64 = 0xFFFFFFFF
_VERSION = 45  # the first that knows Zip64
_MADE_BY = 3 << 8 | _VERSION  # Unix, so that the file mode below counts
_MODE = 0o100644 << 16
_DATE = 1 << 5 | 1  # 1 January 1980: the same members are the same file
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_LOCAL_EXTRA = struct.Struct("<HHQQ")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_CENTRAL_EXTRA = struct.Struct("<HHQQQ")
_END = struct.Struct("<4sQHHIIQQQQ4sIQI4sHHHHIIH")
END_SIZE = _END.size


@dataclass(frozen=True, slots=True)
class Member:
    """One member. Its header is at `offset`; its packed bytes begin at `start_of_data`."""

    name: str
    method: int
    crc: int
    size: int
    packed_size: int
    offset: int

    @property
    def start_of_data(self) -> int:
        """The offset of the packed bytes."""
        return self.offset + _LOCAL.size + len(self.name) + _LOCAL_EXTRA.size

    @property
    def end(self) -> int:
        """The offset after the packed bytes, where the next member begins."""
        return self.start_of_data + self.packed_size

    def local_header(self) -> bytes:
        """Return the header before the member's bytes. APPNOTE.TXT 4.3.7, 4.5.3."""
        name = self.name.encode("ascii")
        fixed = _LOCAL.pack(
            *(b"PK\x03\x04", _VERSION, 0, self.method, 0, _DATE, self.crc, _IN_ZIP64, _IN_ZIP64),
            *(len(name), _LOCAL_EXTRA.size),
        )
        return (
            fixed + name + _LOCAL_EXTRA.pack(1, _LOCAL_EXTRA.size - 4, self.size, self.packed_size)
        )

    def central_header(self) -> bytes:
        """Return the member's header in the central directory. APPNOTE.TXT 4.3.12, 4.5.3."""
        name = self.name.encode("ascii")
        fixed = _CENTRAL.pack(
            *(
                b"PK\x01\x02",
                _MADE_BY,
                _VERSION,
                0,
                self.method,
                0,
                _DATE,
                self.crc,
                _IN_ZIP64,
                _IN_ZIP64,
            ),
            *(len(name), _CENTRAL_EXTRA.size, 0, 0, 0, _MODE, _IN_ZIP64),
        )
        extra = (1, _CENTRAL_EXTRA.size - 4, self.size, self.packed_size, self.offset)
        return fixed + name + _CENTRAL_EXTRA.pack(*extra)


def end_records(members: int, directory_size: int, directory_offset: int) -> bytes:
    """Return the three end records, 98 bytes. APPNOTE.TXT 4.3.14 to 4.3.16."""
    return _END.pack(
        *(
            b"PK\x06\x06",
            44,
            _MADE_BY,
            _VERSION,
            0,
            0,
            members,
            members,
            directory_size,
            directory_offset,
        ),
        *(b"PK\x06\x07", 0, directory_offset + directory_size, 1),
        *(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, _IN_ZIP64, _IN_ZIP64, 0),
    )


def read_end_records(end: bytes, file_size: int) -> tuple[int, int, int]:
    """Return the number of members, and size and offset of the directory, that the last `END_SIZE`
    bytes of a file of `file_size` bytes give. Raises BundleError."""
    fields = _END.unpack(end)
    count, directory_size, directory_offset = fields[7:10]
    reaches = directory_offset + directory_size + END_SIZE == file_size
    if not reaches or end != end_records(count, directory_size, directory_offset):
        raise BundleError(
            "bundle does not end with its directory and the end records of a bundle: it is cut "
            "short, has bytes after its end, "
            "was written by another tool, or is no bundle"
        )
    if count > MAX_MEMBERS or directory_size > count * (
        _CENTRAL.size + MAX_NAME_SIZE + _CENTRAL_EXTRA.size
    ):
        raise BundleError(
            f"bundle has {count} members, want at most {MAX_MEMBERS} with short names"
        )
    return count, directory_size, directory_offset


def read_central_header(directory: bytes, start: int) -> tuple[Member, int]:
    """Return the member whose header begins at `start`, and where the header ends.
    Raises BundleError."""
    if start + _CENTRAL.size > len(directory):
        raise BundleError("bundle's directory ends inside a header")
    fields = _CENTRAL.unpack_from(directory, start)
    method, crc, name_size = fields[4], fields[7], fields[10]
    extra_start = start + _CENTRAL.size + name_size
    end = extra_start + _CENTRAL_EXTRA.size
    if end > len(directory):
        raise BundleError("bundle's directory ends inside a header")
    name = check_name(directory[start + _CENTRAL.size : extra_start].decode("ascii", "replace"))
    _, _, size, packed_size, offset = _CENTRAL_EXTRA.unpack_from(directory, extra_start)
    member = Member(name, method, crc, size, packed_size, offset)
    if member.central_header() != directory[start:end] or method not in METHODS:
        raise BundleError(
            f"member {name} has a directory entry in another spelling than a bundle's"
        )
    if size > packed_size * MAX_RATIO or (method == STORED and size != packed_size):
        raise BundleError(f"member {name} cannot unpack {packed_size} bytes to {size}")
    return member, end


def check_name(name: str) -> str:
    """Return `name` if it is a path of lowercase letters, digits and dots, safe to unpack anywhere.
    Raises BundleError."""
    parts = name.split("/")
    plain = (
        name.isascii() and name.replace("/", "").replace(".", "").isalnum() and name == name.lower()
    )
    if not plain or len(name) > MAX_NAME_SIZE or any(part.strip(".") == "" for part in parts):
        raise BundleError(
            f"member name {name[:MAX_NAME_SIZE]!a}: want lowercase letters, digits, dots between "
            "slashes"
        )
    return name
