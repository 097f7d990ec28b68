"""Signed notes: a text and the signatures under it.

    example.com/log
    7
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

    — example.com/log CiAdZMUK…

The text ends with its newline. An empty line and one or more signature lines follow. A signature
line has a key name and the base64 of (4-byte key ID || signature). C2SP signed-note 1.0.0;
FORMATS.md section 1.4.

Do not use the text of a note before `open_note` has returned it.
"""

import hashlib
import re
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
# Types whose key ID is not computed from key name, type and key: a name could be put on another's
# key.
REFUSED_TYPES = {ECDSA: "ECDSA", TREE_HEAD: "RFC 6962 tree head"}

# The characters that no note may hold. C2SP signed-note, section "Format".
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# The characters that no key name may hold: white space of any script, control characters, lone
# surrogates, plus.
_NOT_IN_NAME = re.compile(r"[\s\x00-\x1f\ud800-\udfff+]")

_PRIVATE = "PRIVATE+KEY+"
# How a signature line begins: an em dash and a space.
_DASH = "\u2014 "

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
            raise NoteError(
                f"key {self.name}: want a public key of {want} bytes, got {len(self.public_key)}"
            )

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Return the key of `name+<key ID in hex>+<base64 of type and public key>`. The ID must be
        the one computed from them. Raises NoteError. C2SP signed-note, section "Verifier keys"."""
        name, key_id, data = _split_key(vkey, "verifier key")
        key = cls(name, data[0], data[1:])
        if key.key_id.hex() != key_id:
            raise NoteError(
                f"verifier key {name}: want key ID {key.key_id.hex()}, got {key_id[:40]!a}"
            )
        return key

    def text(self) -> str:
        """Return the one line that `parse` reads."""
        return (
            f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.kind]) + self.public_key)}"
        )

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
        """Check the signature of an Ed25519 key over `message`. A cosigner's key signs another
        message: see `cosignature.check_cosignature`. Raises NoteError, also for a key of any other
        type."""
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
    """An Ed25519 private key with its name. Its text is secret; its `repr` and its errors reveal
    nothing."""

    name: str
    seed: bytes = field(repr=False)
    # Both are made once: from the seed they take longer than a signature does.
    _key: Ed25519PrivateKey = field(init=False, repr=False, compare=False)
    verifier_key: VerifierKey = field(init=False, repr=False, compare=False)  # the public key

    def __post_init__(self) -> None:
        _check_name(self.name)
        want = PUBLIC_KEY_BYTES[ED25519]
        if len(self.seed) != want:
            raise NoteError(
                f"signing key {self.name}: want a seed of {want} bytes, got {len(self.seed)}"
            )
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "_key", key)
        object.__setattr__(
            self,
            "verifier_key",
            VerifierKey(self.name, ED25519, key.public_key().public_bytes_raw()),
        )

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key of this name, from the operating system's randomness.
        Raises NoteError."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, skey: str) -> Self:
        """Return the key of `PRIVATE+KEY+<name>+<key ID in hex>+<base64 of 01 and the seed>`, as
        Go's note package writes it. Raises NoteError, with no part of the secret in its message."""
        try:
            name, _, data = _split_key(skey.removeprefix(_PRIVATE), "signing key")
            signer = cls(name, data[1:])
        except NoteError:
            # The cause quotes what was got, which is secret.
            raise NoteError(
                "signing key: want PRIVATE+KEY+name+id+key, got something else"
            ) from None
        # Write it again and compare: prefix, key ID and type have one spelling.
        if signer.text() != skey:
            raise NoteError(
                f"signing key {name}: its key ID or its type is not that of an Ed25519 key"
            )
        return signer

    def text(self) -> str:
        """Return the one secret line that `parse` reads."""
        encoded = encode_base64(bytes([ED25519]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.key_id.hex()}+{encoded}"

    @property
    def key_id(self) -> KeyId:
        """The ID of the public key."""
        return self.verifier_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, and the bytes after the key ID."""

    name: str
    key_id: KeyId
    signature: bytes

    @property
    def pair(self) -> KeyPair:
        """The name and ID that select its key."""
        return self.name, self.key_id

    def line(self) -> str:
        """Return the line, without its newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its signatures that were verified, and the other lines, about which nothing is
    known."""

    text: bytes
    signatures: tuple[Signature, ...]
    others: tuple[Signature, ...]


def sign_note(text: bytes, signers: Iterable[Signer]) -> bytes:
    """Return `text`, which must end with a newline, as a note signed by each signer.
    Raises NoteError."""
    return write_note(text, [Signature(s.name, s.key_id, s.sign(text)) for s in signers])


def write_note(text: bytes, signatures: Sequence[Signature]) -> bytes:
    """Return `text` with these signature lines under it, at least one. Raises NoteError."""
    lines = "".join(f"{signature.line()}\n" for signature in signatures)
    data = text + b"\n" + lines.encode()
    # What cannot be read back as the same note was never one: a text without its last newline could
    # take the first lines of the note for signatures.
    if parse_note(data) != Note(text, (), tuple(signatures)):
        raise NoteError(
            "note would read otherwise: want text with a last newline, and no signature twice"
        )
    return data


def parse_note(data: bytes) -> Note:
    """Return the parts of a note with nothing verified. All its lines are in `others`, identical
    ones once. Raises NoteError. C2SP signed-note, section "Format"."""
    text, lines = _split_note(_check_characters(data))
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"note has {len(lines)} signatures, want at most {MAX_SIGNATURES}")
    signatures = dict.fromkeys(_parse_line(line) for line in lines)
    return Note(text.encode(), (), tuple(signatures))


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> Note:
    """Return the note after checking every signature on it by one of the Ed25519 keys in `keys`.

    Needs at least one such signature; of several by one key only the first is read. `others` has
    the lines by any other key, among them the cosigners and the keys of unknown type in `keys`.
    Raises NoteError. C2SP signed-note, section "Signatures"."""
    known = keys_by_pair(keys)
    note = parse_note(data)
    verified: dict[KeyPair, Signature] = {}
    others = []
    for line in note.others:
        key = known.get(line.pair)
        if key is None or key.kind != ED25519:
            others.append(line)
        elif line.pair not in verified:
            key.verify(note.text, line.signature)
            verified[line.pair] = line
    if not verified:
        raise NoteError(
            f"no signature by a known key: known are {_names(known)}, got "
            f"{_names(line.pair for line in note.others)}"
        )
    return Note(note.text, tuple(verified.values()), tuple(others))


def keys_by_pair(keys: Iterable[VerifierKey]) -> dict[KeyPair, VerifierKey]:
    """Return `keys` by the name and ID that signature lines give. Raises NoteError if two different
    keys share both."""
    known: dict[KeyPair, VerifierKey] = {}
    for key in keys:
        # An ID has 32 bits, so two keys of one name and ID can be made on purpose.
        if known.setdefault(key.pair, key) != key:
            raise NoteError(
                f"two known keys share the name {key.name} and the ID {key.key_id.hex()}"
            )
    return known


def _names(lines: Iterable[KeyPair]) -> str:
    return ", ".join(f"{name}+{key_id.hex()}" for name, key_id in lines) or "none"


def _check_characters(data: bytes) -> str:
    """Return `data` as text: UTF-8 without ASCII control characters other than the newline."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"note is not UTF-8: {error}") from error
    match = _CONTROL.search(text)
    if match:
        raise NoteError(f"note has the control character {match[0]!a}")
    return text


def _split_note(note: str) -> tuple[str, list[str]]:
    """Split at the last empty line into the text with its newline and the lines below, at least
    one."""
    text, empty_line, below = note.rpartition("\n\n")
    if not empty_line:
        raise NoteError("note has no empty line between text and signatures")
    if not below.endswith("\n"):
        raise NoteError("note does not end with a signature line and its newline")
    return text + "\n", below.removesuffix("\n").split("\n")


def _parse_line(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise NoteError(f"want a signature line, got {line[:40]!a}")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    _check_name(name)
    data = parse_base64(encoded, f"signature by {name}", NoteError)
    if len(data) <= KEY_ID_BYTES:
        raise NoteError(
            f"signature by {name}: want more than {KEY_ID_BYTES} bytes, got {len(data)}"
        )
    return Signature(name, KeyId(data[:KEY_ID_BYTES]), data[KEY_ID_BYTES:])


def _split_key(text: str, what: str) -> tuple[str, str, bytes]:
    """Split `name+id+base64` into name, ID in hex, and the bytes of type and key."""
    # At most two splits: base64 itself contains "+".
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise NoteError(f"{what}: want name+id+key, got {len(parts)} parts")
    name, key_id, encoded = parts
    data = parse_base64(encoded, f"{what} {name}", NoteError)
    if len(data) < 2:
        raise NoteError(f"{what} {name}: want type and key, got {len(data)} bytes")
    return name, key_id, data


def _check_name(name: str) -> None:
    """Check a key name: not empty, without spaces of any script, plus and control characters."""
    if not name or _NOT_IN_NAME.search(name):
        raise NoteError(
            f"key name must be without spaces, plus and control characters, got {name[:40]!a}"
        )
