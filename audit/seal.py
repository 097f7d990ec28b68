"""★3b Seal: close an epoch. All trail heads go into one tree, its root into the global log, whose
checkpoint is signed.

    1. Publish what an earlier seal left pending, with identical bytes.
    2. Compare with the second store: a restored database signs nothing.
    3. Read all heads at one moment, and compute each changed root again from the stored bytes.
    4. Commit the epoch's record, its heads, and what the next seal goes on from.
    5. Remember heads and checkpoint in the second store, then sign, then publish.

A crash anywhere leaves either no epoch or a pending one. What is signed follows from the committed
rows alone, and an Ed25519 signature from the key and the text, so a retry gives the same bytes.
FORMATS.md sections 2.3 and 2.9.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings
from django.db import connection

from audit import clock
from audit.errors import SealError, StoreMismatch
from audit.log.genesis import check_settings
from audit.log.heads import TrailState, changed_heads, read_trail_states, write_heads
from audit.log.keys import log_signer
from audit.models import Seal, TrailHead
from audit.storage import locks, raw
from audit.storage.second_store import SecondStore
from audit.storage.second_store_lines import Head, in_words
from audit.tlog import heads
from audit.tlog.checkpoint import Checkpoint, check_origin
from audit.tlog.compact import CompactRange
from audit.tlog.errors import HeadError
from audit.tlog.merkle import Hash
from audit.tlog.note import sign_note

logger = logging.getLogger(__name__)


def seal(*, actor: str) -> Seal:
    """Close one epoch and return it, published. Needs no open transaction.

    Raises LedgerMissing, WrongLedger; StoreMismatch, StoreNotAdopted and StoreError; SealError
    where the stored bytes do not lead to the heads on record. Nothing is signed then, and appending
    goes on."""
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    with _one_sealer(store):
        # This is the log that the settings and the second store mean: its genesis says so for ever.
        store.check_fleet(check_settings().fleet)
        for pending in Seal.objects.filter(checkpoint__isnull=True).order_by("epoch"):
            _publish(pending, store)
        closed = _publish(_close(store), store)
    logger.info("epoch %d closed by %s: %d trails", closed.epoch, actor, closed.trails)
    return closed


def checkpoint_text(epoch: int, root: bytes | memoryview) -> bytes:
    """Return the text of the checkpoint that covers the records 0 … `epoch`."""
    return Checkpoint(check_origin(settings.LOG_ORIGIN), epoch + 1, Hash(bytes(root))).encode()


def global_range(previous: Seal) -> CompactRange:
    """Return the compact range of the global log up to and with `previous`. Raises SealError where
    it does not lead to the root on record."""
    if previous.epoch == 0:
        compact = CompactRange.empty()
        compact.append(heads.record_leaf(bytes(previous.record)))
    else:
        compact = CompactRange.decode(0, previous.epoch + 1, bytes(previous.compact))
    if compact.root() != bytes(previous.root):
        raise SealError(
            f"global log at epoch {previous.epoch}: stored hashes lead to {compact.root().hex()}, "
            f"{_want(previous.root)}"
        )
    return compact


@contextlib.contextmanager
def _one_sealer(store: SecondStore) -> Iterator[None]:
    """Hold the sealing lock for as long as several transactions take.

    Not inside a transaction: the snapshot of one that waited for the lock would be older than the
    lock."""
    if connection.vendor != "postgresql":
        with store.sealing():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [locks.SEALING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [locks.SEALING])


def _close(store: SecondStore) -> Seal:
    """Write the next epoch's record and heads, pending."""
    # Read before the snapshot: an append may come between, and then the database is ahead, which is
    # well.
    remembered = store.heads()
    with raw.one_snapshot(durable=True):
        previous = _newest(store)
        states = read_trail_states()
        _check_states(states, previous, remembered)
        changed = changed_heads(states, remembered)
        epoch = previous.epoch + 1
        record = _record(epoch, previous, states)
        compact = global_range(previous)
        compact.append(heads.record_leaf(heads.encode_epoch_record(record)))
        write_heads(epoch, changed)
        return Seal.objects.create(
            epoch=epoch,
            record=heads.encode_epoch_record(record),
            closed_at=record.closed_ms,
            trails=record.trails,
            root=compact.root(),
            compact=compact.encode(),
        )


def _newest(store: SecondStore) -> Seal:
    """Return the newest epoch. Its checkpoint must be the one that the second store remembers."""
    newest = Seal.objects.latest("epoch")
    remembered, known = store.checkpoint(), checkpoint_text(newest.epoch, newest.root)
    if remembered != known:
        raise StoreMismatch(
            f"the second store remembers the checkpoint {in_words(remembered)}, the database has "
            f"{in_words(known)}"
        )
    return newest


def _check_states(
    states: Sequence[TrailState], previous: Seal, remembered: Mapping[int, Head]
) -> None:
    """Check that no trail is missing, shorter than before or than the second store knows, or
    changed in place."""
    if len(states) < previous.trails:
        raise SealError(
            f"there are {len(states)} trails, want at least the {previous.trails} of epoch "
            f"{previous.epoch}"
        )
    numbers = {state.head.number for state in states}
    if missing := remembered.keys() - numbers:
        raise StoreMismatch(
            f"the second store remembers the trails {sorted(missing)}, which the database has not"
        )
    for state in states:
        state.check(remembered.get(state.head.number))


def _record(epoch: int, previous: Seal, states: Sequence[TrailState]) -> heads.EpochRecord:
    try:
        root = heads.heads_root(epoch, (state.head for state in states))
    except HeadError as error:
        raise SealError(f"epoch {epoch}: {error}") from error
    # Taken after the snapshot, so that what the epoch holds was received before; and a clock set
    # back still goes on.
    closed = max(clock.now_ms(), previous.closed_at + 1)
    return heads.EpochRecord(epoch, closed, len(states), root)


def _publish(pending: Seal, store: SecondStore) -> Seal:
    """Sign the committed epoch and publish its checkpoint."""
    text, before = _check_pending(pending)
    # The epoch's heads first: what is signed must be remembered.
    changed = TrailHead.objects.filter(epoch=pending.epoch).values_list(
        "trail_number", "size", "root"
    )
    store.advance((number, size, bytes(root)) for number, size, root in changed.iterator())
    # Only one text for each size is ever signed: compared and set where all sealers look, on the
    # disk before the signature.
    store.set_checkpoint(before, text)
    note = sign_note(text, [log_signer()])
    Seal.objects.filter(epoch=pending.epoch, checkpoint__isnull=True).update(checkpoint=note)
    return Seal.objects.get(epoch=pending.epoch)


def _check_pending(pending: Seal) -> tuple[bytes, bytes | None]:
    """Return the text to sign and the text signed before it, having computed the root again from
    the record's bytes."""
    text = checkpoint_text(pending.epoch, pending.root)
    if pending.epoch == 0:
        global_range(pending)
        return text, None
    previous = Seal.objects.get(epoch=pending.epoch - 1)
    compact = global_range(previous)
    compact.append(heads.record_leaf(bytes(pending.record)))
    if compact.root() != bytes(pending.root):
        raise SealError(
            f"epoch {pending.epoch}: its record leads to the root {compact.root().hex()}, "
            f"{_want(pending.root)}"
        )
    return text, checkpoint_text(previous.epoch, previous.root)


def _want(root: bytes | memoryview) -> str:
    return f"want {bytes(root).hex()}"
