"""Checkpoints: the text by which a log commits to its tree.

    example.com/log                                     origin
    7                                                   tree size
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=        root hash

A checkpoint travels as a signed note (`note`), with the signatures of the log and of the witnesses
(`cosignature`). The format allows extension lines after these. Ours has none, because large
witnesses refuse them and the newest signature type does not cover them. C2SP tlog-checkpoint 1.0.0;
FORMATS.md section 1.5.
"""

import re
from dataclasses import dataclass
from typing import NewType, Self

from audit.tlog.errors import CheckpointError
from audit.tlog.merkle import HASH_BYTES, Hash
from audit.tlog.spelling import MAX_DECIMAL, encode_base64, parse_base64, parse_decimal

Origin = NewType("Origin", str)

# ML-DSA cosignatures write the origin's length in one byte. C2SP tlog-cosignature.
MAX_ORIGIN_BYTES = 255
# FORMATS.md section 1.5.
MAX_CHECKPOINT_BYTES = 65_536

# ASCII control characters, which end a line or may not be in a note, and lone surrogates, which no
# bytes spell.
_NOT_IN_LINE = re.compile(r"[\x00-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root hash of a tree, as the log `origin` states them. Nothing here is signed
    yet."""

    origin: Origin
    size: int
    root: Hash
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not 0 <= self.size <= MAX_DECIMAL:
            raise CheckpointError(f"tree size: want 0 … 2^63-1, got {hex(self.size)[:40]}")
        if len(self.root) != HASH_BYTES:
            raise CheckpointError(f"root hash: want {HASH_BYTES} bytes, got {len(self.root)}")
        for line in self.extensions:
            _check_line("extension line", line)

    def encode(self) -> bytes:
        """Return the text, the part of the note that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def decode(cls, text: bytes, *, extensions_allowed: bool = False) -> Self:
        """Return the checkpoint in `text`, the text of a note. Extension lines are refused unless
        they are allowed, as for another's log. Raises CheckpointError."""
        origin, size, root, *extensions = _split_lines(text)
        if extensions and not extensions_allowed:
            raise CheckpointError(f"want no extension lines, got {len(extensions)}")
        return cls(
            Origin(origin),
            parse_decimal(size, "tree size", CheckpointError),
            Hash(parse_base64(root, "root hash", CheckpointError, HASH_BYTES)),
            tuple(extensions),
        )


def check_origin(origin: str) -> Origin:
    """Return `origin`: 1 … 255 bytes of UTF-8 without control characters.
    Raises CheckpointError."""
    _check_line("origin", origin)
    if len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise CheckpointError(
            f"origin: want at most {MAX_ORIGIN_BYTES} bytes, got {len(origin.encode())}"
        )
    return Origin(origin)


def _split_lines(text: bytes) -> list[str]:
    """Return the lines of the text, at least three, without their newlines."""
    if len(text) > MAX_CHECKPOINT_BYTES:
        raise CheckpointError(
            f"checkpoint: want at most {MAX_CHECKPOINT_BYTES} bytes, got {len(text)}"
        )
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"checkpoint is not UTF-8: {error}") from error
    if lines.pop() != "":
        raise CheckpointError("checkpoint does not end with a newline")
    if len(lines) < 3:
        raise CheckpointError(
            f"checkpoint has {len(lines)} lines, want origin, tree size and root hash"
        )
    return lines


def _check_line(what: str, line: str) -> None:
    if not line or _NOT_IN_LINE.search(line):
        raise CheckpointError(f"{what}: want text without control characters, got {line[:40]!a}")
