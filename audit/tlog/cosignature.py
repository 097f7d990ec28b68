"""Cosignatures: a witness says when it saw a checkpoint, consistent with all it had seen of the
log.

    cosignature/v1
    time 1767139200
    rome2026h1.example.org
    300
    gw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=

An Ed25519 cosigner (key type 04) signs this text. Its signature line has the 8-byte time before the
signature. The message does not name the cosigner, so one Ed25519 key must never serve two of them.
C2SP tlog-cosignature 1.0.1, format v1; FORMATS.md section 1.6.
"""

from collections.abc import Iterable

from audit.tlog.errors import NoteError
from audit.tlog.note import COSIGNATURE, Note, VerifierKey, keys_by_pair
from audit.tlog.spelling import MAX_DECIMAL

TIMESTAMP_BYTES = 8
ED25519_SIGNATURE_BYTES = 64
COSIGNATURE_BYTES = TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES


def cosigned_message(timestamp_s: int, checkpoint_text: bytes) -> bytes:
    """Return what a cosigner signs for this checkpoint at this time, in seconds since 1970."""
    return b"cosignature/v1\ntime %d\n" % timestamp_s + checkpoint_text


def check_cosignature(key: VerifierKey, checkpoint_text: bytes, signature: bytes) -> int:
    """Return the time, in seconds since 1970, at which `key` cosigned the checkpoint. `signature`
    is what follows the key ID in the signature line. Needs a key of type 04. Time 0 claims nothing
    and is refused. Raises NoteError."""
    if key.kind != COSIGNATURE:
        raise NoteError(f"key {key.name}: a key of type {key.kind:02x} does not cosign")
    if len(signature) != COSIGNATURE_BYTES:
        raise NoteError(
            f"cosignature by {key.name}: want {COSIGNATURE_BYTES} bytes, got {len(signature)}"
        )
    timestamp_s = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
    if not 0 < timestamp_s <= MAX_DECIMAL:
        raise NoteError(f"cosignature by {key.name}: want a time 1 … 2^63-1, got {timestamp_s}")
    key.verify_ed25519(cosigned_message(timestamp_s, checkpoint_text), signature[TIMESTAMP_BYTES:])
    return timestamp_s


def check_cosignatures(note: Note, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """Return when each of `keys` cosigned the checkpoint in the note, in seconds since 1970. Keys
    without a line on the note and keys of unknown types are absent. Of several lines by one key
    only the first is read. One line that fails makes the note fail. Raises NoteError."""
    cosigners = keys_by_pair(key for key in keys if key.kind == COSIGNATURE)
    times: dict[VerifierKey, int] = {}
    for line in note.others:
        key = cosigners.get(line.pair)
        if key is not None and key not in times:
            times[key] = check_cosignature(key, note.text, line.signature)
    return times
