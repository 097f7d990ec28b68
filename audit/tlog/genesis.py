"""The genesis of a trail: its entry 0, which names the log and the trail's number.

    {"attachments":[],"body":{"name":"St. Anna Hospital","number":12,
     "origin":"ledger.example/a","tenant_nonce":null},"index":0,"kind":"trail.opened/v1",
     "nonce":"6f…","received_at":1735689600000,"subject":"trail/12"}     (without the line breaks)

The trail's id is the leaf hash of these bytes, as `entry.entry_leaf` computes it. Whoever pins the
id pins the log and the number too. audit/FORMATS.md, section 3.
"""

from dataclasses import dataclass

from audit.tlog import canonical
from audit.tlog.entry import NONCE_SIZE, check_content_size, check_sized, read_json
from audit.tlog.errors import CanonicalError, EntryError
from audit.tlog.members import (
    Object,
    check_members,
    read_hex,
    read_integer,
    read_text,
)

GENESIS_KIND = "trail.opened/v1"

_GENESIS_MEMBERS = {"attachments", "body", "index", "kind", "nonce", "received_at", "subject"}
_GENESIS_BODY_MEMBERS = {"name", "number", "origin", "tenant_nonce"}


@dataclass(frozen=True, slots=True)
class Genesis:
    """Entry 0 opens trail `number` of log `origin`. `tenant_nonce` is 32 bytes that the tenant
    chose; they show it that the trail was opened for it. It is None where no tenant took part."""

    origin: str
    number: int
    name: str
    tenant_nonce: bytes | None
    nonce: bytes
    received_at: int


def genesis(
    *,
    origin: str,
    number: int,
    name: str,
    tenant_nonce: bytes | None,
    nonce: bytes,
    received_at: int,
) -> bytes:
    """Return the content of entry 0 of trail `number`; its `entry_leaf` is the trail's id.

    `nonce` is 16 random bytes, `tenant_nonce` 32 bytes of the tenant's choice or None,
    `received_at` milliseconds. Raises EntryError."""
    check_sized("nonce", nonce, NONCE_SIZE)
    if tenant_nonce is not None:
        check_sized("tenant_nonce", tenant_nonce, 32)
    value: Object = {
        "attachments": [],
        "body": {
            "name": name,
            "number": number,
            "origin": origin,
            "tenant_nonce": None if tenant_nonce is None else tenant_nonce.hex(),
        },
        "index": 0,
        "kind": GENESIS_KIND,
        "nonce": nonce.hex(),
        "received_at": received_at,
        "subject": f"trail/{number}",
    }
    try:
        return check_content_size(canonical.encode(value), 0)
    except CanonicalError as error:
        raise EntryError(f"genesis of trail {number}: {error}") from error


def decode_genesis(content: bytes) -> Genesis:
    """Return the genesis whose content this is, in its one spelling. Raises EntryError."""
    try:
        value = check_members(read_json(content), _GENESIS_MEMBERS)
        body = check_members(value["body"], _GENESIS_BODY_MEMBERS)
        opened = Genesis(
            origin=read_text(body, "origin"),
            number=read_integer(body, "number"),
            name=read_text(body, "name"),
            tenant_nonce=_read_tenant_nonce(body),
            nonce=read_hex(value, "nonce", NONCE_SIZE),
            received_at=read_integer(value, "received_at"),
        )
    except ValueError as error:
        raise EntryError(f"genesis: {error}") from error
    # The other members are fixed by these six, so writing it again leaves no second spelling.
    if content != _encode_genesis(opened):
        raise EntryError(
            f"genesis of trail {opened.number} has other attachments, index, kind or subject"
        )
    return opened


def _encode_genesis(opened: Genesis) -> bytes:
    return genesis(
        origin=opened.origin,
        number=opened.number,
        name=opened.name,
        tenant_nonce=opened.tenant_nonce,
        nonce=opened.nonce,
        received_at=opened.received_at,
    )


def _read_tenant_nonce(body: Object) -> bytes | None:
    return None if body["tenant_nonce"] is None else read_hex(body, "tenant_nonce", 32)
