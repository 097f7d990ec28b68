"""Receipts: their text, and whose signature counts."""

from dataclasses import replace
from typing import Any

import pytest

from audit.tlog.errors import ReceiptError
from audit.tlog.merkle import Hash
from audit.tlog.note import Signer, sign_note
from audit.tlog.receipt import (
    Receipt,
    decode,
    encode,
    open_receipt,
    receipts_key_name,
    sign_receipt,
)

RECEIPT = Receipt(
    origin="ledger.example/a",
    trail=12,
    trail_id=Hash(b"\x01" * 32),
    first=40,
    size=43,
    batch_root=Hash(b"\x02" * 32),
    root=Hash(b"\x03" * 32),
    received_at=1735689600250,
    commit_by=1735691400310,
)


@pytest.fixture
def signer() -> Signer:
    return Signer("ledger.example/a/receipts", bytes(range(32)))


def test_reads_back_what_it_wrote() -> None:
    assert decode(encode(RECEIPT)) == RECEIPT


def test_has_the_lines_of_the_format() -> None:
    assert [line.split(b" ")[0] for line in encode(RECEIPT).splitlines()] == [
        b"domicile/receipt/v1",
        b"origin",
        b"trail",
        b"batch",
        b"root",
        b"received_at",
        b"commit_by",
    ]


def test_opens_a_receipt_signed_by_the_receipts_key(signer: Signer) -> None:
    assert open_receipt(sign_receipt(RECEIPT, signer), [signer.verifier_key]) == RECEIPT


def test_signing_again_gives_the_same_bytes(signer: Signer) -> None:
    assert sign_receipt(RECEIPT, signer) == sign_receipt(RECEIPT, signer)


def test_refuses_to_sign_with_a_key_of_another_name() -> None:
    with pytest.raises(ReceiptError, match=r"want 'ledger.example/a/receipts'"):
        sign_receipt(RECEIPT, Signer("ledger.example/a", bytes(32)))


def test_refuses_a_receipt_signed_by_another_logs_key(signer: Signer) -> None:
    other = Signer(receipts_key_name("ledger.example/b"), bytes(32))
    note = sign_note(encode(RECEIPT), [other])
    with pytest.raises(
        ReceiptError, match=r"none of the keys that are named 'ledger.example/a/receipts'"
    ):
        open_receipt(note, [signer.verifier_key, other.verifier_key])


def test_refuses_an_unsigned_changed_or_foreign_note(signer: Signer) -> None:
    note = sign_receipt(RECEIPT, signer)
    for other in (encode(RECEIPT), note.replace(b"batch 40 43", b"batch 40 44"), b""):
        with pytest.raises(ReceiptError):
            open_receipt(other, [signer.verifier_key])
    with pytest.raises(ReceiptError):
        open_receipt(note, [Signer(signer.name, bytes(32)).verifier_key])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": 43}, r"want at least one entry, got \[43, 43\)"),
        ({"first": -1}, "first: want 0"),
        ({"size": 2**63}, "size: want 0"),
        ({"trail": -1}, "trail: want 0"),
        ({"trail_id": b""}, "trail id: want 32 bytes"),
        ({"batch_root": b""}, "batch: want 32 bytes"),
        ({"root": bytes(33)}, "root: want 32 bytes"),
        ({"received_at": -1}, "received_at: want 0"),
        ({"commit_by": 2**63}, "commit_by: want 0"),
        ({"origin": "a b"}, "origin: want a word"),
    ],
)
def test_refuses_to_write_a_field_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReceiptError, match=message):
        encode(replace(RECEIPT, **change))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"receipt/v1", b"receipt/v2"),
        (b"trail 12 ", b"trail 012 "),
        (b"trail 12 ", b"trail 12"),
        (b"trail 12 ", b"trail  12 "),
        (b"batch 40 43", b"batch 40 40"),
        (b"batch 40 43", b"batch 43"),
        (b"batch 40 43", b"batch 40 43 44"),
        (b"received_at", b"received_by"),
        (b"commit_by 1735691400310\n", b"commit_by 1735691400310"),
        (b"commit_by 1735691400310\n", b"commit_by 1735691400310\nextra\n"),
    ],
)
def test_refuses_another_spelling(old: bytes, new: bytes) -> None:
    text = encode(RECEIPT)
    assert old in text
    with pytest.raises(ReceiptError):
        decode(text.replace(old, new))
