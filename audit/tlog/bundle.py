"""The evidence bundle: one zip file with all that a customer needs to check a trail alone.

    bundle.json                    what the bundle says of itself: hints, compared, never trusted
    global/records                 records 0 … e1 of the global log, each after its 16-bit length
    checkpoints/<size>             signed checkpoints of the global log; the largest is the anchor
    trails/<number>/heads.jsonl    the trail's head in each epoch from its birth to e1, with a proof
    trails/<number>/entries.jsonl  the contents of entries 0 … size(e1) - 1, one a line
    attachments/<hex of SHA-256>   texts too long for an entry, raw

Lengths are big-endian. `heads.jsonl` has one head a line. The trails are the pinned one and the
fleet trail, 0. Nothing else may be in the file. This module knows names and framing; the verifier
checks what the members say to each other. Bytes in full: audit/FORMATS.md, section 7.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from audit.tlog.archive import CHUNK_SIZE, ArchiveReader, ArchiveWriter
from audit.tlog.bundle_json import (
    HeadProof,
    Hints,
    decode_head,
    decode_hints,
    encode_head,
    encode_hints,
)
from audit.tlog.checkpoint import MAX_CHECKPOINT_BYTES
from audit.tlog.entry import MAX_CONTENT_SIZE
from audit.tlog.errors import BundleError
from audit.tlog.lines import MAX_TEXT_SIZE

HINTS, RECORDS = "bundle.json", "global/records"
MAX_HINTS_SIZE = 65_536
# A proof has at most 64 hashes; with the other members a line stays below this.
MAX_HEAD_LINE_SIZE = 8_192

_NUMBER = "(?:0|[1-9][0-9]{0,18})"
_is_member = re.compile(
    f"bundle\\.json|global/records|checkpoints/{_NUMBER}"
    f"|trails/{_NUMBER}/(?:heads|entries)\\.jsonl|attachments/[0-9a-f]{{64}}"
).fullmatch


class BundleWriter:
    """Writes the members of a bundle, each once, in any order. `write_bundle` opens and closes
    it."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = ArchiveWriter(file)

    def hints(self, hints: Hints) -> None:
        """Write `bundle.json`. Raises BundleError."""
        self._archive.write(HINTS, [encode_hints(hints)])

    def records(self, records: Iterable[bytes]) -> None:
        """Write the records 0 … e1 of the global log. Raises BundleError."""
        self._archive.write(
            RECORDS, (len(record).to_bytes(2, "big") + record for record in records)
        )

    def checkpoint(self, size: int, note: bytes) -> None:
        """Write the signed checkpoint of the global log at `size` records. Raises BundleError."""
        self._archive.write(f"checkpoints/{size}", [note])

    def heads(self, number: int, heads: Iterable[HeadProof]) -> None:
        """Write the heads of trail `number` from its birth to e1. Raises BundleError."""
        self._archive.write(heads_name(number), _blocks(map(encode_head, heads)))

    def entries(self, number: int, contents: Iterable[bytes]) -> None:
        """Write the contents of the entries of trail `number` from 0 on. Raises BundleError."""
        self._archive.write(entries_name(number), _blocks(contents))

    def attachment(self, sha256: bytes, chunks: Iterable[bytes]) -> None:
        """Write the bytes of an attachment. Raises BundleError."""
        self._archive.write(attachment_name(sha256), chunks)

    def close(self) -> None:
        """Write the directory; the file stays open."""
        self._archive.close()


@contextmanager
def write_bundle(path: Path) -> Iterator[BundleWriter]:
    """Yield a writer for the new file `path`.

    On success the file is whole and on disk (fsync); on an error it is removed. Raises
    FileExistsError, OSError and BundleError."""
    file = path.open("xb")
    try:
        with file:
            writer = BundleWriter(file)
            yield writer
            writer.close()
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


class Bundle:
    """A bundle opened for reading. Its container is checked; what its members say is not."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BundleError."""
        self._file = file
        self._archive = ArchiveReader(file)
        for name in self._archive.members:
            if not _is_member(name):
                raise BundleError(f"bundle has the unknown member {name}")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file `path`. Raises OSError and BundleError."""
        file = path.open("rb")
        try:
            return cls(file)
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def hints(self) -> Hints:
        """Return what the bundle says of itself. Raises BundleError."""
        return decode_hints(self._archive.read(HINTS, MAX_HINTS_SIZE))

    def records(self) -> Iterator[bytes]:
        """Yield the records of the global log, from 0 on. Raises BundleError."""
        rest = b""
        for chunk in self._archive.chunks(RECORDS):
            rest += chunk
            start = 0
            while start + 2 <= len(rest):
                size = int.from_bytes(rest[start : start + 2], "big")
                if size > MAX_TEXT_SIZE:
                    raise BundleError(
                        f"{RECORDS} has a record of {size} bytes, want at most {MAX_TEXT_SIZE}"
                    )
                if start + 2 + size > len(rest):
                    break
                yield rest[start + 2 : start + 2 + size]
                start += 2 + size
            rest = rest[start:]
        if rest:
            raise BundleError(f"{RECORDS} ends inside a record")

    def checkpoint_sizes(self) -> list[int]:
        """Return the sizes of the checkpoints it carries, ascending."""
        return sorted(
            int(name.removeprefix("checkpoints/")) for name in self._names("checkpoints/")
        )

    def checkpoint(self, size: int) -> bytes:
        """Return the signed note of the checkpoint at `size` records. Raises BundleError."""
        return self._archive.read(f"checkpoints/{size}", MAX_CHECKPOINT_BYTES)

    def trails(self) -> list[int]:
        """Return the numbers of the trails it carries, ascending."""
        return sorted({int(name.split("/")[1]) for name in self._names("trails/")})

    def heads(self, number: int) -> Iterator[HeadProof]:
        """Yield the heads of trail `number`, in the order of the member. Raises BundleError."""
        return map(decode_head, self._archive.lines(heads_name(number), MAX_HEAD_LINE_SIZE))

    def entries(self, number: int) -> Iterator[bytes]:
        """Yield the contents of the entries of trail `number`, from 0 on. Raises BundleError."""
        return self._archive.lines(entries_name(number), MAX_CONTENT_SIZE)

    def entries_size(self, number: int) -> int:
        """Return how many bytes `entries` will yield, newlines included. Raises BundleError."""
        return self._archive.size(entries_name(number))

    def attachments(self) -> list[bytes]:
        """Return the SHA-256 under which each attachment is filed, in the order of the file."""
        return [
            bytes.fromhex(name.removeprefix("attachments/")) for name in self._names("attachments/")
        ]

    def attachment(self, sha256: bytes) -> Iterator[bytes]:
        """Yield the bytes filed under `sha256`. Raises BundleError."""
        return self._archive.chunks(attachment_name(sha256))

    def _names(self, prefix: str) -> Iterator[str]:
        return (name for name in self._archive.members if name.startswith(prefix))


def heads_name(number: int) -> str:
    """Return the name of the member with the heads of trail `number`."""
    return f"trails/{number}/heads.jsonl"


def entries_name(number: int) -> str:
    """Return the name of the member with the entries of trail `number`."""
    return f"trails/{number}/entries.jsonl"


def attachment_name(sha256: bytes) -> str:
    """Return the name of the member with the attachment of this SHA-256."""
    return f"attachments/{sha256.hex()}"


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines, each with its newline, some hundred kilobytes at a time."""
    block: list[bytes] = []
    size = 0
    for line in lines:
        block.append(line + b"\n")
        size += len(line) + 1
        if size >= CHUNK_SIZE:
            yield b"".join(block)
            block, size = [], 0
    yield b"".join(block)
