"""Receipts: what a sender holds in hand of its entries, signed once and then always the same.

A receipt binds a trail, its size and its root (`audit.tlog.receipt`). It is signed after the commit
and after the second store holds the head: a signed receipt of something that a crash takes back
would be a lie.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction

from audit.clock import now_ms
from audit.log.keys import receipts_signer
from audit.models import Receipt, Trail
from audit.storage import raw, rows
from audit.storage.second_store import SecondStore
from audit.tlog.merkle import Hash
from audit.tlog.note import Signer
from audit.tlog.receipt import Receipt as ReceiptText
from audit.tlog.receipt import sign_receipt


def receipts_of(trail_number: int, indexes: Iterable[int]) -> list[bytes]:
    """Return the signed receipts that cover `indexes` of one trail; as `receipts_for`."""
    return receipts_for((trail_number, index) for index in indexes)


def receipts_for(entries: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return the signed receipts that cover entries (trail, index), in the order of trail and
    index.

    Each is signed once and then always the same. Needs the entries committed and in the second
    store. Raises Receipt.DoesNotExist for an entry that no batch covers.
    """
    ordered = sorted(set(entries))
    receipts = _covering(ordered)
    _check_covered(ordered, receipts)
    _sign_missing([receipt for receipt in receipts if receipt.note is None])
    for receipt in receipts:
        if receipt.note is None:
            receipt.refresh_from_db(fields=["note"])
    return [bytes(receipt.note) for receipt in receipts if receipt.note is not None]


def _covering(entries: Sequence[tuple[int, int]]) -> list[Receipt]:
    """The first receipts that reach beyond each of the entries (trail, index), in the order of
    trail and size."""
    source, (trail, index), params = rows.as_table(("integer", "bigint"), entries)
    receipt = (
        f"SELECT id FROM audit_receipt r WHERE r.trail_number = {trail} "  # noqa: S608 - no values in it
        f"AND r.size > {index} ORDER BY r.size LIMIT 1"
    )
    statement = f"SELECT DISTINCT ({receipt}) FROM {source}"  # noqa: S608 - no values in it
    keys = {key for (key,) in raw.read(statement, params) if key is not None}
    return list(Receipt.objects.filter(id__among=keys).order_by("trail_number", "size"))


def _check_covered(entries: Sequence[tuple[int, int]], receipts: Sequence[Receipt]) -> None:
    """Check that each of the entries, which are sorted as the receipts are, lies within one. Raises
    Receipt.DoesNotExist."""
    rest = iter(receipts)
    receipt = next(rest, None)
    for trail, index in entries:
        while receipt is not None and (receipt.trail_number, receipt.size) <= (trail, index):
            receipt = next(rest, None)
        if receipt is None or receipt.trail_number != trail or receipt.first > index:
            raise Receipt.DoesNotExist(f"no batch covers entry {index} of trail {trail}")


def _sign_missing(receipts: Sequence[Receipt]) -> None:
    """Sign receipts that nobody has signed yet; where another process is first, its note stays."""
    if not receipts:
        return
    # A process may have died between its commit and the store; a receipt must not promise what the
    # store does not know.
    heads = [(receipt.trail_number, receipt.size, bytes(receipt.root)) for receipt in receipts]
    SecondStore.at(settings.SECOND_STORE_DIR).advance(heads)
    numbers = sorted({receipt.trail_number for receipt in receipts})
    ids = dict(Trail.objects.filter(number__in=numbers).values_list("number", "trail_id"))
    signer = receipts_signer()
    notes = [
        (_sign(receipt, Hash(bytes(ids[receipt.trail_number])), signer), receipt.pk)
        for receipt in receipts
    ]
    with transaction.atomic():
        signed = rows.update_each(Receipt, ("note",), ("id",), notes, also="note IS NULL")
    if signed == len(notes):  # else the caller reads what stands there now
        for receipt, (note, _) in zip(receipts, notes, strict=True):
            receipt.note = note


def _sign(receipt: Receipt, trail_id: Hash, signer: Signer) -> bytes:
    text = ReceiptText(
        origin=settings.LOG_ORIGIN,
        trail=receipt.trail_number,
        trail_id=trail_id,
        first=receipt.first,
        size=receipt.size,
        batch_root=Hash(bytes(receipt.batch_root)),
        root=Hash(bytes(receipt.root)),
        received_at=receipt.received_at,
        commit_by=now_ms() + 2 * settings.LOG_MAXIMUM_MS,
    )
    return sign_receipt(text, signer)
