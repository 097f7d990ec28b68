"""Receipts: the operator's signed promise that a batch of entries is in a trail, and when it is
sealed.

    domicile/receipt/v1
    origin ledger.example/a
    trail 12 /k8tQuq5xdIL0SCSERZ3cyQ4Lw7SeIeeX7JXSPWHBaA=
    batch 40 43 8dGgCBhVE3ZrJ0u1ZRmzQ9KqqKq0WqTvJ9H0u8J2m0k=
    root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    received_at 1735689600250
    commit_by 1735691400310

The key named `<origin>/receipts` signs this text as a C2SP note. Entries 40, 41 and 42 are the
batch. Its root is that of the RFC 6962 tree over their three leaf hashes, so whoever has the
entries can check them. `root` is the root of the whole trail at size 43. Bytes in full:
audit/FORMATS.md, section 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audit.tlog.errors import NoteError, ReceiptError
from audit.tlog.lines import (
    check_word,
    parse_hash,
    read_lines,
    write_decimal,
    write_hash,
    write_lines,
)
from audit.tlog.merkle import Hash
from audit.tlog.note import Signer, VerifierKey, open_note, sign_note
from audit.tlog.spelling import parse_decimal

TITLE = "domicile/receipt/v1"

_NAMES = ("origin", "trail", "batch", "root", "received_at", "commit_by")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entries `first` … `size - 1` of trail (`trail`, `trail_id`) hash to `batch_root`, and the
    trail has `root` at `size` entries.

    `received_at` and `commit_by` are milliseconds since 1970 UTC. An epoch that closed after
    `commit_by` with a head smaller than `size` breaks the promise."""

    origin: str
    trail: int
    trail_id: Hash
    first: int
    size: int
    batch_root: Hash
    root: Hash
    received_at: int
    commit_by: int


def receipts_key_name(origin: str) -> str:
    """Return the name of the key that signs receipts of the log `origin`."""
    return f"{origin}/receipts"


def encode(receipt: Receipt) -> bytes:
    """Return the receipt's text. Raises ReceiptError."""
    if receipt.first >= receipt.size:
        raise ReceiptError(f"batch: want at least one entry, got [{receipt.first}, {receipt.size})")
    number = write_decimal(receipt.trail, "trail", ReceiptError)
    first = write_decimal(receipt.first, "first", ReceiptError)
    size = write_decimal(receipt.size, "size", ReceiptError)
    values = {
        "origin": check_word(receipt.origin, "origin", ReceiptError),
        "trail": f"{number} {write_hash(receipt.trail_id, 'trail id', ReceiptError)}",
        "batch": f"{first} {size} {write_hash(receipt.batch_root, 'batch', ReceiptError)}",
        "root": write_hash(receipt.root, "root", ReceiptError),
        "received_at": write_decimal(receipt.received_at, "received_at", ReceiptError),
        "commit_by": write_decimal(receipt.commit_by, "commit_by", ReceiptError),
    }
    return write_lines(TITLE, values, ReceiptError)


def decode(text: bytes) -> Receipt:
    """Return the receipt that `text` spells. Raises ReceiptError."""
    origin, trail, batch, root, received_at, commit_by = read_lines(
        text, TITLE, _NAMES, ReceiptError
    )
    number, trail_id = _words(trail, "trail", 2)
    first, size, batch_root = _words(batch, "batch", 3)
    receipt = Receipt(
        origin=origin,
        trail=parse_decimal(number, "trail", ReceiptError),
        trail_id=parse_hash(trail_id, "trail id", ReceiptError),
        first=parse_decimal(first, "first", ReceiptError),
        size=parse_decimal(size, "size", ReceiptError),
        batch_root=parse_hash(batch_root, "batch", ReceiptError),
        root=parse_hash(root, "root", ReceiptError),
        received_at=parse_decimal(received_at, "received_at", ReceiptError),
        commit_by=parse_decimal(commit_by, "commit_by", ReceiptError),
    )
    if encode(receipt) != text:
        raise ReceiptError("receipt is another spelling of its values")
    return receipt


def sign_receipt(receipt: Receipt, signer: Signer) -> bytes:
    """Return the receipt as a note signed by the key `<origin>/receipts`. Raises ReceiptError."""
    if signer.name != receipts_key_name(receipt.origin):
        raise ReceiptError(
            f"signing key is {signer.name!r}, want {receipts_key_name(receipt.origin)!r}"
        )
    return sign_note(encode(receipt), [signer])


def open_receipt(note: bytes, keys: Iterable[VerifierKey]) -> Receipt:
    """Return the receipt in `note`, signed by one of `keys` under the name of its own origin.

    Only keys named `<origin>/receipts` count. A log's key for checkpoints must not sign receipts,
    nor may one log's key sign those of another. Raises ReceiptError."""
    try:
        opened = open_note(note, keys)
    except NoteError as error:
        raise ReceiptError(f"receipt: {error}") from error
    receipt = decode(opened.text)
    want = receipts_key_name(receipt.origin)
    if all(signature.name != want for signature in opened.signatures):
        raise ReceiptError(f"receipt is signed by none of the keys that are named {want!r}")
    return receipt


def _words(line: str, what: str, want: int) -> list[str]:
    words = line.split(" ")
    if len(words) != want:
        raise ReceiptError(f"{what}: want {want} words, got {len(words)}")
    return words
