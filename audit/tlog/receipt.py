"""Receipts: the operator's signed promise that a batch of entries stands in a trail, and by when it is sealed.

    domicile/receipt/v1
    origin ledger.example/a
    trail 12 /k8tQuq5xdIL0SCSERZ3cyQ4Lw7SeIeeX7JXSPWHBaA=
    batch 40 43 8dGgCBhVE3ZrJ0u1ZRmzQ9KqqKq0WqTvJ9H0u8J2m0k=
    root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    received_at 1735689600250
    commit_by 1735691400310

The text is signed as a C2SP note by the key named `<origin>/receipts`. Entries 40, 41 and 42 are the batch;
its root is that of the RFC 6962 tree over their three leaf hashes, so whoever holds the entries can check
them, and `root` is the whole trail's at size 43. Bytes in full: audit/FORMATS.md, section 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audit.tlog.errors import NoteError, ReceiptError
from audit.tlog.lines import (
    check_word,
    read_hash,
    read_lines,
    read_number,
    write_hash,
    write_lines,
    write_number,
)
from audit.tlog.merkle import Hash
from audit.tlog.note import Signer, VerifierKey, open_note, sign_note

TITLE = "domicile/receipt/v1"

_LINES = ("origin", "trail", "batch", "root", "received_at", "commit_by")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entries `first` … `size - 1` of trail (`trail`, `trail_id`) hash to `batch_root`; the trail's root at
    `size` entries is `root`. An epoch closed after `commit_by` (milliseconds since 1970 UTC, as is
    `received_at`) whose head is smaller than `size` breaks the promise."""

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
    if not receipt.first < receipt.size:
        raise ReceiptError(f"batch goes from {receipt.first} to {receipt.size}, want at least one entry")
    try:
        number, trail_id = write_number("trail", receipt.trail), write_hash("trail", receipt.trail_id)
        first, size = write_number("first", receipt.first), write_number("size", receipt.size)
        values = (
            check_word("origin", receipt.origin),
            f"{number} {trail_id}",
            f"{first} {size} {write_hash('batch', receipt.batch_root)}",
            write_hash("root", receipt.root),
            write_number("received_at", receipt.received_at),
            write_number("commit_by", receipt.commit_by),
        )
        return write_lines(TITLE, list(zip(_LINES, values, strict=True)))
    except ValueError as error:
        raise ReceiptError(f"receipt: {error}") from error


def decode(text: bytes) -> Receipt:
    """Return the receipt that `text` spells. Raises ReceiptError."""
    try:
        origin, trail, batch, root, received_at, commit_by = read_lines(text, TITLE, _LINES)
        number, trail_id = trail.split(" ")
        first, size, batch_root = batch.split(" ")
        receipt = Receipt(
            origin=origin,
            trail=read_number("trail", number),
            trail_id=read_hash("trail", trail_id),
            first=read_number("first", first),
            size=read_number("size", size),
            batch_root=read_hash("batch", batch_root),
            root=read_hash("root", root),
            received_at=read_number("received_at", received_at),
            commit_by=read_number("commit_by", commit_by),
        )
    except ValueError as error:
        raise ReceiptError(f"receipt: {error}") from error
    if encode(receipt) != text:
        raise ReceiptError("receipt has a second spelling of its values")
    return receipt


def sign_receipt(receipt: Receipt, signer: Signer) -> bytes:
    """Return the receipt as a note signed by the key `<origin>/receipts`. Raises ReceiptError."""
    if signer.name != receipts_key_name(receipt.origin):
        raise ReceiptError(f"signing key is {signer.name!r}, want {receipts_key_name(receipt.origin)!r}")
    return sign_note(encode(receipt).decode(), [signer])


def open_receipt(note: bytes, keys: Iterable[VerifierKey]) -> Receipt:
    """Return the receipt that `note` holds, signed by one of `keys` under the name of its own origin.

    Only keys named `<origin>/receipts` count: a log's key for checkpoints must not be able to sign receipts,
    nor one log's key another log's. Raises ReceiptError."""
    try:
        opened = open_note(note, list(keys))
    except NoteError as error:
        raise ReceiptError(f"receipt: {error}") from error
    receipt = decode(opened.text.encode())
    want = receipts_key_name(receipt.origin)
    if all(signature.name != want for signature in opened.signatures):
        raise ReceiptError(f"receipt is signed by none of the keys that are named {want!r}")
    return receipt
