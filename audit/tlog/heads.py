"""Trail heads, and the global log whose records bind them.

In each epoch, the heads of all trails are the leaves of one RFC 6962 tree, in order of trail
number. Its root goes into the record of the epoch. Records are the leaves of the global log; leaf 0
is the genesis of the log.

    domicile/log/v1
    origin ledger.example/a
    maximum 900000
    fleet /k8tQuq5xdIL0SCSERZ3cyQ4Lw7SeIeeX7JXSPWHBaA=

    domicile/epoch/v1
    epoch 7
    closed 1735690500000
    trails 12
    heads 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

The index of a head in the tree is its trail's number, so no epoch can hold two heads of one trail.
The record has the count `trails` because the root of a Merkle tree does not commit to its size.
Bytes in full: audit/FORMATS.md, sections 4 and 5.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from audit.tlog.errors import HeadError
from audit.tlog.lines import (
    check_word,
    parse_hash,
    read_lines,
    write_decimal,
    write_hash,
    write_lines,
)
from audit.tlog.merkle import HASH_BYTES, Hash, leaf_hash, root_hash
from audit.tlog.spelling import MAX_DECIMAL, parse_decimal

GENESIS_TITLE = "domicile/log/v1"
EPOCH_TITLE = "domicile/epoch/v1"

_HEAD_START = b"\x00domicile/head/v1\x00"


@dataclass(frozen=True, slots=True)
class Head:
    """Trail `number`, whose id is `trail_id`, holds `size` entries under `root`."""

    number: int
    trail_id: Hash
    size: int
    root: Hash


@dataclass(frozen=True, slots=True)
class LogGenesis:
    """Leaf 0 of the global log: its origin, the longest an epoch may last (`maximum_ms`), and the
    id of trail 0."""

    origin: str
    maximum_ms: int
    fleet: Hash


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """Leaf `epoch` of the global log: closed at `closed_ms` (milliseconds since 1970 UTC) with
    `trails` trails, whose heads form the tree under `heads`."""

    epoch: int
    closed_ms: int
    trails: int
    heads: Hash


def head_leaf(epoch: int, head: Head) -> Hash:
    """Return the leaf hash of `head` in the heads tree of `epoch`. Raises HeadError.

    The hash covers the epoch and the number, so a head proves nothing in another epoch or at
    another index."""
    if len(head.trail_id) != HASH_BYTES or len(head.root) != HASH_BYTES:
        raise HeadError(
            f"head of trail {head.number} has an id or a root that is not {HASH_BYTES} bytes"
        )
    if not (0 < epoch <= MAX_DECIMAL and 0 <= head.number <= MAX_DECIMAL):
        raise HeadError(
            f"head of trail {head.number} at epoch {epoch}, want numbers below 2^63, epoch from 1"
        )
    if not 0 < head.size <= MAX_DECIMAL:
        raise HeadError(
            f"head of trail {head.number} has size {head.size}, want at least the genesis"
        )
    epoch_and_number = epoch.to_bytes(8, "big") + head.number.to_bytes(8, "big")
    return Hash(
        hashlib.sha256(
            _HEAD_START
            + epoch_and_number
            + head.trail_id
            + head.size.to_bytes(8, "big")
            + head.root
        ).digest()
    )


def head_leaves(epoch: int, heads: Iterable[Head]) -> list[Hash]:
    """Return the leaf hashes of the heads tree of `epoch`. `heads` are those of trails 0, 1, 2 … in
    order.

    Raises HeadError for a gap, a repetition, or no head at all."""
    leaves = []
    for number, head in enumerate(heads):
        if head.number != number:
            raise HeadError(f"head {number} of epoch {epoch} is of trail {head.number}")
        leaves.append(head_leaf(epoch, head))
    if not leaves:
        raise HeadError(f"epoch {epoch} has no heads, want at least the fleet trail's")
    return leaves


def heads_root(epoch: int, heads: Iterable[Head]) -> Hash:
    """Return the root of the heads tree of `epoch`: see `head_leaves`. Raises HeadError."""
    return root_hash(head_leaves(epoch, heads))


def encode_log_genesis(genesis: LogGenesis) -> bytes:
    """Return leaf 0 of the global log. Raises HeadError."""
    values = {
        "origin": check_word(genesis.origin, "origin", HeadError),
        "maximum": write_decimal(genesis.maximum_ms, "maximum", HeadError, least=1),
        "fleet": write_hash(genesis.fleet, "fleet", HeadError),
    }
    return write_lines(GENESIS_TITLE, values, HeadError)


def decode_log_genesis(record: bytes) -> LogGenesis:
    """Return the log genesis that `record` spells. Raises HeadError."""
    origin, maximum, fleet = read_lines(
        record, GENESIS_TITLE, ("origin", "maximum", "fleet"), HeadError
    )
    genesis = LogGenesis(
        origin=origin,
        maximum_ms=parse_decimal(maximum, "maximum", HeadError),
        fleet=parse_hash(fleet, "fleet", HeadError),
    )
    if encode_log_genesis(genesis) != record:
        raise HeadError("log genesis is another spelling of its values")
    return genesis


def encode_epoch_record(record: EpochRecord) -> bytes:
    """Return leaf `record.epoch` of the global log. Raises HeadError."""
    values = {
        "epoch": write_decimal(record.epoch, "epoch", HeadError, least=1),
        "closed": write_decimal(record.closed_ms, "closed", HeadError),
        "trails": write_decimal(record.trails, "trails", HeadError, least=1),
        "heads": write_hash(record.heads, "heads", HeadError),
    }
    return write_lines(EPOCH_TITLE, values, HeadError)


def decode_epoch_record(record: bytes) -> EpochRecord:
    """Return the epoch record that `record` spells. Raises HeadError."""
    names = ("epoch", "closed", "trails", "heads")
    epoch, closed, trails, heads = read_lines(record, EPOCH_TITLE, names, HeadError)
    decoded = EpochRecord(
        epoch=parse_decimal(epoch, "epoch", HeadError),
        closed_ms=parse_decimal(closed, "closed", HeadError),
        trails=parse_decimal(trails, "trails", HeadError),
        heads=parse_hash(heads, "heads", HeadError),
    )
    if encode_epoch_record(decoded) != record:
        raise HeadError("epoch record is another spelling of its values")
    return decoded


def record_leaf(record: bytes) -> Hash:
    """Return the leaf hash of a global record: SHA256(00 || record). RFC 9162, section 2.1.1."""
    return leaf_hash(record)
