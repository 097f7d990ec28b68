"""Signed notes: a text and the signatures under it.

    example.com/log
    7
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

    — example.com/log CiAdZMUK…

The text ends with its newline; an empty line and one or more signature lines follow. A signature line holds a
key name and base64 of (4-byte key ID || signature). C2SP signed-note 1.0.0; FORMATS.md section 1.4.

The text of a note means nothing before `open_note` has returned it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NewType, Self, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.tlog.errors import NoteError
from audit.tlog.spelling import encode_base64, parse_base64

KeyId = NewType("KeyId", bytes)
# What selects a key: its name and its ID together. C2SP signed-note, section "Signatures".
KeyPair: TypeAlias = tuple[str, KeyId]

KEY_ID_BYTES = 4
# Key types: the byte before the public key. C2SP signed-note, section "Signature types".
ED25519 = 0x01
ECDSA = 0x02
COSIGNATURE = 0x04
TREE_HEAD = 0x05
ML_DSA_44 = 0x06
# The lengths of the public keys whose types we know, in bytes.
PUBLIC_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
# Types whose key ID is not computed from key name, type and key: a name could be put on another's key.
REFUSED_TYPES = {ECDSA: "ECDSA", TREE_HEAD: "RFC 6962 tree head"}

# Go's note package reads no more; C2SP asks for at least 16.
MAX_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name. Keys of types we do not know are kept, and verify nothing."""

    name: str
    kind: int
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind in REFUSED_TYPES:
            raise NoteError(f"key {self.name}: {REFUSED_TYPES[self.kind]} keys are not accepted")
        want = PUBLIC_KEY_BYTES.get(self.kind, len(self.public_key))
        if len(self.public_key) != want:
            raise NoteError(f"key {self.name}: want a public key of {want} bytes, came {len(self.public_key)}")

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Return the key of `name+<key ID in hex>+<base64 of type and public key>`. The ID is computed again
        and must agree. Raises NoteError. C2SP signed-note, section "Verifier keys"."""
        name, key_id, data = _split_key(vkey, "verifier key")
        key = cls(name, data[0], data[1:])
        if key.key_id.hex() != key_id:
            raise NoteError(f"verifier key {name}: want key ID {key.key_id.hex()}, came {key_id[:40]!a}")
        return key

    def text(self) -> str:
        """Return the one line that `parse` reads."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.kind]) + self.public_key)}"

    @property
    def key_id(self) -> KeyId:
        """The first 4 bytes of SHA256(name || 0A || type || public key)."""
        hashed = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        return KeyId(hashlib.sha256(hashed).digest()[:KEY_ID_BYTES])

    @property
    def pair(self) -> KeyPair:
        """What a signature line names this key by."""
        return self.name, self.key_id

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check the signature of an Ed25519 key over `message`; a cosigner's key signs another message, see
        `cosignature.check_cosignature`. Raises NoteError, also for a key of any other type."""
        if self.kind != ED25519:
            raise NoteError(f"key {self.name}: a key of type {self.kind:02x} does not sign texts")
        self.verify_ed25519(message, signature)

    def verify_ed25519(self, message: bytes, signature: bytes) -> None:
        """Check an Ed25519 signature over exactly `message`. Needs type 01 or 04. Raises NoteError.
        RFC 8032, section 5.1.7."""
        if self.kind not in (ED25519, COSIGNATURE):
            raise NoteError(f"key {self.name}: a key of type {self.kind:02x} is not an Ed25519 key")
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature as error:
            raise NoteError(f"key {self.name}: signature does not verify") from error


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 private key with its name. Its text is a secret; its `repr` is not."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        want = PUBLIC_KEY_BYTES[ED25519]
        if len(self.seed) != want:
            raise NoteError(f"signing key {self.name}: want a seed of {want} bytes, came {len(self.seed)}")

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key of this name, from the operating system's randomness. Raises NoteError."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, skey: str) -> Self:
        """Return the key of `PRIVATE+KEY+<name>+<key ID in hex>+<base64 of 01 and the seed>`, as Go's note
        package writes it. Raises NoteError, with no part of the secret in its message."""
        prefix = "PRIVATE+KEY+"
        if not skey.startswith(prefix):
            raise NoteError("signing key: want PRIVATE+KEY+name+id+key")
        name, key_id, data = _split_key(skey.removeprefix(prefix), "signing key")
        if data[0] != ED25519:
            raise NoteError(f"signing key {name}: want type {ED25519:02x}, came {data[0]:02x}")
        signer = cls(name, data[1:])
        if signer.key_id.hex() != key_id:
            raise NoteError(f"signing key {name}: its key ID does not belong to it")
        return signer

    def text(self) -> str:
        """Return the one secret line that `parse` reads."""
        return f"PRIVATE+KEY+{self.name}+{self.key_id.hex()}+{encode_base64(bytes([ED25519]) + self.seed)}"

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, ED25519, public.public_bytes_raw())

    @property
    def key_id(self) -> KeyId:
        """The ID of the public key."""
        return self.verifier_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
