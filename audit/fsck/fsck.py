"""Check the whole ledger against its own bytes: every entry, head, receipt, epoch and signature,
and the second store.

    for defect in fsck():
        print(defect)          # trail 7, entry 812: its content hashes to 9c…, its row has 77…

Everything that can be computed is computed again from the stored bytes, in passes: each trail from
its genesis on (`fsck_trail`, `fsck_receipts`), each epoch's record, checkpoint and heads tree
(`fsck_log`), and attachments; and who is let in is compared with what the operator's trail tells of
people and tokens (`fsck_rights`). It reads only, may run beside appends and seals, and goes on
after a defect. FORMATS.md sections 2.3, 2.4 and 2.9.
"""

import hashlib
from collections.abc import Callable, Iterator

from django.conf import settings

from audit.errors import NOT_OPEN, KeyFileError, LedgerMissing, StoreError, StoreNotAdopted
from audit.fsck.defect import Defect
from audit.fsck.log import check_log
from audit.fsck.rights import check_rights
from audit.fsck.trail import TRAILS, TrailRow, check_trail
from audit.jobs.progress import Progress, silent
from audit.log.keys import log_signer, receipts_signer
from audit.models import Entry, Receipt, Seal
from audit.storage import raw
from audit.storage.second_store import SecondStore
from audit.storage.second_store_lines import Contents
from audit.tlog.note import Signer, VerifierKey

_ORPHANS = (
    "SELECT DISTINCT trail_number FROM audit_entry "
    "WHERE NOT EXISTS (SELECT 1 FROM audit_trail WHERE number = trail_number) ORDER BY trail_number"
)
_BEYOND = (
    'SELECT number, size, "index" FROM audit_trail '
    'JOIN audit_entry ON trail_number = number AND "index" >= size '
    'ORDER BY number, "index"'
)
_ATTACHMENTS = "SELECT sha256 FROM audit_attachment ORDER BY sha256"
_ATTACHMENT = "SELECT content FROM audit_attachment WHERE sha256 = %s"


def fsck(progress: Progress = silent) -> Iterator[Defect]:
    """Yield every defect of the ledger. Needs no open transaction. Raises LedgerMissing where there
    never was one."""
    defects: list[Defect] = []
    # In this order: what is read later can only be ahead, should somebody append or seal meanwhile.
    published = _newest_epoch(checkpoint__isnull=False)
    remembered = _remembered(defects)
    newest = _newest_epoch()
    trails = [TrailRow._make(row) for row in raw.read(TRAILS)]
    if not trails and newest is None and not _is_remembered():
        raise LedgerMissing(NOT_OPEN)
    has_receipts = Receipt.objects.filter(note__isnull=False).exists()
    receipts_key = _key(receipts_signer, defects) if has_receipts else None
    log_key = None if published is None else _key(log_signer, defects)
    yield from defects
    yield from _check_numbers(trails, remembered)
    total, done = sum(trail.size for trail in trails), 0
    for trail in trails:
        for finding in check_trail(
            trail, newest or 0, remembered.heads.get(trail.number), receipts_key
        ):
            if isinstance(finding, Defect):
                yield finding
            else:
                progress(done + finding, total, "reading entries")
        done += trail.size
    if newest is None:
        yield Defect("there is no global log, want at least its genesis")
    else:
        yield from check_log(newest, published, remembered, log_key, progress)
    yield from _check_attachments()
    yield from check_rights()


def _is_remembered() -> bool:
    """Whether something is left of a ledger whose trails and epochs are gone: entries, or what the
    second store remembers."""
    try:
        return (
            Entry.objects.exists() or SecondStore.at(settings.SECOND_STORE_DIR).fleet() is not None
        )
    except StoreError:
        return True


def _newest_epoch(**conditions: bool) -> int | None:
    return (
        Seal.objects.filter(**conditions).order_by("-epoch").values_list("epoch", flat=True).first()
    )


def _remembered(defects: list[Defect]) -> Contents:
    """Return what the second store says; without a fleet where it cannot be read."""
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    try:
        return Contents(store.fleet(), dict(store.heads()), store.checkpoint())
    except (StoreError, StoreNotAdopted) as error:
        defects.append(Defect(str(error)))
        return Contents()


def _key(signer: Callable[[], Signer], defects: list[Defect]) -> VerifierKey | None:
    """Return the public key, None where its file is not as it should be: then no signature by it
    can be checked."""
    try:
        return signer().verifier_key
    except KeyFileError as error:
        defects.append(Defect(f"signatures are not checked: {error}"))
        return None


def _check_numbers(trails: list[TrailRow], remembered: Contents) -> Iterator[Defect]:
    numbers = {trail.number for trail in trails}
    expected = remembered.heads.keys() | set(range(max(numbers, default=-1) + 1))
    for number in sorted(expected - numbers):
        yield Defect(
            "it is missing, want every number up to the newest and all that the second store "
            "remembers",
            number,
        )
    for (number,) in raw.read(_ORPHANS):
        yield Defect("it has entries and no row of its own", number)
    for number, size, index in raw.read(_BEYOND):
        yield Defect(f"it lies beyond the trail's size of {size}", number, index)


def _check_attachments() -> Iterator[Defect]:
    for (sha256,) in raw.read(_ATTACHMENTS):
        for (content,) in raw.read(_ATTACHMENT, [sha256]):
            actual = hashlib.sha256(content).hexdigest()
            if actual != sha256.hex():
                yield Defect(f"attachment {sha256.hex()}: its bytes hash to {actual}")
