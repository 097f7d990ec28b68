"""★3a Append entries to trails, inside the caller's transaction, and answer with receipts once it is committed.

The caller's order: `lock_trails` → `append` for each trail → its own rows → commit → second store → `receipts_of`. The commit
and the second store are one act to the caller: `lock_trails` registers the write to the second store to run right after the commit,
before anyone is answered. A crash between the two is harmless: the database is then longer than the store, which the next append
makes good.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from audit import rows
from audit.clock import now_ms
from audit.keys import receipts_signer
from audit.models import Entry, Receipt, Trail
from audit.second_store import SecondStore
from audit.tlog import entry as tlog_entry
from audit.tlog.compact import CompactRange
from audit.tlog.entry import Attachment, EntryFields, entry_leaf
from audit.tlog.merkle import Hash, root_hash
from audit.tlog.receipt import Receipt as ReceiptText
from audit.tlog.receipt import sign_receipt

ENTRY_COLUMNS = ("trail_number", "index", "kind", "received_at", "leaf_hash", "content")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry before it has an index. `body` is canonical JSON of an object; times are milliseconds UTC."""

    kind: str
    subject: str
    source: str
    sequence: int | None
    occurred_at: int
    body: bytes
    attachments: tuple[Attachment, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Appended:
    """What one append added to one trail: the entries [first, size) and their contents in order."""

    trail_number: int
    first: int
    size: int
    contents: list[bytes]


def lock_trails(numbers: Iterable[int]) -> dict[int, Trail]:
    """Lock the trails' rows in the order of their numbers until the transaction ends, and return them.

    Raises StoreMismatch where the database is shorter than, or different from, the second store: a restored database must not
    give out an index a second time.
    """
    wanted = sorted(set(numbers))
    trails = {trail.number: trail for trail in Trail.objects.select_for_update().filter(number__in=wanted).order_by("number")}
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    for trail in trails.values():
        store.check(trail.number, trail.size, bytes(trail.root))
    # `append` moves these very objects, so that one write, right after the commit, tells the store of every trail's new head.
    transaction.on_commit(lambda: store.advance([(trail.number, trail.size, bytes(trail.root)) for trail in trails.values()]))
    return trails


def append(trail: Trail, entries: Sequence[NewEntry], received_at: int) -> Appended:
    """Give `entries` the next indexes of `trail`, write them with their receipt row, and move the trail's head.

    Needs the trail locked by `lock_trails` in the open transaction; changes `trail` in place. `received_at` (milliseconds UTC) is
    raised to the trail's newest, so that it never decreases. Raises EntryError for an entry that is too large.
    """
    received_at = max(received_at, trail.received_at)
    first, trail_id = trail.size, Hash(bytes(trail.trail_id))
    contents = [
        _content(new, trail_id, first + offset, received_at, nonce)
        for offset, (new, nonce) in enumerate(zip(entries, _nonces(len(entries)), strict=True))
    ]
    leaves = [entry_leaf(content) for content in contents]
    rows.insert(
        Entry,
        ENTRY_COLUMNS,
        [
            (trail.number, first + offset, new.kind, received_at, leaf, content)
            for offset, (new, leaf, content) in enumerate(zip(entries, leaves, contents, strict=True))
        ],
    )
    _move_head(trail, leaves, received_at)
    return Appended(trail.number, first, trail.size, contents)


def receipts_of(trail_number: int, indexes: Iterable[int]) -> list[bytes]:
    """Return the signed receipts that cover `indexes` of the trail, oldest first; each is signed once and then always the same.

    Needs the entries committed and in the second store. Raises Receipt.DoesNotExist for an index that no batch covers.
    """
    found: dict[int, Receipt] = {}
    covered_to = -1
    for index in sorted(set(indexes)):
        if index < covered_to:
            continue
        receipt = Receipt.objects.filter(trail_number=trail_number, first__lte=index, size__gt=index).get()
        covered_to = receipt.size
        found[receipt.first] = receipt
    return [_signed(receipt) for receipt in found.values()]


def _nonces(count: int) -> list[bytes]:
    """Random nonces of 16 bytes each, read from the system in one call."""
    pool = os.urandom(tlog_entry.NONCE_SIZE * count)
    return [pool[start : start + tlog_entry.NONCE_SIZE] for start in range(0, len(pool), tlog_entry.NONCE_SIZE)]


def _content(new: NewEntry, trail_id: Hash, index: int, received_at: int, nonce: bytes) -> bytes:
    fields = EntryFields(
        trail_id, index, new.kind, new.subject, new.source, new.sequence, new.occurred_at, received_at, nonce, new.attachments
    )
    return tlog_entry.encode_with_body(fields, new.body)


def _move_head(trail: Trail, leaves: Sequence[Hash], received_at: int) -> None:
    """Extend the compact range and write the receipt row."""
    first = trail.size
    compact = CompactRange.decode(0, trail.size, bytes(trail.compact))
    compact.extend(leaves)
    trail.size, trail.compact, trail.root, trail.received_at = compact.end, compact.encode(), compact.root(), received_at
    # The row is locked, so the old size still stands; naming it costs nothing and catches a caller without the lock.
    moved = Trail.objects.filter(number=trail.number, size=first).update(
        size=trail.size, compact=trail.compact, root=trail.root, received_at=received_at
    )
    if moved != 1:
        raise RuntimeError(f"trail {trail.number} moved under an append that did not hold its lock")
    Receipt.objects.create(
        trail_number=trail.number,
        first=first,
        size=trail.size,
        batch_root=root_hash(leaves),
        root=trail.root,
        received_at=received_at,
    )


def _signed(receipt: Receipt) -> bytes:
    """Sign the receipt now, or return what another process has signed first."""
    if receipt.note is None:
        Receipt.objects.filter(pk=receipt.pk, note__isnull=True).update(note=_sign(receipt))
        receipt.refresh_from_db(fields=["note"])
    if receipt.note is None:
        raise RuntimeError(f"receipt of trail {receipt.trail_number} at {receipt.size} was signed and is not there")
    return bytes(receipt.note)


def _sign(receipt: Receipt) -> bytes:
    trail = Trail.objects.only("trail_id").get(number=receipt.trail_number)
    text = ReceiptText(
        origin=settings.LOG_ORIGIN,
        trail=receipt.trail_number,
        trail_id=Hash(bytes(trail.trail_id)),
        first=receipt.first,
        size=receipt.size,
        batch_root=Hash(bytes(receipt.batch_root)),
        root=Hash(bytes(receipt.root)),
        received_at=receipt.received_at,
        commit_by=now_ms() + 2 * settings.LOG_MAXIMUM_MS,
    )
    return sign_receipt(text, receipts_signer())
