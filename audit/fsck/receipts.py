"""The receipts' part of `fsck`: one a batch, each where the one before ends, and signed as the row
says."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from audit.fsck.defect import Defect
from audit.storage import raw
from audit.tlog.compact import CompactRange
from audit.tlog.errors import ReceiptError
from audit.tlog.merkle import Hash, root_hash
from audit.tlog.note import VerifierKey
from audit.tlog.receipt import Receipt as ReceiptText
from audit.tlog.receipt import open_receipt

_ROWS = (
    "SELECT first, size, batch_root, root, received_at, note FROM audit_receipt "
    "WHERE trail_number = %s AND size > %s AND size <= %s ORDER BY size LIMIT %s"
)
_ROWS_AT_ONCE = 1_000


class _Row(NamedTuple):
    """One row of a receipt."""

    first: int
    size: int
    batch_root: bytes
    root: bytes
    received_at: int
    note: bytes | None


class ReceiptCheck:
    """Goes through a trail's receipts beside its entries. The genesis, entry 0, has none."""

    def __init__(self, number: int, trail_id: Hash, size: int, key: VerifierKey | None) -> None:
        self._number, self._trail_id, self._size, self._key = number, trail_id, size, key
        self._rows = self._read()
        self._next = next(self._rows, None)
        self._leaves: list[Hash] = []
        self._first = 1

    def check(self, tree: CompactRange, leaf: Hash, received_at: int) -> Iterator[Defect]:
        """Take in the entry at the end of `tree`, and yield the defects of the receipt that ends
        with it."""
        if tree.end > 1:
            self._leaves.append(leaf)
        receipt = self._next
        if receipt is not None and receipt.size == tree.end:
            yield from self._check_row(receipt, tree.root(), received_at)
            if receipt.note is not None and self._key is not None:
                yield from self._check_note(receipt, receipt.note, self._key)
            self._leaves, self._first, self._next = [], receipt.size, next(self._rows, None)

    def check_end(self) -> Iterator[Defect]:
        """Yield what no receipt covers."""
        if self._leaves:
            yield Defect(
                f"no receipt covers its entries {self._first} … {self._size - 1}", self._number
            )

    def _read(self) -> Iterator[_Row]:
        after = 0
        while rows := raw.read(_ROWS, [self._number, after, self._size, _ROWS_AT_ONCE]):
            yield from map(_Row._make, rows)
            after = rows[-1][1]

    def _check_row(self, receipt: _Row, root: Hash, received_at: int) -> Iterator[Defect]:
        if receipt.first != self._first:
            yield self._defect(
                receipt,
                f"it begins at {receipt.first}, want {self._first}, where the one before ends",
            )
        elif receipt.batch_root != root_hash(self._leaves):
            yield self._defect(
                receipt,
                f"it has batch root {receipt.batch_root.hex()}, want "
                f"{root_hash(self._leaves).hex()}",
            )
        if receipt.root != root:
            yield self._defect(receipt, f"it has root {receipt.root.hex()}, want {root.hex()}")
        if receipt.received_at != received_at:
            yield self._defect(
                receipt, f"it has received_at {receipt.received_at}, its newest entry {received_at}"
            )

    def _check_note(self, receipt: _Row, note: bytes, key: VerifierKey) -> Iterator[Defect]:
        try:
            signed = open_receipt(note, [key])
        except ReceiptError as error:
            yield self._defect(receipt, str(error))
            return
        row = ReceiptText(
            origin=settings.LOG_ORIGIN,
            trail=self._number,
            trail_id=self._trail_id,
            first=receipt.first,
            size=receipt.size,
            batch_root=Hash(receipt.batch_root),
            root=Hash(receipt.root),
            received_at=receipt.received_at,
            commit_by=signed.commit_by,
        )
        if signed != row:
            yield self._defect(receipt, f"what was signed is {signed}, its row says {row}")

    def _defect(self, receipt: _Row, text: str) -> Defect:
        return Defect(f"the receipt of size {receipt.size}: {text}", self._number)
