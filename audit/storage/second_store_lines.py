"""The lines of the second store's file, and what they add up to. Pure: no file is opened here.

    domicile/second-store/v1 <base64 id of the fleet trail> <digest>
    heads <number>:<size>:<base64 root> … <digest>
    checkpoint <base64 of the checkpoint's text> <digest>

The digest is the first 8 bytes, in hex, of the SHA-256 of what stands before it and its space.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from audit.errors import StoreMismatch
from audit.tlog.merkle import HASH_BYTES, Hash
from audit.tlog.trail_numbers import FLEET_NUMBER

TITLE = "domicile/second-store/v1"
DIGEST_DIGITS = 16

Head: TypeAlias = tuple[int, Hash]  # size and root


def in_words(checkpoint: bytes | None) -> str:
    """A checkpoint's text on one line, for a message."""
    return (
        "nothing"
        if checkpoint is None
        else " ".join(checkpoint.decode(errors="backslashreplace").split())
    )


def describe_head(size: int, root: bytes) -> str:
    """A head of a trail, for a message."""
    return f"size {size} under root {root.hex()}"


def check_not_behind(number: int, size: int, root: bytes, remembered: Head | None) -> None:
    """Check that the database, which holds trail `number` with `size` entries under `root`, is not
    behind the head that the second store remembers. Raises StoreMismatch.

    The database may be ahead: a process died between commit and store, and has promised nothing."""
    if remembered is None or remembered[0] < size:
        return
    if remembered != (size, root):
        raise StoreMismatch(
            f"trail {number}: the second store remembers {describe_head(*remembered)}, the "
            f"database has {describe_head(size, root)}: the database was restored or altered"
        )


@dataclass(slots=True)
class Contents:
    """What the lines say so far. `fleet` is None before the first line."""

    fleet: Hash | None = None
    heads: dict[int, Head] = field(default_factory=dict)
    checkpoint: bytes | None = None

    def take(self, line: bytes) -> None:
        """Take in one line with its newline. Raises ValueError."""
        word, *values = _checked(line).split(" ")
        if (word == TITLE) is not (self.fleet is None):
            raise ValueError(f"it is {word!r}, want {TITLE} as the first line and only there")
        if word == TITLE:
            (text,) = values
            self.fleet = _hash(text)
        elif word == "heads":
            self.heads.update(map(_read_head, values))
        elif word == "checkpoint":
            (text,) = values
            self.checkpoint = b64decode(text, validate=True)
        else:
            raise ValueError(f"it is {word!r}, want heads or checkpoint")

    def news(self, heads: Iterable[tuple[int, int, bytes]]) -> dict[int, Head]:
        """Return those of `heads` that are larger than what is known. Raises StoreMismatch for one
        of a known size with another root, and for another ledger's fleet genesis."""
        news: dict[int, Head] = {}
        for number, size, root in heads:
            if (number, size) == (FLEET_NUMBER, 1) and root != self.fleet:
                raise StoreMismatch(
                    "the second store belongs to the ledger of another fleet trail than "
                    f"{root.hex()}"
                )
            known_size, known_root = news.get(number) or self.heads.get(number) or (0, root)
            if size == known_size and root != known_root:
                raise StoreMismatch(
                    f"trail {number} at size {size}: want the root {known_root.hex()}, got "
                    f"{root.hex()}"
                )
            if size > known_size:
                news[number] = (size, Hash(root))
        return news

    def encode(self) -> bytes:
        """Return all of it in the fewest lines. Needs a fleet."""
        lines = [_line(TITLE, [_base64(self.fleet or b"")])]
        if self.heads:
            lines.append(heads_line(self.heads))
        if self.checkpoint is not None:
            lines.append(checkpoint_line(self.checkpoint))
        return b"".join(lines)


def heads_line(heads: Mapping[int, Head]) -> bytes:
    """Return the line that says these heads."""
    return _line(
        "heads", [f"{number}:{size}:{_base64(root)}" for number, (size, root) in heads.items()]
    )


def checkpoint_line(checkpoint: bytes) -> bytes:
    """Return the line that says this checkpoint."""
    return _line("checkpoint", [_base64(checkpoint)])


def _line(word: str, values: list[str]) -> bytes:
    body = " ".join([word, *values])
    return f"{body} {_digest(body)}\n".encode()


def _checked(line: bytes) -> str:
    """Return what stands before the digest, which must be its own."""
    body, _, digest = line.decode().removesuffix("\n").rpartition(" ")
    if digest != _digest(body):
        raise ValueError(f"its digest is {digest!r}, want {_digest(body)}")
    return body


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:DIGEST_DIGITS]


def _read_head(text: str) -> tuple[int, Head]:
    number, size, root = text.split(":")
    return int(number), (int(size), _hash(root))


def _hash(text: str) -> Hash:
    value = b64decode(text, validate=True)
    if len(value) != HASH_BYTES:
        raise ValueError(f"a hash has {len(value)} bytes, want {HASH_BYTES}")
    return Hash(value)


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
