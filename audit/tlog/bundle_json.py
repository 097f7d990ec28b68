"""The two members of a bundle that are JSON of our own: its hints, and a head with its proof.

    {"epoch":7,"exported_at":1735690600000,"format":"domicile/bundle/v1",
     "origin":"ledger.example/a","period":{"from":1735689600000,"to":1735690500000},
     "trail":12,"trail_id":"3c…"}                                    (without the line breaks)
    {"epoch":7,"path":["9d…","e0…"],"root":"7a…","size":43}

Both are canonical JSON on one line. Bytes in full: audit/FORMATS.md, sections 7.2 and 7.4.
"""

from dataclasses import dataclass

from audit.tlog import canonical
from audit.tlog.canonical import Json
from audit.tlog.errors import BundleError, CanonicalError
from audit.tlog.members import (
    check_members,
    parse_hex,
    read_array,
    read_hex,
    read_integer,
    read_text,
)
from audit.tlog.merkle import HASH_BYTES, Hash, Proof

FORMAT = "domicile/bundle/v1"

_HINT_MEMBERS = {"epoch", "exported_at", "format", "origin", "period", "trail", "trail_id"}
_HEAD_MEMBERS = {"epoch", "path", "root", "size"}


@dataclass(frozen=True, slots=True)
class Hints:
    """What a bundle says of itself. `epoch` is e1. `exported_at` and both ends of `period` are
    milliseconds since 1970 UTC; the period is half-open, and None where the whole trail was asked
    for."""

    origin: str
    trail: int
    trail_id: Hash
    epoch: int
    period: tuple[int, int] | None
    exported_at: int


@dataclass(frozen=True, slots=True)
class HeadProof:
    """A trail's head in `epoch`, and its inclusion proof in that epoch's heads tree."""

    epoch: int
    size: int
    root: Hash
    path: Proof


def encode_hints(hints: Hints) -> bytes:
    """Return the member `bundle.json`. Raises BundleError."""
    value: Json = {
        "epoch": hints.epoch,
        "exported_at": hints.exported_at,
        "format": FORMAT,
        "origin": hints.origin,
        "period": None
        if hints.period is None
        else {"from": hints.period[0], "to": hints.period[1]},
        "trail": hints.trail,
        "trail_id": hints.trail_id.hex(),
    }
    data = _encode(value, "bundle.json")
    decode_hints(data)  # refuses an empty period
    return data


def decode_hints(data: bytes) -> Hints:
    """Return the hints that `data` spells. Raises BundleError."""
    try:
        value = check_members(canonical.decode(data), _HINT_MEMBERS)
        if value["format"] != FORMAT:
            raise BundleError(f"bundle.json: want format {FORMAT}, got {value['format']!r:.80}")
        return Hints(
            origin=read_text(value, "origin"),
            trail=read_integer(value, "trail"),
            trail_id=Hash(read_hex(value, "trail_id", HASH_BYTES)),
            epoch=read_integer(value, "epoch"),
            period=_decode_period(value["period"]),
            exported_at=read_integer(value, "exported_at"),
        )
    except (CanonicalError, ValueError) as error:
        raise BundleError(f"bundle.json: {error}") from error


def encode_head(head: HeadProof) -> bytes:
    """Return one line of `heads.jsonl`, without its newline. Raises BundleError."""
    value: Json = {
        "epoch": head.epoch,
        "path": [sibling.hex() for sibling in head.path],
        "root": head.root.hex(),
        "size": head.size,
    }
    return _encode(value, f"head of epoch {head.epoch}")


def decode_head(line: bytes) -> HeadProof:
    """Return the head that a line of `heads.jsonl` spells. Raises BundleError."""
    try:
        value = check_members(canonical.decode(line), _HEAD_MEMBERS)
        path = [
            Hash(parse_hex("path", sibling, HASH_BYTES)) for sibling in read_array(value, "path")
        ]
        return HeadProof(
            epoch=read_integer(value, "epoch"),
            size=read_integer(value, "size"),
            root=Hash(read_hex(value, "root", HASH_BYTES)),
            path=path,
        )
    except (CanonicalError, ValueError) as error:
        raise BundleError(f"head: {error}") from error


def _decode_period(value: Json) -> tuple[int, int] | None:
    if value is None:
        return None
    members = check_members(value, {"from", "to"})
    begin, end = read_integer(members, "from"), read_integer(members, "to")
    if begin >= end:
        raise ValueError(f"period goes from {begin} to {end}, want at least a millisecond")
    return begin, end


def _encode(value: Json, what: str) -> bytes:
    try:
        return canonical.encode(value)
    except CanonicalError as error:
        raise BundleError(f"{what}: {error}") from error
