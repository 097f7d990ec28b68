"""★3a Append entries to trails, inside the caller's transaction, and answer with receipts once it
is committed.

The caller's order: `lock_trails` → `append` (or `append_each`) → its own rows → commit → second
store → `receipts_for`. The commit and the second store are one act to the caller: `lock_trails`
registers the write to the second store to run right after the commit, before anyone is answered. A
crash between the two is harmless: the database is then longer than the store, which the next append
makes good.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from typing import Protocol

from django.conf import settings
from django.db import transaction
from msgspec import Struct

from audit.errors import NOT_OPEN, LedgerMissing
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Entry, Receipt, Trail
from audit.storage import rows
from audit.storage.second_store import SecondStore
from audit.tlog import entry as tlog_entry
from audit.tlog.compact import CompactRange
from audit.tlog.entry import Attachment, entry_leaves
from audit.tlog.merkle import Hash, root_hash

ENTRY_COLUMNS = ("trail_number", "index", "kind", "received_at", "leaf_hash", "content")
RECEIPT_COLUMNS = ("trail_number", "first", "size", "batch_root", "root", "received_at")
HEAD_COLUMNS = ("size", "compact", "root", "received_at")


class Unplaced(Protocol):
    """An entry before it has an index. `body` is canonical JSON of an object; times are
    milliseconds UTC."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def sequence(self) -> int | None: ...
    @property
    def occurred_at(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def attachments(self) -> tuple[Attachment, ...]: ...


class NewEntry(Struct, frozen=True, gc=False):
    """An entry before it has an index, of a caller that has nothing of this form already."""

    kind: str
    subject: str
    source: str
    sequence: int | None
    occurred_at: int
    body: bytes
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """What one append added to one trail: the entries [first, size) and their contents in order."""

    trail_number: int
    first: int
    size: int
    contents: list[bytes]


def lock_trails(numbers: Iterable[int]) -> dict[int, Trail]:
    """Lock the trails' rows in the order of their numbers until the transaction ends, and return
    them.

    Raises LedgerMissing for a trail that is not there, and StoreMismatch where the database is
    shorter than, or different from, the second store: a restored database must not give out an
    index a second time.
    """
    ordered = sorted(set(numbers))
    trails = {
        trail.number: trail
        for trail in Trail.objects.select_for_update().filter(number__in=ordered).order_by("number")
    }
    if missing := [number for number in ordered if number not in trails]:
        raise LedgerMissing(
            NOT_OPEN
            if missing[0] in (FLEET_NUMBER, OPERATOR_NUMBER)
            else f"there is no trail {missing[0]}"
        )
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    for trail in trails.values():
        store.check(trail.number, trail.size, bytes(trail.root))
    # `append` moves these very objects, so that one write, right after the commit, tells the store
    # of every trail's new head.
    transaction.on_commit(
        lambda: store.advance(
            [(trail.number, trail.size, bytes(trail.root)) for trail in trails.values()]
        )
    )
    return trails


def append(trail: Trail, entries: Sequence[Unplaced], received_at: int) -> Appended:
    """Append to one trail; as `append_each`."""
    (added,) = append_each([(trail, entries)], received_at)
    return added


def append_each(
    news: Sequence[tuple[Trail, Sequence[Unplaced]]], received_at: int
) -> list[Appended]:
    """Give the entries of each trail its next indexes, write them with a receipt row a trail, and
    move the trails' heads.

    Needs the trails locked by `lock_trails` in the open transaction; changes them in place.
    `received_at` (milliseconds UTC) is raised to each trail's newest, so that it never decreases.
    Raises EntryError for an entry that is too large.
    """
    added: list[Appended] = []
    entry_rows: list[tuple[object, ...]] = []
    receipt_rows: list[tuple[object, ...]] = []
    head_rows: list[tuple[object, ...]] = []
    for trail, entries in news:
        batch_at, first = max(received_at, trail.received_at), trail.size
        contents = _contents(trail, entries, batch_at)
        leaves = entry_leaves(contents)
        entry_rows += zip(
            repeat(trail.number),
            count(first),
            [new.kind for new in entries],
            repeat(batch_at),
            leaves,
            contents,
        )
        _move_head(trail, leaves, batch_at)
        receipt_rows.append(
            (trail.number, first, trail.size, root_hash(leaves), trail.root, batch_at)
        )
        head_rows.append((trail.size, trail.compact, trail.root, batch_at, trail.number, first))
        added.append(Appended(trail.number, first, trail.size, contents))
    rows.insert(Entry, ENTRY_COLUMNS, entry_rows)
    rows.insert(Receipt, RECEIPT_COLUMNS, receipt_rows)
    # The rows are locked, so the old sizes still stand; naming them costs nothing and catches a
    # caller without the locks.
    if rows.update_each(Trail, HEAD_COLUMNS, ("number", "size"), head_rows) != len(head_rows):
        raise RuntimeError("a trail moved under an append that did not hold its lock")
    return added


def _contents(trail: Trail, entries: Sequence[Unplaced], received_at: int) -> list[bytes]:
    write = tlog_entry.Writer(Hash(bytes(trail.trail_id)), received_at).content
    size = tlog_entry.NONCE_SIZE
    nonces = os.urandom(size * len(entries))  # in one call
    return [
        write(
            index,
            new.kind,
            new.subject,
            new.source,
            new.sequence,
            new.occurred_at,
            nonces[offset : offset + size],
            new.attachments,
            new.body,
        )
        for index, offset, new in zip(
            count(trail.size), range(0, len(nonces), size), entries, strict=False
        )
    ]


def _move_head(trail: Trail, leaves: Sequence[Hash], received_at: int) -> None:
    compact = CompactRange.decode(0, trail.size, bytes(trail.compact))
    compact.extend(leaves)
    trail.size, trail.compact, trail.root, trail.received_at = (
        compact.end,
        compact.encode(),
        compact.root(),
        received_at,
    )
