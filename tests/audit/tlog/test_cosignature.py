"""Cosignatures of public witnesses are accepted; another time, text, key or length is refused."""

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog.checkpoint import Checkpoint, Origin
from audit.tlog.cosignature import check_cosignature, check_cosignatures, cosigned_message
from audit.tlog.errors import NoteError
from audit.tlog.merkle import EMPTY_ROOT
from audit.tlog.note import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Note,
    Signature,
    Signer,
    VerifierKey,
    parse_note,
    sign_note,
    write_note,
)

TESTDATA = "vectors/sunlight-skylight/cmd/skylight/testdata"
# One published in 2025; its time lies in the signature.
PUBLISHED_AT_S = 1767139200

TEXT = Checkpoint(Origin("example.com/log"), 0, EMPTY_ROOT).encode()
LOG = Signer("example.com/log", bytes(32))


def _cosigner(number: int) -> VerifierKey:
    public = _private(number).public_key().public_bytes_raw()
    return VerifierKey(f"witness{number}.example", COSIGNATURE, public)


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def _cosign(number: int, timestamp_s: int, text: bytes = TEXT) -> Signature:
    signed = _private(number).sign(cosigned_message(timestamp_s, text))
    key = _cosigner(number)
    return Signature(key.name, key.key_id, timestamp_s.to_bytes(8, "big") + signed)


ONE, TWO = _cosigner(1), _cosigner(2)


@pytest.mark.parametrize(
    ("keys", "checkpoint"),
    [
        ("witness/mirror/mirror.v0.json", "witness/mirror/000de1*/checkpoint"),
        ("witness/witness.v0.json", "witness/000de1*/checkpoint"),
        ("witness2/witness.v0.json", "witness2/88ad7a*/checkpoint"),
    ],
)
def test_accepts_the_published_cosignatures(shared: Path, keys: str, checkpoint: str) -> None:
    testdata = shared / TESTDATA
    (vkey,) = json.loads((testdata / keys).read_text())["verifier_keys"]
    key = VerifierKey.parse(vkey)
    (file,) = testdata.glob(checkpoint)
    note = parse_note(file.read_bytes())
    assert check_cosignatures(note, [key]) == {key: PUBLISHED_AT_S}
    assert Checkpoint.decode(note.text).size == 300
    with pytest.raises(NoteError, match="signature does not verify"):
        check_cosignatures(replace(note, text=note.text.replace(b"\n300\n", b"\n301\n")), [key])


def test_reads_the_time_of_the_published_signature_line(shared: Path) -> None:
    """The line comes without its text, so only the place and order of the time's bytes can be held
    to it."""
    file = shared / "vectors/transparency-dev-formats/checkpoint_and_cosig_vectors.json"
    vector = json.loads(file.read_text())["cosig_v1_timestamp"]
    data = b64decode(vector["sig_base64"])
    assert data[:4].hex() == vector["key_id_hex"]
    ours = _cosign(1, vector["unix_seconds"])
    assert ours.signature[:8] == data[4:12]
    assert len(ours.signature) == len(data) - 4
    assert check_cosignature(ONE, TEXT, ours.signature) == vector["unix_seconds"]


def test_the_message_is_that_of_the_specification() -> None:
    assert cosigned_message(1679315147, TEXT) == b"cosignature/v1\ntime 1679315147\n" + TEXT


@pytest.mark.parametrize("timestamp_s", [1, 2**32, 2**63 - 1])
def test_returns_the_time(timestamp_s: int) -> None:
    assert check_cosignature(ONE, TEXT, _cosign(1, timestamp_s).signature) == timestamp_s


@pytest.mark.parametrize("timestamp_s", [0, 2**63, 2**64 - 1])
def test_refuses_a_time_that_claims_nothing_or_is_none(timestamp_s: int) -> None:
    with pytest.raises(NoteError, match=f"want a time 1 … 2\\^63-1, got {timestamp_s}"):
        check_cosignature(ONE, TEXT, _cosign(1, timestamp_s).signature)


def test_refuses_another_time_than_was_signed() -> None:
    signature = _cosign(1, 1000).signature
    for bit in range(63):
        moved = (int.from_bytes(signature[:8], "big") ^ (1 << bit)).to_bytes(8, "big")
        with pytest.raises(NoteError, match="signature does not verify"):
            check_cosignature(ONE, TEXT, moved + signature[8:])


@pytest.mark.parametrize("text", [b"", TEXT[:-1], TEXT + b"\n", TEXT.replace(b"\n0\n", b"\n1\n")])
def test_refuses_another_text(text: bytes) -> None:
    with pytest.raises(NoteError, match="signature does not verify"):
        check_cosignature(ONE, text, _cosign(1, 1000).signature)


def test_refuses_a_cosignature_by_another() -> None:
    with pytest.raises(NoteError, match=r"key witness2\.example: signature does not verify"):
        check_cosignature(TWO, TEXT, _cosign(1, 1000).signature)


def test_refuses_every_flipped_byte() -> None:
    good = _cosign(1, 1000).signature
    for index in range(8, len(good)):
        with pytest.raises(NoteError, match="signature does not verify"):
            check_cosignature(
                ONE, TEXT, good[:index] + bytes([good[index] ^ 1]) + good[index + 1 :]
            )


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73])
def test_refuses_another_length(length: int) -> None:
    with pytest.raises(NoteError, match=f"want 72 bytes, got {length}"):
        check_cosignature(ONE, TEXT, (_cosign(1, 1000).signature * 2)[:length])


@pytest.mark.parametrize(("kind", "length"), [(ED25519, 32), (ML_DSA_44, 1312), (0xFE, 32)])
def test_refuses_keys_that_do_not_cosign(kind: int, length: int) -> None:
    key = VerifierKey("w", kind, ONE.public_key.ljust(length))
    with pytest.raises(NoteError, match=f"a key of type {kind:02x} does not cosign"):
        check_cosignature(key, TEXT, _cosign(1, 1000).signature)


def test_refuses_a_plain_signature_in_place_of_a_cosignature() -> None:
    plain = (1000).to_bytes(8, "big") + _private(1).sign(TEXT)
    with pytest.raises(NoteError, match="signature does not verify"):
        check_cosignature(ONE, TEXT, plain)


# All cosignatures of a note.


def _note(*lines: Signature) -> Note:
    return parse_note(write_note(TEXT, [*parse_note(sign_note(TEXT, [LOG])).others, *lines]))


def test_returns_the_time_of_each_known_cosigner() -> None:
    note = _note(_cosign(2, 2000), _cosign(3, 3000), _cosign(1, 1000))
    assert check_cosignatures(note, [ONE, TWO, LOG.verifier_key, _cosigner(4)]) == {
        ONE: 1000,
        TWO: 2000,
    }
    assert check_cosignatures(note, []) == {}


def test_one_failing_cosignature_fails_the_note() -> None:
    note = _note(_cosign(1, 1000), _cosign(2, 2000, b"another text\n"))
    assert check_cosignatures(note, [ONE]) == {ONE: 1000}
    with pytest.raises(NoteError, match=r"key witness2\.example: signature does not verify"):
        check_cosignatures(note, [ONE, TWO])


def test_reads_the_first_of_two_cosignatures_by_one_key() -> None:
    assert check_cosignatures(_note(_cosign(1, 1000), _cosign(1, 500)), [ONE]) == {ONE: 1000}


def test_passes_by_keys_of_types_it_does_not_know() -> None:
    unknown = VerifierKey("later.example", ML_DSA_44, bytes(1312))
    note = _note(Signature(unknown.name, unknown.key_id, b"anything"), _cosign(1, 1000))
    assert check_cosignatures(note, [unknown, ONE]) == {ONE: 1000}
