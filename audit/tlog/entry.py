"""One entry of a trail: canonical JSON whose hash is a leaf of the trail's RFC 6962 tree.

The *content* of an entry is one canonical JSON object. The reply with a receipt returns it, and a
bundle has one a line:

    {"attachments":[],"body":{"card":"n1/0"},"index":5,"kind":"touch.recorded/v1",
     "nonce":"6f…","occurred_at":1735689600000,"received_at":1735689600250,"sequence":7,
     "source":"slurm/hz-a","subject":"job/8812","trail":"3c…"}        (without the line breaks)

The *leaf bytes* are `domicile/entry/v1\\n` followed by the content, at most 65,535 bytes. Entry 0
of a trail is its genesis (`genesis`). Bytes in full: audit/FORMATS.md, section 2.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final, cast

from audit.tlog import canonical
from audit.tlog.canonical import MAX_INTEGER, Json
from audit.tlog.errors import CanonicalError, EntryError
from audit.tlog.members import (
    Object,
    check_members,
    read_hex,
    read_integer,
    read_text,
)
from audit.tlog.merkle import Hash

PREFIX = b"domicile/entry/v1\n"
MAX_LEAF_SIZE = 65_535  # tlog-tiles frames an entry with a 16-bit length
MAX_CONTENT_SIZE = MAX_LEAF_SIZE - len(PREFIX)
NONCE_SIZE = 16

_NO_ATTACHMENTS = b'{"attachments":[],"body":'
_LEAF_START = b"\x00" + PREFIX
_ATTACHMENT_MEMBERS = {"sha256", "size", "type"}
# In the order of canonical JSON, which sorts members.
_ENTRY_NAMES = (
    *("attachments", "body", "index", "kind", "nonce", "occurred_at", "received_at", "sequence"),
    *("source", "subject", "trail"),
)
_ENTRY_MEMBERS = frozenset(_ENTRY_NAMES)
# Where these stand in that order.
_ATTACHMENTS: Final = 0
_INDEX: Final = 2
_KIND: Final = 3
_NONCE: Final = 4
_RECEIVED_AT: Final = 6
_TRAIL: Final = 10
_EntryMembers = tuple[list[Json], Object, int, str, str, int, int, int | None, str, str, str]
# Of the members in the order of their names, for a source that numbers its entries and one that
# does not.
_NUMBERED_TYPES = (list, dict, int, str, str, int, int, int, str, str, str)
_UNNUMBERED_TYPES = (list, dict, int, str, str, int, int, type(None), str, str, str)
_is_kind = lru_cache(maxsize=256)(
    re.compile(r"[a-z0-9_.-]+/v[1-9][0-9]*").fullmatch
)  # a trail has few kinds
_HEX_DIGITS = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text too long for an entry: `size` raw bytes of media type `type`, whose SHA-256 is
    `sha256`."""

    sha256: bytes
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class EntryFields:
    """What every entry says besides its body. Times are milliseconds since 1970 UTC. `trail` is the
    trail's id. `sequence` is the source's own number for this trail, None where it does not
    number."""

    trail: Hash
    index: int
    kind: str
    subject: str
    source: str
    sequence: int | None
    occurred_at: int
    received_at: int
    nonce: bytes
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Entry(EntryFields):
    """An entry from index 1 on. The ledger never looks into `body`."""

    body: Object


def entry_leaf(content: bytes) -> Hash:
    """Return SHA256(00 || "domicile/entry/v1\\n" || content), the entry's leaf hash. RFC 9162,
    2.1.1."""
    return Hash(hashlib.sha256(_LEAF_START + content).digest())


def entry_leaves(contents: Iterable[bytes]) -> list[Hash]:
    """Return the leaf hash of each content, as `entry_leaf`, without a call for each."""
    sha256 = hashlib.sha256
    return cast("list[Hash]", [sha256(_LEAF_START + content).digest() for content in contents])


def encode(entry: Entry) -> bytes:
    """Return the entry's content. Raises EntryError."""
    try:
        body = canonical.encode(entry.body)
    except CanonicalError as error:
        raise EntryError(f"body of entry {entry.index}: {error}") from error
    return encode_with_body(entry, body)


def encode_with_body(fields: EntryFields, body: bytes) -> bytes:
    """Return an entry's content, given its body as canonical JSON of an object.

    The recorder has these bytes already, for its digests, so `body` is pasted in unchecked. Equal
    to `encode` for the same body. Raises EntryError."""
    return Writer(fields.trail, fields.received_at).content(
        fields.index, fields.kind, fields.subject, fields.source, fields.sequence,
        fields.occurred_at, fields.nonce, fields.attachments, body,
    )  # fmt: skip


class Writer:
    """Writes the entries that one trail receives at one moment. Checks and spells what they share
    once."""

    def __init__(self, trail: Hash, received_at: int) -> None:
        """Raises EntryError."""
        check_sized("trail", trail, 32)
        _check_number("received_at", received_at)
        self._received_at = f',"received_at":{received_at},"sequence":'
        self._trail = f',"trail":"{trail.hex()}"}}'

    def content(
        self,
        index: int,
        kind: str,
        subject: str,
        source: str,
        sequence: int | None,
        occurred_at: int,
        nonce: bytes,
        attachments: tuple[Attachment, ...],
        body: bytes,
    ) -> bytes:
        """Return one entry's content, as `encode_with_body`. Its arguments are the fields of
        `EntryFields`. Raises EntryError."""
        # A recorder writes ten thousand at a time, so this looks without a call and leaves the
        # wording to one.
        good = (
            1 <= index <= MAX_INTEGER
            and 0 <= occurred_at <= MAX_INTEGER
            and len(nonce) == NONCE_SIZE
        )
        if (
            not good
            or not _is_kind(kind)
            or (sequence is not None and not 0 <= sequence <= MAX_INTEGER)
        ):
            _refuse(index, kind, sequence, occurred_at, nonce)
        head = (
            f'{{"attachments":[{_attachments_text(attachments)}],"body":'.encode()
            if attachments
            else _NO_ATTACHMENTS
        )
        try:
            tail = (
                f',"index":{index},"kind":"{kind}","nonce":"{nonce.hex()}"'
                f',"occurred_at":{occurred_at}{self._received_at}'
                f'{"null" if sequence is None else sequence},"source":{encode_basestring(source)}'
                f',"subject":{encode_basestring(subject)}{self._trail}'
            ).encode()
        except UnicodeEncodeError as error:
            raise EntryError(f"entry {index} holds a lone surrogate, want Unicode text") from error
        content = head + body + tail
        return content if len(content) <= MAX_CONTENT_SIZE else check_content_size(content, index)


def decode(content: bytes) -> Entry:
    """Return the entry, from index 1 on, whose content this is, in its one spelling.
    Raises EntryError."""
    (
        attachments,
        body,
        index,
        kind,
        nonce,
        occurred_at,
        received_at,
        sequence,
        source,
        subject,
        trail,
    ) = _read(content)
    return Entry(
        trail=Hash(bytes.fromhex(trail)),
        index=index,
        kind=kind,
        subject=subject,
        source=source,
        sequence=sequence,
        occurred_at=occurred_at,
        received_at=received_at,
        nonce=bytes.fromhex(nonce),
        attachments=_attachments(attachments),
        body=body,
    )


def check_place(content: bytes, trail: Hash, index: int) -> tuple[int, tuple[Attachment, ...]]:
    """Check that `content` is an entry in its one spelling, and is entry `index` of `trail`.

    Returns its received_at and its attachments. That is all a verifier needs of a million entries,
    and takes less time than `decode`. Needs 1 <= index. Raises EntryError."""
    members = _read(content)
    if members[_INDEX] != index:
        raise EntryError(f"entry says that it has index {members[_INDEX]}, want {index}")
    if members[_TRAIL] != trail.hex():
        raise EntryError(f"entry says that it is of trail {members[_TRAIL]}, want {trail.hex()}")
    return members[_RECEIVED_AT], _attachments(members[_ATTACHMENTS])


def _refuse(index: int, kind: str, sequence: int | None, occurred_at: int, nonce: bytes) -> None:
    """Raise EntryError for the first of these that no entry may have."""
    if not 1 <= index <= MAX_INTEGER:
        raise EntryError(f"index is {index}, want 1 to 2^53-1 (0 is the genesis)")
    _check_number("occurred_at", occurred_at, index)
    if sequence is not None:
        _check_number("sequence", sequence, index)
    if not _is_kind(kind):
        raise EntryError(f"kind of entry {index} is {kind!r}, want name/v1")
    check_sized("nonce", nonce, NONCE_SIZE)


def _check_number(name: str, number: int, index: int | None = None) -> None:
    if not 0 <= number <= MAX_INTEGER:
        raise EntryError(
            f"{name}{'' if index is None else f' of entry {index}'} is {number}, want 0 to 2^53-1"
        )


def check_sized(name: str, value: bytes, size: int) -> None:
    """Check that `value` has `size` bytes. Raises EntryError."""
    if len(value) != size:
        raise EntryError(f"{name} has {len(value)} bytes, want {size}")


def check_content_size(content: bytes, index: int) -> bytes:
    """Return `content` if it fits into a leaf. Raises EntryError."""
    if len(content) > MAX_CONTENT_SIZE:
        raise EntryError(f"entry {index} has {len(content)} bytes, want at most {MAX_CONTENT_SIZE}")
    return content


def _attachments_text(attachments: tuple[Attachment, ...]) -> str:
    for attachment in attachments:
        check_sized("sha256 of an attachment", attachment.sha256, 32)
        if not 0 <= attachment.size <= MAX_INTEGER:
            raise EntryError(f"size of an attachment is {attachment.size}, want 0 to 2^53-1")
    return ",".join(
        f'{{"sha256":"{attachment.sha256.hex()}","size":{attachment.size},'
        f'"type":{encode_basestring(attachment.type)}}}'
        for attachment in attachments
    )


def read_json(content: bytes) -> Json:
    """Return the value of a content, which is canonical JSON and fits a leaf. Raises EntryError."""
    if len(content) > MAX_CONTENT_SIZE:
        raise EntryError(f"entry has {len(content)} bytes, want at most {MAX_CONTENT_SIZE}")
    try:
        return canonical.decode(content)
    except CanonicalError as error:
        raise EntryError(f"entry: {error}") from error


def _read(content: bytes) -> _EntryMembers:
    """Return the eleven members of an entry in the order of their names. Checks type and spelling
    of each."""
    value = read_json(content)
    if type(value) is not dict or tuple(value) != _ENTRY_NAMES:
        raise EntryError(_wrong_members(value))
    members = cast(_EntryMembers, tuple(value.values()))
    types = tuple(map(type, members))
    if types != _NUMBERED_TYPES and types != _UNNUMBERED_TYPES:
        raise EntryError(_wrong_members(value))
    index, kind, nonce, trail = members[_INDEX], members[_KIND], members[_NONCE], members[_TRAIL]
    if index == 0:
        raise EntryError("entry has index 0, which is the genesis")
    if not _is_kind(kind):
        raise EntryError(f"kind of entry {index} is {kind!r}, want name/v1")
    if not _is_hex(nonce, 2 * NONCE_SIZE):
        raise EntryError(f"nonce of entry {index} is {nonce!r}, want 32 lowercase hex digits")
    if not _is_hex(trail, 64):
        raise EntryError(f"trail of entry {index} is {trail!r}, want 64 lowercase hex digits")
    return members


def _is_hex(text: str, digits: int) -> bool:
    return len(text) == digits and not text.strip(_HEX_DIGITS)


def _wrong_members(value: Json) -> str:
    try:
        members = check_members(value, _ENTRY_MEMBERS)
    except ValueError as error:
        return f"entry: {error}"
    types = ", ".join(
        f"{name} {kind.__name__}"
        for name, kind in zip(members, map(type, members.values()), strict=True)
    )
    return f"entry has members of other types than it should: {types}"


def _attachments(value: list[Json]) -> tuple[Attachment, ...]:
    try:
        return tuple(map(_attachment, value)) if value else ()
    except ValueError as error:
        raise EntryError(f"entry: {error}") from error


def _attachment(value: Json) -> Attachment:
    members = check_members(value, _ATTACHMENT_MEMBERS)
    return Attachment(
        sha256=read_hex(members, "sha256", 32),
        size=read_integer(members, "size"),
        type=read_text(members, "type"),
    )
