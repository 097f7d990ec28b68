"""The entries of a verified bundle, for a program that goes on from the proof, such as a replay.

report = verify_bundle(path, trust, pin)
if report.proved:
    for content, entry in verified_entries(path, report, pin.number): …
"""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from audit.tlog.bundle import Bundle
from audit.tlog.compact import CompactRange
from audit.tlog.entry import Entry, decode, entry_leaf
from audit.tlog.errors import BundleError
from audit.verifier.report import Report


def verified_entries(path: Path, report: Report, number: int) -> Iterator[tuple[bytes, Entry]]:
    """Yield content and entry of trail `number`, in order, from index 1 on. Its genesis is
    `report.trail(number).genesis`.

    The file is read a second time, and someone may have replaced it. So the entries are hashed
    again, and after the last one BundleError is raised if they are not those of the report. Discard
    what you made of them then. Raises KeyError for a trail of which nothing is proved, TlogError,
    OSError."""
    head = report.trail(number).head
    tree = CompactRange.empty()
    with Bundle.open(path) as bundle:
        contents = islice(bundle.entries(number), head.size)
        for content in contents:
            tree.append(entry_leaf(content))
            if tree.size > 1:
                yield content, decode(content)
    if (tree.size, tree.root()) != (head.size, head.root):
        raise BundleError(
            f"{path} is not the file that was verified: trail {number} has other entries now"
        )


def verified_attachment(path: Path, sha256: bytes, limit: int) -> bytes:
    """Return the attachment that a verified entry names by `sha256`, at most `limit` bytes. Raises
    BundleError, also when it is withheld, and OSError."""
    with Bundle.open(path) as bundle:
        data = b""
        for chunk in bundle.attachment(sha256):
            data += chunk
            if len(data) > limit:
                raise BundleError(f"attachment {sha256.hex()} has more than {limit} bytes")
    if hashlib.sha256(data).digest() != sha256:
        raise BundleError(
            f"attachment {sha256.hex()} has SHA-256 {hashlib.sha256(data).hexdigest()}"
        )
    return data
